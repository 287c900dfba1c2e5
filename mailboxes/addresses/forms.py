"""What people type about forwarders."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from lib.names import normalise_local
from mailboxes.addresses.domains import DISCARD
from mailboxes.addresses.typed import address_of, targets_of
from mailboxes.forms import ServiceForm
from mailboxes.models import Alias, MailDomain

REFUSE, DELIVER = "refuse", "deliver"
_MONO = {"class": "mono", "autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}


def _targets_field(*, required: bool = True) -> forms.CharField:
    return forms.CharField(
        label=_("Goes to"),
        required=required,
        help_text=_("One address on each line. Addresses at other providers must say yes first."),
        error_messages={"required": _("Write at least one address where the mail shall go.")},
        widget=forms.Textarea(attrs=_MONO | {"rows": 4}),
    )


class TargetsForm(ServiceForm):
    targets = _targets_field()

    def clean_targets(self) -> list[str]:
        return self.checked(targets_of, self.cleaned_data["targets"])


class AliasForm(TargetsForm):
    field_order = ("local", "targets")
    local = forms.CharField(
        label=_("Address"),
        help_text=_("Mail to this address goes on. It needs no mailbox of its own."),
        error_messages={"required": _("Write what comes before the @, such as info.")},
        widget=forms.TextInput(attrs=_MONO | {"autofocus": True}),
    )

    def __init__(self, *args: Any, domain: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.domain = domain

    def clean_local(self) -> str:
        typed = self.cleaned_data["local"].strip()
        return self.checked(normalise_local, typed.removesuffix(f"@{self.domain}"))


class ForwardingForm(ServiceForm):
    """Nothing in ``targets``: stop."""

    targets = _targets_field(required=False)
    keep = forms.BooleanField(
        label=_("Keep a copy in this mailbox"),
        required=False,
        help_text=_("Without it, mail that is sent on is not in this mailbox any more."),
    )

    def clean_targets(self) -> list[str]:
        typed = self.cleaned_data["targets"]
        return self.checked(targets_of, typed) if typed.strip() else []


class CatchAllForm(ServiceForm):
    mode = forms.ChoiceField(
        label=_("Mail to an address that nobody has"),
        choices=[
            (REFUSE, _("Refuse it: the sender is told at once (recommended)")),
            (DISCARD, _("Discard it: it is gone, and nobody is told")),
            (DELIVER, _("Deliver it to one address")),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose one of these.")},
    )
    catch_all = forms.CharField(
        label=_("Deliver it to"),
        required=False,
        help_text=_("A mailbox or a forwarder of this account. It gets a lot of spam."),
        widget=forms.TextInput(attrs=_MONO),
    )
    plus = forms.BooleanField(
        label=_("Plus-addressing"),
        required=False,
        help_text=_("Mail to ana+shop arrives at ana. Without it, such an address is unknown."),
    )

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if cleaned.get("mode") != DELIVER:
            cleaned["catch_all"] = DISCARD if cleaned.get("mode") == DISCARD else ""
            return cleaned
        typed = cleaned.get("catch_all", "").strip()
        try:
            if not typed:
                raise forms.ValidationError(_("Write the address that shall get the mail."))
            cleaned["catch_all"] = self.checked(address_of, typed)
        except forms.ValidationError as error:
            self.add_error("catch_all", error)
        return cleaned


class ContactForm(ServiceForm):
    address = forms.CharField(
        label=_("Who gets it"),
        required=False,
        help_text=_("Empty: the oldest mailbox of the domain; without one, whoever the account belongs to."),
        widget=forms.TextInput(attrs=_MONO),
    )

    def clean_address(self) -> str:
        typed = self.cleaned_data["address"].strip()
        return self.checked(address_of, typed) if typed else ""


class DomainAliasForm(ServiceForm):
    target = forms.ModelChoiceField(
        label=_("Alias of"),
        queryset=MailDomain.objects.none(),
        empty_label=_("Choose a domain"),
        error_messages={"required": _("Choose a domain."), "invalid_choice": _("Choose one of these.")},
    )

    def __init__(self, *args: Any, targets: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["target"]
        assert isinstance(field, forms.ModelChoiceField)  # noqa: S101 - for the type checker
        field.queryset = targets


class BulkForm(ServiceForm):
    chosen = forms.ModelMultipleChoiceField(
        queryset=Alias.objects.none(), error_messages={"required": _("Tick at least one forwarder first.")}
    )

    def __init__(self, *args: Any, aliases: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        chosen = self.fields["chosen"]
        assert isinstance(chosen, forms.ModelMultipleChoiceField)  # noqa: S101 - for the type checker
        chosen.queryset = aliases


class ListForm(forms.Form):
    """What makes no sense is ignored."""

    q = forms.CharField(required=False, max_length=254)
    sort = forms.ChoiceField(required=False, choices=[("address", _("A to Z")), ("-address", _("Z to A"))])
    after = forms.CharField(required=False, max_length=400)
    before = forms.CharField(required=False, max_length=400)
