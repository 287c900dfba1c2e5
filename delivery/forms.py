"""The filter above the list. What is wrong is said at its field and left out; the rest still filters."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from delivery.explain import BY_SLUG
from delivery.models import Direction, Status
from delivery.models.filters import NAME_MAX
from delivery.selectors import Key, TrackQuery
from lib import names, timekey
from lib.errors import Refused

SEARCH_MAX = 200
YEARS = (2000, 2100)
OF_ALL = ("domain", "client", "ours")
# In the order in which the list shows them.
STATUSES = (
    Status.DELIVERED,
    Status.PROGRESS,
    Status.DEFERRED,
    Status.FAILED,
    Status.REJECTED,
    Status.HELD,
)
DAYS = ((1, _("Today")), (7, _("7 days")), (30, _("30 days")))
_KEPT = (
    "q", "status", "way", "days", "since", "until", "cause", "server", "domain", "client", "ours", "lead",
)  # fmt: skip


def _day(value: date | None) -> date | None:
    if value is not None and not YEARS[0] <= value.year <= YEARS[1]:
        raise ValidationError(_("There is no mail from that year. Choose another day."))
    return value


def day_field(label: Any) -> forms.DateField:
    return forms.DateField(
        label=label, required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )


class TrackFilter(forms.Form):
    """``everywhere``: of the list of all; ``provider``: who sees what belongs to no domain. ``own``: of one
    mailbox's mail."""

    q = forms.CharField(label=_("Address, subject, ID or answer"), required=False, max_length=SEARCH_MAX)
    status = forms.TypedMultipleChoiceField(
        label=_("Status"), required=False, choices=Status.choices, coerce=int, empty_value=[]
    )
    way = forms.TypedChoiceField(
        label=_("Direction"),
        required=False,
        coerce=int,
        empty_value=None,
        choices=[
            ("", _("In and out")),
            (Direction.IN, _("Incoming")),
            (Direction.OUT, _("Outgoing")),
            (Direction.INSIDE, _("Inside the domain")),
        ],
    )
    days = forms.TypedChoiceField(
        label=_("Days"), required=False, coerce=int, empty_value=None, choices=[("", _("Any day")), *DAYS]
    )
    since = day_field(_("From day"))
    until = day_field(_("To day"))
    cause = forms.CharField(label=_("Reason"), required=False, max_length=40, widget=forms.HiddenInput)
    server = forms.CharField(label=_("Server"), required=False, max_length=253)
    domain = forms.CharField(label=_("Domain"), required=False, max_length=253)
    client = forms.CharField(label=_("Client"), required=False, max_length=200)
    ours = forms.ChoiceField(
        label=_("Belongs to"),
        required=False,
        choices=[("", _("All mail")), ("no", _("Not for a domain here"))],
    )
    lead = forms.IntegerField(required=False, min_value=1, max_value=timekey.LAST, widget=forms.HiddenInput)
    before = forms.CharField(required=False, max_length=40, widget=forms.HiddenInput)

    def __init__(
        self, data: Any, *, everywhere: bool = False, provider: bool = False, own: bool = False
    ) -> None:
        super().__init__(data)
        for name in () if everywhere else OF_ALL:
            del self.fields[name]
        if everywhere and not provider:
            del self.fields["ours"]
        for name in ("cause", "lead") if own else ():
            del self.fields[name]

    def clean_since(self) -> date | None:
        return _day(self.cleaned_data["since"])

    def clean_until(self) -> date | None:
        return _day(self.cleaned_data["until"])

    def clean_cause(self) -> str:
        slug: str = self.cleaned_data["cause"]
        if slug and slug not in BY_SLUG:
            raise ValidationError(_("Nobody here knows this reason."))
        return slug

    def clean_domain(self) -> str:
        typed: str = self.cleaned_data["domain"]
        try:
            return names.normalise_domain(typed)[0] if typed else ""
        except Refused as error:
            raise ValidationError(error.message) from error

    def clean(self) -> dict[str, Any]:
        since, until = self.cleaned_data.get("since"), self.cleaned_data.get("until")
        if since and until and since > until:
            self.add_error("until", _("This day is before the first one. Choose a later day."))
        return self.cleaned_data

    def query(self) -> TrackQuery:
        """Call after is_valid(), whatever it said. Days that are named count more than a number of them."""
        given = self.cleaned_data
        since, until, days = given.get("since"), given.get("until"), given.get("days")
        if days and not since and not until:
            since = timezone.localdate() - timedelta(days=days - 1)
        return TrackQuery(
            q=given.get("q", ""),
            status=tuple(given.get("status", ())),
            way=given.get("way"),
            since=since,
            until=until,
            cause=given.get("cause", ""),
            server=given.get("server", ""),
            domain=given.get("domain", ""),
            client=given.get("client", ""),
            ours=given.get("ours") != "no",
            lead=given.get("lead"),
            before=Key.parse(given.get("before", "")),
        )

    def kept(self, **changes: Any) -> dict[str, Any]:
        """The filter as the address carries it, without the page; ``changes``: other values, None for
        none."""
        values = {name: self.cleaned_data.get(name) for name in _KEPT} | changes
        return {name: value for name, value in values.items() if value not in (None, "", [])}

    def link(self, **changes: Any) -> str:
        return f"?{urlencode(self.kept(**changes), doseq=True)}"


class SavedFilterForm(forms.Form):
    """``query``: what the address of the list carries; what is wrong in it is not kept."""

    name = forms.CharField(label=_("Name of this filter"), max_length=NAME_MAX)
    query = forms.CharField(required=False, max_length=4000, widget=forms.HiddenInput)

    def filter(self, *, everywhere: bool, provider: bool) -> str:
        data = QueryDict(self.cleaned_data["query"].removeprefix("?"))
        form = TrackFilter(data, everywhere=everywhere, provider=provider)
        form.is_valid()
        return form.link(lead=None).removeprefix("?")
