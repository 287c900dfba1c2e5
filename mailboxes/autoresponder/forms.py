"""What people type about an automatic answer."""

from __future__ import annotations

import datetime as dt
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from mailboxes.autoresponder import services
from mailboxes.forms import ServiceForm
from mailboxes.models import Autoresponder

MINUTES = "%Y-%m-%dT%H:%M"


def zones() -> list[tuple[str, str]]:
    """Places first, so that a person finds a city."""
    names = sorted(name for name in available_timezones() if "/" in name and not name.startswith("Etc/"))
    return [("UTC", "UTC"), *((name, name.replace("_", " ")) for name in names)]


def _moment(label: Any, help_text: Any) -> forms.DateTimeField:
    return forms.DateTimeField(
        label=label,
        required=False,
        help_text=help_text,
        input_formats=[MINUTES, f"{MINUTES}:%S", "%Y-%m-%d %H:%M", "%Y-%m-%d"],
        widget=forms.DateTimeInput(format=MINUTES, attrs={"type": "datetime-local", "class": "short"}),
        error_messages={"invalid": gettext_lazy("Write a day and a time, such as 2026-12-24 18:00.")},
    )


class AutoresponderForm(ServiceForm):
    enabled = forms.BooleanField(label=gettext_lazy("Answer automatically"), required=False)
    subject = forms.CharField(
        label=gettext_lazy("Subject"),
        max_length=services.SUBJECT_CHARACTERS,
        error_messages={"required": gettext_lazy("Write a subject, such as “Away until Monday”.")},
    )
    text = forms.CharField(
        label=gettext_lazy("Text"),
        strip=False,
        max_length=services.TEXT_CHARACTERS,
        error_messages={"required": gettext_lazy("Write what the sender shall read.")},
        widget=forms.Textarea(attrs={"rows": 8}),
    )
    starts = _moment(gettext_lazy("Begins"), gettext_lazy("Empty: at once."))
    ends = _moment(gettext_lazy("Ends"), gettext_lazy("Empty: when you switch it off."))
    zone = forms.ChoiceField(
        label=gettext_lazy("Time zone of these times"),
        choices=zones,
        error_messages={"invalid_choice": gettext_lazy("Choose a time zone from the list.")},
    )
    days = forms.IntegerField(
        label=gettext_lazy("Answer the same sender again after (days)"),
        min_value=1,
        max_value=services.DAYS_MOST,
        error_messages={
            "required": gettext_lazy("Write 1 to 60 days."),
            "invalid": gettext_lazy("Write 1 to 60 days."),
        },
        widget=forms.NumberInput(attrs={"class": "short"}),
    )
    contacts_only = forms.BooleanField(
        label=gettext_lazy("Only answer people that this mailbox has written to"),
        required=False,
        help_text=gettext_lazy("Strangers learn nothing about when you are away."),
    )

    @classmethod
    def of(cls, row: Autoresponder | None) -> AutoresponderForm:
        if row is None:
            return cls(initial={"enabled": True, "days": 7, "zone": timezone.get_current_timezone_name()})
        zone = ZoneInfo(row.zone)
        names = ("enabled", "subject", "text", "zone", "days", "contacts_only")
        initial: dict[str, Any] = {name: getattr(row, name) for name in names}
        for name in ("starts", "ends"):
            moment = getattr(row, name)
            initial[name] = moment.astimezone(zone).strftime(MINUTES) if moment else None
        return cls(initial=initial)

    def clean(self) -> dict[str, Any]:
        """The two times are those of the zone that was chosen, whatever zone the panel shows."""
        cleaned = super().clean()
        zone = cleaned.get("zone")
        for name in ("starts", "ends"):
            moment: dt.datetime | None = cleaned.get(name)
            if zone and moment is not None:
                try:
                    cleaned[name] = moment.replace(tzinfo=ZoneInfo(zone)).astimezone(dt.UTC)
                except OverflowError:
                    self.add_error(name, _("Write a day that a calendar has."))
        return cleaned
