"""What is asked before settings are handed over."""

from __future__ import annotations

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from guides.handing.services import DAYS, NOTE_MOST
from mailboxes.forms import ServiceForm

_HOW_LONG = {1: _("1 day"), 7: _("7 days"), 30: _("30 days")}


class ShareForm(ServiceForm):
    days = forms.TypedChoiceField(
        label=_("How long the link works"),
        choices=[(days, _HOW_LONG[days]) for days in DAYS],
        coerce=int,
        initial=7,
    )


class SendForm(ServiceForm):
    to = forms.EmailField(
        label=_("Send to"),
        help_text=_("An address this person can read already, such as a private one."),
        max_length=254,
        error_messages={
            "required": _("Write the whole address, such as info@example.com."),
            "invalid": _("Write the whole address, such as info@example.com."),
        },
        widget=forms.EmailInput(attrs={"autocomplete": "off", "autocapitalize": "none"}),
    )
    language = forms.ChoiceField(label=_("Language of the mail"), choices=settings.LANGUAGES)
    note = forms.CharField(
        label=_("A note of yours"),
        help_text=_("Plain text. Write no password: mail is no place for one."),
        required=False,
        max_length=NOTE_MOST,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
