"""What people type about app passwords, sender identities and websites."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from mailboxes.access.networks import networks_of
from mailboxes.access.services import PROTOCOLS
from mailboxes.forms import ServiceForm
from mailboxes.models.access import LABEL_MOST

PROTOCOL_WORDS = {
    "imap": _("Reading mail (IMAP)"),
    "pop3": _("Fetching mail (POP3)"),
    "smtp": _("Sending mail (SMTP)"),
    "sieve": _("Editing filters (ManageSieve)"),
}
_PLAIN = {"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}


def _networks_field() -> forms.CharField:
    return forms.CharField(
        label=_("Only from these networks"),
        required=False,
        max_length=4000,
        help_text=_(
            "Addresses such as 192.0.2.7 or 198.51.100.0/24, with a comma between. Empty: from anywhere."
        ),
        widget=forms.TextInput(attrs={"class": "mono", **_PLAIN}),
    )


def _label_field(label: Any, hint: Any) -> forms.CharField:
    return forms.CharField(
        label=label,
        help_text=hint,
        max_length=LABEL_MOST,
        error_messages={"required": _("Write what it is for, so that you know it again.")},
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )


class WithNetworks(ServiceForm):
    def clean_networks(self) -> list[str]:
        return self.checked(networks_of, self.cleaned_data["networks"])


class AppPasswordForm(WithNetworks):
    label = _label_field(_("Name"), _("The device or program, such as “Phone”."))
    protocols = forms.MultipleChoiceField(
        label=_("May be used for"),
        choices=list(PROTOCOL_WORDS.items()),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Tick what it may be used for.")},
    )
    networks = _networks_field()
    expires = forms.DateField(
        label=_("Last day"),
        required=False,
        help_text=_("After this day it works no longer. Empty: until you revoke it."),
        error_messages={"invalid": _("Write a day such as 2030-12-31.")},
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )

    def clean_protocols(self) -> dict[str, bool]:
        return {name: name in self.cleaned_data["protocols"] for name in PROTOCOLS}

    def clean_expires(self) -> dt.datetime | None:
        """The end of that day, where the person is."""
        day: dt.date | None = self.cleaned_data["expires"]
        if day is None:
            return None
        if not 2000 <= day.year <= 9000:
            raise forms.ValidationError(_("Write a day such as 2030-12-31."))
        end = dt.datetime.combine(day + dt.timedelta(days=1), dt.time())
        return timezone.make_aware(end)


class IdentityForm(ServiceForm):
    address = forms.CharField(
        label=_("Address"),
        max_length=320,
        help_text=_("An address of one of your own domains, such as info@example.com."),
        error_messages={"required": _("Write the whole address, such as info@example.com.")},
        widget=forms.TextInput(attrs={"class": "mono", "inputmode": "email", **_PLAIN}),
    )


class ProtocolsForm(ServiceForm):
    protocols = forms.MultipleChoiceField(
        label=_("Its user may sign in for"),
        choices=list(PROTOCOL_WORDS.items()),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    def clean_protocols(self) -> dict[str, bool]:
        return {name: name in self.cleaned_data["protocols"] for name in PROTOCOLS}


class WebsiteLimitsForm(WithNetworks):
    label = _label_field(_("Website"), _("So that you know it again, such as “Shop”."))
    networks = _networks_field()
    mails_hour = forms.IntegerField(
        label=_("Mails an hour, at most"), min_value=0, max_value=100_000, initial=100
    )
    mails_day = forms.IntegerField(
        label=_("Mails a day, at most"),
        min_value=0,
        max_value=100_000,
        initial=500,
        help_text=_(
            "If somebody breaks into the website, no more than this gets out. 0: no limit of its own."
        ),
    )


class WebsiteForm(WebsiteLimitsForm):
    field_order = ("label", "local", "sender", "networks", "mails_hour", "mails_day")

    local = forms.CharField(
        label=_("User name"),
        max_length=200,
        initial="website",
        help_text=_("What the website signs in with. No mailbox may have this name."),
        widget=forms.TextInput(attrs={"class": "mono", **_PLAIN}),
    )
    sender = forms.CharField(
        label=_("Sends as"),
        max_length=320,
        help_text=_("The address that its mails come from, at one of your domains."),
        widget=forms.TextInput(attrs={"class": "mono", "inputmode": "email", **_PLAIN}),
    )


class WebsiteSendersForm(ServiceForm):
    senders = forms.CharField(
        label=_("May send as"),
        max_length=20_000,
        help_text=_("Addresses at your own domains, a line each."),
        widget=forms.Textarea(attrs={"class": "mono", "rows": 3, **_PLAIN}),
    )

    def clean_senders(self) -> list[str]:
        return [line.strip() for line in self.cleaned_data["senders"].splitlines() if line.strip()]


class TestMailForm(ServiceForm):
    __test__ = False  # for pytest

    to = forms.EmailField(
        label=_("To"),
        max_length=254,
        help_text=_("An address that you can read, such as your own."),
        widget=forms.TextInput(attrs={"class": "mono", "inputmode": "email", **_PLAIN}),
    )
