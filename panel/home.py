"""The home page's list: every domain with its health, its numbers and what needs a person. Four queries,
whatever there is: counts are kept by the database (mailboxes.TallyPart, delivery.TrafficPart)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlencode

from django.db.models import Count, IntegerField, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.access import Right, is_provider, may, may_somewhere
from accounts.models import Domain
from delivery import traffic
from delivery.models import Status
from mailboxes.selectors import tallied
from panel.overview.drawing import Mark
from panel.overview.needs import Need
from panel.totals import NEEDS, Used, needs, used
from provision.models import Push

PAGE = 20
# Names from A, amounts from the most.
COLUMNS = {"name": "name", "boxes": "-boxes", "used": "-used"}
SORTS = tuple(way + name for name in COLUMNS for way in ("", "-"))
_AMOUNTS = {"boxes": "boxes", "used": "used_bytes"}


@dataclass(frozen=True, slots=True)
class Row:
    """One domain of the list. ``sent``: since midnight; None: not for this person's eyes."""

    domain: Any
    health: Mark
    why: str
    url: str
    sent: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class HomeQuery:
    """``after`` and ``before``: the last or first row seen: its name, before it the amount sorted by."""

    q: str = ""
    sort: str = "name"
    after: str = ""
    before: str = ""

    @classmethod
    def of(cls, given: Mapping[str, str]) -> HomeQuery:
        """What makes no sense is ignored. A search for a name with accents finds its A-label by what people
        read."""
        kept = {name: given.get(name, "").replace("\0", "")[:300] for name in ("q", "after", "before")}
        sort = given.get("sort", "")
        return cls(
            q=kept["q"].strip()[:253],
            sort=sort if sort in SORTS else "name",
            after=kept["after"],
            before=kept["before"],
        )

    def link(self, **changes: str) -> str:
        values = {"q": self.q, "sort": "" if self.sort == "name" else self.sort} | changes
        return "?" + urlencode({name: value for name, value in values.items() if value})

    @property
    def column(self) -> str:
        return self.sort.lstrip("-")

    @property
    def amount(self) -> str:
        """What of a row is sorted by; empty: its name alone."""
        return _AMOUNTS.get(self.column, "")

    @property
    def by(self) -> dict[str, str]:
        """For each column the list sorted by it; again: turned round."""
        turned = {
            column: other if self.sort == first else first
            for column, first in COLUMNS.items()
            for other in [first.lstrip("-") if first.startswith("-") else f"-{first}"]
        }
        return {column: replace(self, sort=sort).link() or "?" for column, sort in turned.items()}

    def cursor(self, domain: Any) -> str:
        return f"{getattr(domain, self.amount)} {domain.name}" if self.amount else domain.name

    def place(self, cursor: str) -> tuple[int, str] | None:
        """What ``cursor`` wrote; None for what it never writes."""
        number, _space, name = cursor.rpartition(" ")
        try:
            value = int(number[:20]) if self.amount else 0
        except ValueError:
            return None
        return (value, name) if name and abs(value) < 2**62 else None


@dataclass(frozen=True, slots=True)
class Part:
    """What became of so many mails, with the list of them."""

    mark: Mark
    number: int
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Home:
    query: HomeQuery
    used: Used
    rows: list[Row] = field(default_factory=list)
    needs: list[Need] = field(default_factory=list)
    needs_more: bool = False
    day: list[Part] = field(default_factory=list)
    previous: str = ""
    next: str = ""


def page(user: Any, query: HomeQuery) -> tuple[list[Any], str, str]:
    """One query: at most PAGE domains with their numbers, and the links to the pages before and after."""
    backwards = bool(query.before and not query.after)
    down = query.sort.startswith("-") != backwards
    domains = _numbers(Domain.objects.visible_to(user).select_related("account__reseller"))
    if query.q:
        domains = domains.filter(Q(name__icontains=query.q) | Q(display_name__icontains=query.q))
    place = query.place(query.before if backwards else query.after)
    if place:
        domains = domains.filter(_beyond(query.amount, place, "lt" if down else "gt"))
    order = [name for name in (query.amount, "name") if name]
    found = list(domains.order_by(*(f"-{name}" if down else name for name in order))[: PAGE + 1])
    more, found = len(found) > PAGE, found[:PAGE]
    found = found[::-1] if backwards else found
    earlier, later = (more, True) if backwards else (bool(query.after), more)
    previous = query.link(before=query.cursor(found[0])) if found and earlier else ""
    following = query.link(after=query.cursor(found[-1])) if found and later else ""
    return found, previous, following


def _beyond(column: str, place: tuple[int, str], than: str) -> Q:
    """(amount, name) > (x, y)."""
    amount, name = place
    further = Q(**{f"name__{than}": name})
    return Q(**{f"{column}__{than}": amount}) | (Q(**{column: amount}) & further) if column else further


def _numbers(domains: QuerySet[Any]) -> QuerySet[Any]:
    behind = Push.objects.behind().filter(domain=OuterRef("pk")).order_by().values("domain")
    annotated: QuerySet[Any] = domains.annotate(
        boxes=tallied("boxes", mail_domain="mail__pk"),
        used_bytes=tallied("used_bytes", mail_domain="mail__pk"),
        full=tallied("full_boxes", mail_domain="mail__pk"),
        failed=_count(behind.exclude(last_error="")),
        moving=_count(behind.filter(last_error="")),
        sent=traffic.sent_today(),
    )
    return annotated


def _count(grouped: QuerySet[Any, Any]) -> Coalesce:
    inner = grouped.annotate(n=Count("pk")).values("n")
    return Coalesce(Subquery(inner, output_field=IntegerField()), Value(0))


def rows(user: Any, domains: list[Any]) -> list[Row]:
    return [_row(user, domain) for domain in domains]


def _row(user: Any, domain: Any) -> Row:
    opens = may(user, Right.SETTINGS, account=domain.account, domain=domain)
    url = reverse("domain-overview" if opens else "mailboxes", args=[domain.name])
    return Row(domain, *_health(domain), url, domain.sent if opens else None)


def _health(domain: Any) -> tuple[Mark, str]:
    """At a glance: what failed or is full, else what is under way, else live."""
    if asleep := _asleep(domain):
        return Mark("wait", "pause", _("Suspended")), asleep
    if domain.failed or domain.full:
        reasons = []
        if domain.failed:
            reasons.append(
                ngettext("%(n)d change refused", "%(n)d changes refused", domain.failed)
                % {"n": domain.failed}
            )
        if domain.full:
            reasons.append(
                ngettext("%(n)d mailbox full", "%(n)d mailboxes full", domain.full) % {"n": domain.full}
            )
        return Mark("bad", "cross", _("Needs you")), "; ".join(reasons)
    if domain.moving:
        why = ngettext("%(n)d change not proven yet", "%(n)d changes not proven yet", domain.moving)
        return Mark("move", "go", _("On its way")), why % {"n": domain.moving}
    return Mark("ok", "check", _("Live")), _("Mail and DNS proven on their servers")


def _asleep(domain: Any) -> str:
    """Why, or that it is so; empty: it works."""
    account = domain.account
    for one in (domain, account, account.reseller):
        if one is not None and one.is_suspended:
            return one.suspended_reason or _("Its mail is held back in part or whole")
    return ""


_FATES = (
    (Status.DELIVERED, "ok", "check"),
    (Status.PROGRESS, "move", "go"),
    (Status.DEFERRED, "wait", "clock"),
    (Status.FAILED, "bad", "cross"),
    (Status.REJECTED, "off", "noentry"),
)


def day(user: Any) -> list[Part]:
    """One query: what became of the mail of the last 24 hours. Not for the provider's staff, who see
    everybody's, nor for who only makes mailboxes."""
    if is_provider(user) or not may_somewhere(user, Right.SETTINGS):
        return []
    many = traffic.fates(user)
    url = reverse("track-all")
    return [
        Part(
            Mark(css if many.get(status) else "off", icon, str(status.label)),
            many.get(status, 0),
            f"{url}?status={status}",
        )
        for status, css, icon in _FATES
    ]


def home(user: Any, query: HomeQuery) -> Home:
    """The whole page in four queries, beside the two of every signed-in page and the switcher's one."""
    domains, previous, following = page(user, query)
    waiting = needs(user)
    return Home(
        query=query,
        used=used(user),
        rows=rows(user, domains),
        needs=waiting[:NEEDS],
        needs_more=len(waiting) > NEEDS,
        day=day(user),
        previous=previous,
        next=following,
    )
