"""The filter above the list. What is wrong is said at its field and left out; the rest still filters."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from activity.models import Entry
from activity.selectors import ActivityQuery
from activity.words import THINGS
from lib import names
from lib.errors import Refused

YEARS = (2000, 2100)
_DAY = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


def _day(value: date | None) -> date | None:
    if value is not None and not YEARS[0] <= value.year <= YEARS[1]:
        raise ValidationError(_("Nothing is known of that year. Choose another day."))
    return value


class ActivityFilter(forms.Form):
    q = forms.CharField(label=_("Find a name, an address or a person"), required=False, max_length=200)
    kind = forms.ChoiceField(
        label=_("What"),
        required=False,
        choices=lambda: [
            ("", _("Everything")),
            *((model, label) for model, (label, _noun) in THINGS.items()),
        ],
    )
    action = forms.ChoiceField(
        label=_("Action"),
        required=False,
        choices=lambda: [("", _("Any action")), *((v, str(t).capitalize()) for v, t in Entry.Label.choices)],
    )
    who = forms.CharField(label=_("Who"), required=False, max_length=254)
    domain = forms.CharField(label=_("Domain"), required=False, max_length=253)
    since = forms.DateField(label=pgettext_lazy("a date", "From"), required=False, widget=_DAY)
    until = forms.DateField(label=pgettext_lazy("a date", "To"), required=False, widget=_DAY)

    def clean_domain(self) -> str:
        typed = self.cleaned_data["domain"]
        try:
            return names.normalise_domain(typed)[0] if typed else ""
        except Refused as refused:
            raise ValidationError(refused.message) from None

    def clean_since(self) -> date | None:
        return _day(self.cleaned_data["since"])

    def clean_until(self) -> date | None:
        return _day(self.cleaned_data["until"])

    def clean(self) -> dict[str, Any]:
        since, until = self.cleaned_data.get("since"), self.cleaned_data.get("until")
        if since and until and since > until:
            self.add_error("until", _("This day is before the first one. Choose a later day."))
        return self.cleaned_data

    def query(self, *, account: str = "", after: str = "") -> ActivityQuery:
        """Call after is_valid(), whatever it said."""
        given = {name: value for name, value in self.cleaned_data.items() if value}
        return ActivityQuery(**given, account=account, after=after)
