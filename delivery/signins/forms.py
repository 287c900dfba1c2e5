"""The filter above the list of sign-ins. What is wrong is said at its field and left out; the rest still
filters."""

from __future__ import annotations

import datetime as dt
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from delivery.forms import SEARCH_MAX, YEARS, day_field
from delivery.models.signins import PROTOCOLS
from delivery.selectors import Key
from delivery.signins.selectors import SignInQuery

OK, REFUSED = "ok", "refused"


class SignInFilter(forms.Form):
    q = forms.CharField(label=_("Address, or IP address"), required=False, max_length=SEARCH_MAX)
    protocol = forms.ChoiceField(
        label=_("Protocol"),
        required=False,
        choices=[
            ("", _("All protocols")),
            *((key, PROTOCOLS[key]) for key in ("imap", "pop3", "smtp", "managesieve")),
        ],
    )
    result = forms.ChoiceField(
        label=_("Result"),
        required=False,
        choices=[("", _("Signed in or refused")), (OK, _("Signed in")), (REFUSED, _("Refused"))],
    )
    since = day_field(_("From day"))
    until = day_field(_("To day"))
    before = forms.CharField(required=False, max_length=40, widget=forms.HiddenInput)

    def clean(self) -> dict[str, Any]:
        days = {name: self.cleaned_data.get(name) for name in ("since", "until")}
        for name, day in days.items():
            if day is not None and not YEARS[0] <= day.year <= YEARS[1]:
                self.add_error(name, ValidationError(_("Nobody signed in that year. Choose another day.")))
        since, until = self.cleaned_data.get("since"), self.cleaned_data.get("until")
        if since and until and since > until:
            self.add_error("until", _("This day is before the first one. Choose a later day."))
        return self.cleaned_data

    def query(self) -> SignInQuery:
        """Call after is_valid(), whatever it said."""
        given = self.cleaned_data
        until = given.get("until")
        return SignInQuery(
            q=given.get("q", ""),
            protocol=given.get("protocol", ""),
            ok={OK: True, REFUSED: False}.get(given.get("result", "")),
            since=_midnight(given.get("since")),
            until=_midnight(until + dt.timedelta(days=1) if until else None),
            before=Key.parse(given.get("before", "")),
        )

    def kept(self) -> dict[str, str]:
        names = ("q", "protocol", "result", "since", "until")
        return {name: str(value) for name in names if (value := self.cleaned_data.get(name))}

    def link(self, **more: str) -> str:
        return f"?{urlencode(self.kept() | more)}"


def _midnight(day: dt.date | None) -> dt.datetime | None:
    return None if day is None else timezone.make_aware(dt.datetime.combine(day, dt.time.min))
