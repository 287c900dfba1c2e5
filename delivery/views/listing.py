"""What the list's views share. With ``name``: the list of one domain; without: of all that the person may
see."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from accounts.access import Right, domain_or_404, is_provider, may, may_somewhere, require_somewhere
from accounts.models import Domain
from delivery import selectors
from delivery.explain import BY_SLUG
from delivery.forms import DAYS, STATUSES, TrackFilter
from delivery.models import Entry, Status
from delivery.paging import TooLongError, patient
from delivery.selectors import Page, TrackQuery
from delivery.views.rows import LOOKS

HELP = (
    ("ana@example.com", _l("an address, as sender, recipient, alias or who signed in")),
    ("example.com", _l("every address of that domain")),
    ("from:ana to:ben", _l("from an address that begins with ana, to one that begins with ben")),
    ('subject:"invoice 7"', _l("words of the subject")),
    ("id:abc@mail.example", _l("the message ID, from the headers of a mail")),
    ("queue:4jXFb45vvCz", _l("the queue ID, as servers name it in their answers")),
    ("server:mx.example.com", _l("the other server, by its name or IP address")),
    ('answer:"mailbox full"', _l("words of the answer of a mail that was not delivered")),
)

MEANINGS = {
    Status.PROGRESS: _l("In progress: here, and on its way. What becomes of it shows within seconds."),
    Status.DELIVERED: _l("Delivered: in the mailbox, or taken by the other server."),
    Status.DEFERRED: _l(
        "Deferred: not taken yet. It is tried again by itself. Mostly there is nothing to do."
    ),
    Status.FAILED: _l("Failed: given up. Its sender was told, with the reason."),
    Status.REJECTED: _l("Rejected: refused before it was taken. The server that sent it tells its sender."),
    Status.HELD: _l("Held: waits here until somebody lets it go."),
}


@dataclass(frozen=True)
class Place:
    """The list that is asked for. ``domain`` None: of all."""

    request: HttpRequest
    domain: Domain | None

    @cached_property
    def form(self) -> TrackFilter:
        form = TrackFilter(self.request.GET, everywhere=self.domain is None, provider=self.provider)
        form.is_valid()
        return form

    @cached_property
    def query(self) -> TrackQuery:
        return self.form.query()

    @property
    def provider(self) -> bool:
        return is_provider(self.request.user)

    @property
    def can_tell(self) -> bool:
        """May send notices once more, here or somewhere."""
        if self.domain is None:
            return may_somewhere(self.request.user, Right.MANAGE)
        return may(self.request.user, Right.MANAGE, account=self.domain.account, domain=self.domain)

    def url(self, what: str = "") -> str:
        """Of the list, or of its ``news``, ``export``, ``filters``, ``notices``."""
        name = "track" if self.domain else "track-all"
        args = [self.domain.name] if self.domain else []
        return reverse(f"{name}-{what}" if what else name, args=args)

    def names(self, rows: Collection[Entry]) -> dict[int, str]:
        if self.domain:
            return {self.domain.pk: self.domain.name}
        return selectors.domain_names({row.domain_id for row in rows})

    def page(self, query: TrackQuery) -> Page:
        """What fits. What is looked for too long is not looked for any more: no rows then, and the form says
        so."""
        if not self.form.kept():
            return selectors.page(self.request.user, self.domain, query)
        try:
            with patient():
                return selectors.page(self.request.user, self.domain, query)
        except TooLongError:
            self.form.add_error(None, _("That took too long to find. Choose fewer days, or one domain."))
            return Page([], None)

    def frame(self) -> dict[str, Any]:
        return {
            "domain": self.domain,
            "nav": "track",
            "parent": "domain_base.html" if self.domain else "base.html",
            "list_url": self.url(),
            "form": self.form,
            "lead": self.query.lead,
        }

    def poll(self, rows: Collection[Entry], *, picks: bool) -> str:
        """Where to ask for what comes after ``rows``."""
        asks = self.form.kept() | {
            "state": selectors.state_of(rows) if rows else "",
            "changed": str(selectors.last_change(rows)),
        }
        asks |= {"picks": "1"} if picks else {}
        return f"{self.url('news')}?{urlencode(asks, doseq=True)}"


def place_of(request: HttpRequest, name: str | None) -> Place:
    if name is None:
        require_somewhere(request.user, Right.SETTINGS)
        return Place(request, None)
    return Place(request, domain_or_404(request, name, Right.SETTINGS))


def chips(form: TrackFilter) -> list[dict[str, Any]]:
    """The statuses as links that keep the rest of the filter; each adds or takes away its own."""
    on: list[int] = form.cleaned_data.get("status") or []
    made: list[dict[str, Any]] = [{"url": form.link(status=None), "label": "", "on": not on}]
    for status in STATUSES:
        css, icon = LOOKS[status]
        others = [one for one in on if one != status]
        url = form.link(status=others if status in on else [*on, int(status)])
        said = MEANINGS[status] if on == [status] else ""
        made.append(
            {"url": url, "label": status.label, "css": css, "icon": icon, "on": status in on, "said": said}
        )
    return made


def days(form: TrackFilter) -> list[dict[str, Any]]:
    """Quick ranges, as links."""
    given = form.cleaned_data
    dated = given.get("since") or given.get("until")
    now = None if dated else given.get("days")
    anything: list[tuple[int | None, Any]] = [*DAYS, (None, _("Any day"))]
    return [
        {
            "url": form.link(days=number, since=None, until=None),
            "label": label,
            "on": not dated and number == now,
        }
        for number, label in anything
    ]


def removable(form: TrackFilter) -> list[dict[str, Any]]:
    """What filters without a field that one sees, each with the link that lets go of it."""
    made = []
    cause = form.cleaned_data.get("cause")
    if cause:
        made.append({"label": _("Reason"), "value": BY_SLUG[cause].words.why, "url": form.link(cause=None)})
    if form.cleaned_data.get("lead"):
        made.append({"label": _("Group"), "value": _("alike refusals"), "url": form.link(lead=None)})
    return made
