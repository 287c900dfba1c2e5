"""The filter above the list. What is wrong is said at its field and left out; the rest still filters."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from delivery.models import Direction, Status
from delivery.selectors import Key, TrackQuery
from lib import timekey

SEARCH_MAX = 200
YEARS = (2000, 2100)


def _day(value: date | None) -> date | None:
    if value is not None and not YEARS[0] <= value.year <= YEARS[1]:
        raise ValidationError(_("There is no mail from that year. Choose another day."))
    return value


class TrackFilter(forms.Form):
    q = forms.CharField(label=_("Address, subject or message ID"), required=False, max_length=SEARCH_MAX)
    status = forms.TypedChoiceField(
        label=_("Status"),
        required=False,
        choices=[("", _("All")), *Status.choices],
        coerce=int,
        empty_value=None,
    )
    way = forms.TypedChoiceField(
        label=_("Direction"),
        required=False,
        coerce=int,
        empty_value=None,
        choices=[("", _("In and out")), (Direction.IN, _("Incoming")), (Direction.OUT, _("Outgoing"))],
    )
    since = forms.DateField(
        label=_("From"), required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    until = forms.DateField(
        label=_("To"), required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    lead = forms.IntegerField(required=False, min_value=1, max_value=timekey.LAST, widget=forms.HiddenInput)
    before = forms.CharField(required=False, max_length=40, widget=forms.HiddenInput)

    def clean_since(self) -> date | None:
        return _day(self.cleaned_data["since"])

    def clean_until(self) -> date | None:
        return _day(self.cleaned_data["until"])

    def clean(self) -> dict[str, Any]:
        since, until = self.cleaned_data.get("since"), self.cleaned_data.get("until")
        if since and until and since > until:
            self.add_error("until", _("This day is before the first one. Choose a later day."))
        return self.cleaned_data

    def query(self) -> TrackQuery:
        """Call after is_valid(), whatever it said."""
        given = self.cleaned_data
        return TrackQuery(
            q=given.get("q", ""),
            status=given.get("status"),
            way=given.get("way"),
            since=given.get("since"),
            until=given.get("until"),
            lead=given.get("lead"),
            before=Key.parse(given.get("before", "")),
        )

    def kept(self) -> dict[str, str]:
        """The filter as the address carries it, without the page."""
        values = {
            name: self.cleaned_data.get(name) for name in ("q", "status", "way", "since", "until", "lead")
        }
        return {name: str(value) for name, value in values.items() if value not in {None, ""}}
