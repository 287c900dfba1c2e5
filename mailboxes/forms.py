"""What people type about mailboxes. A field's check is the service's own, so both say the same."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from django import forms
from django.utils.translation import gettext_lazy as _

from lib.errors import Refused
from lib.names import normalise_local
from lib.passwords import check_mailbox_password
from lib.twice import NotTwice
from mailboxes.listing import SORTS, STATES
from mailboxes.models import Mailbox
from mailboxes.sizes import parse_mb

T = TypeVar("T")


class ServiceForm(NotTwice, forms.Form):
    """A form whose last word has a service: what it refuses comes back at its field."""

    @staticmethod
    def checked(check: Callable[..., T], *values: Any) -> T:
        try:
            return check(*values)
        except Refused as refused:
            raise forms.ValidationError(refused.message) from None

    def refuse(self, refused: Refused) -> None:
        self.add_error(refused.field if refused.field in self.fields else None, refused.message)


def _quota_field() -> forms.CharField:
    return forms.CharField(
        label=_("Storage quota"),
        error_messages={"required": _("Write how much it may hold, such as 2 GB.")},
        widget=forms.TextInput(
            attrs={"class": "mono short", "autocomplete": "off", "list": "quota-sizes", "spellcheck": "false"}
        ),
    )


def _password_field() -> forms.CharField:
    attrs = {
        "class": "mono",
        "autocomplete": "new-password",
        "autocapitalize": "none",
        "spellcheck": "false",
        "data-strength": "strength",
    }
    return forms.CharField(
        label=_("Password"),
        strip=False,
        help_text=_(
            "Words are strong and easy to type on a phone. It is shown only now: copy it before you go on."
        ),
        error_messages={"required": _("Write a password, or take the one that “Another” makes.")},
        widget=forms.TextInput(attrs=attrs),
    )


class PasswordForm(ServiceForm):
    password = _password_field()

    def __init__(self, *args: Any, address: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.address = address

    def clean_password(self) -> str:
        return self.checked(check_mailbox_password, self.cleaned_data["password"], self.address)


class OwnPasswordForm(PasswordForm):
    """By the mailbox’s own user, who types the present one too."""

    present = forms.CharField(
        label=_("Password until now"),
        strip=False,
        max_length=1024,
        error_messages={"required": _("Type the password that you signed in with.")},
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )


class QuotaForm(ServiceForm):
    quota_mb = _quota_field()

    def clean_quota_mb(self) -> int:
        return self.checked(parse_mb, self.cleaned_data["quota_mb"])


class MailboxForm(ServiceForm):
    local = forms.CharField(
        label=_("Address"),
        help_text=_("Letters, digits, dots and hyphens. People will type this."),
        error_messages={"required": _("Write what comes before the @, such as ana.")},
        widget=forms.TextInput(
            attrs={
                "class": "mono",
                "autocomplete": "off",
                "autocapitalize": "none",
                "spellcheck": "false",
                "autofocus": True,
            }
        ),
    )
    password = _password_field()
    quota_mb = _quota_field()
    welcome = forms.EmailField(
        label=_("Send a welcome mail to"),
        help_text=_("Another address of whoever gets it: how to connect, never the password."),
        required=False,
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )

    def __init__(self, *args: Any, domain: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.domain = domain

    def clean_local(self) -> str:
        typed = self.cleaned_data["local"].strip()
        return self.checked(normalise_local, typed.removesuffix(f"@{self.domain}"))

    def clean_password(self) -> str:
        local = self.cleaned_data.get("local", "")
        return self.checked(check_mailbox_password, self.cleaned_data["password"], f"{local}@{self.domain}")

    def clean_quota_mb(self) -> int:
        return self.checked(parse_mb, self.cleaned_data["quota_mb"])


class BulkForm(ServiceForm):
    """What to do with the ticked rows; ``chosen`` are primary keys, those of others are simply not found."""

    ACTIONS = {"suspend": _("Suspend"), "resume": _("Resume"), "delete": _("Delete")}

    action = forms.ChoiceField(choices=list(ACTIONS.items()))
    chosen = forms.ModelMultipleChoiceField(
        queryset=Mailbox.objects.none(), error_messages={"required": _("Tick at least one mailbox first.")}
    )

    def __init__(self, *args: Any, mailboxes: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        chosen = self.fields["chosen"]
        assert isinstance(chosen, forms.ModelMultipleChoiceField)  # noqa: S101 - for the type checker
        chosen.queryset = mailboxes


class ListForm(forms.Form):
    """Search, state, order and place of the list. What makes no sense is ignored."""

    q = forms.CharField(required=False, max_length=254)
    state = forms.ChoiceField(required=False, choices=[("", _("All states")), *STATES.items()])
    sort = forms.ChoiceField(required=False, choices=list(SORTS.items()))
    after = forms.CharField(required=False, max_length=400, strip=False)
    before = forms.CharField(required=False, max_length=400, strip=False)
