"""What people type about another address."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from lib.names import normalise_local
from mailboxes.forms import ServiceForm
from mailboxes.models import MailDomain


def _label(obj: Any) -> str:
    return f"@{obj.domain.display_name}"


class RenameForm(ServiceForm):
    """``mail_domains``: where it may be."""

    local = forms.CharField(
        label=_("New address"),
        help_text=_("What comes before the @."),
        error_messages={"required": _("Write what comes before the @, such as ana.")},
        widget=forms.TextInput(
            attrs={"class": "mono", "autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}
        ),
    )
    domain = forms.ModelChoiceField(
        label=_("Domain"),
        queryset=MailDomain.objects.none(),
        empty_label=None,
        error_messages={"invalid_choice": _("Choose one of your domains on the same mail server.")},
    )
    keep_old = forms.BooleanField(
        label=_("Keep the old address as an alias"),
        help_text=_("Mail to the old address still arrives in this mailbox."),
        required=False,
        initial=True,
    )

    def __init__(self, *args: Any, mail_domains: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        domain = self.fields["domain"]
        assert isinstance(domain, forms.ModelChoiceField)  # noqa: S101 - for the type checker
        domain.queryset = mail_domains
        domain.label_from_instance = _label  # type: ignore[method-assign]  # as Django means it to be

    def clean_local(self) -> str:
        return self.checked(normalise_local, self.cleaned_data["local"].strip())
