"""The list of a domain's mailboxes: searched, filtered, sorted, paged by keyset; two queries, always."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from urllib.parse import urlencode

from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.db.models.functions import Substr
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from mailboxes.desired import mailbox_key
from mailboxes.models import Compromise, Mailbox, MailDomain
from nodeagent import contract
from provision.models import Push
from provision.selectors import Status, statuses

PAGE = 50
SORTS = {
    "address": _("A to Z"),
    "-address": _("Z to A"),
    "-used": _("Most used"),
    "used": _("Least used"),
    "-quota": _("Largest quota"),
    "quota": _("Smallest quota"),
}
STATES = {
    "live": _("Live"),
    "moving": _("On its way"),
    "failed": _("Failed"),
    "suspended": _("Suspended"),
    "full": _("Full"),
    "stopped": _("Sending stopped"),
}
# Known without asking what is pushed.
_PLAIN = {
    "suspended": Q(suspended_at__isnull=False),
    "full": Q(used_mb__gte=F("quota_mb")),
    "stopped": Q(sending_stopped=True),
}
_COLUMNS = {"address": "", "used": "used_mb", "quota": "quota_mb"}


@dataclass(frozen=True, slots=True)
class Row:
    mailbox: Mailbox
    status: Status
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ListQuery:
    """``after`` and ``before`` are cursors: sort column and name of the last or first row seen."""

    q: str = ""
    state: str = ""
    sort: str = "address"
    after: str = ""
    before: str = ""

    @classmethod
    def of(cls, cleaned: Mapping[str, str]) -> ListQuery:
        known = {name: cleaned.get(name) or "" for name in ("q", "state", "after", "before")}
        return cls(sort=cleaned.get("sort") or "address", **known)

    @property
    def column(self) -> str:
        return self.sort.lstrip("-")

    @property
    def backwards(self) -> bool:
        return bool(self.before and not self.after)

    @property
    def place(self) -> str:
        """The query string of this page, to come back to."""
        values = {name: getattr(self, name) for name in ("q", "state", "sort", "after", "before")}
        return "?" + urlencode(
            {name: value for name, value in values.items() if value and (name, value) != ("sort", "address")}
        )

    def sorted_by(self, column: str) -> str:
        """The same list sorted by ``column``: names from A, amounts from the most; again: turned round."""
        first, other = (column, f"-{column}") if column == "address" else (f"-{column}", column)
        return replace(self, sort=other if self.sort == first else first, after="", before="").place


@dataclass(frozen=True, slots=True, kw_only=True)
class MailboxListing:
    query: ListQuery
    rows: list[Row] = field(default_factory=list)
    previous: str = ""
    next: str = ""


def mailbox_url(mail_domain: MailDomain, mailbox: Mailbox) -> str:
    """The mailbox's page; the pages of what can be done to it lie below."""
    return reverse("mailbox", args=[mail_domain.domain.name, mailbox.local])


def listing(mail_domain: MailDomain, query: ListQuery) -> MailboxListing:
    """One page of rows with their states: two queries."""
    rows, more = _page(_narrowed(mail_domain, query), query, mail_domain.domain.name)
    found = statuses([mailbox_key(row.address) for row in rows])
    column = _COLUMNS[query.column]
    earlier, later = (more, True) if query.backwards else (bool(query.after), more)
    return MailboxListing(
        query=query,
        rows=[Row(row, found[mailbox_key(row.address)], mailbox_url(mail_domain, row)) for row in rows],
        previous=replace(query, after="", before=_cursor(rows[0], column)).place if rows and earlier else "",
        next=replace(query, before="", after=_cursor(rows[-1], column)).place if rows and later else "",
    )


def _narrowed(mail_domain: MailDomain, query: ListQuery) -> QuerySet[Mailbox]:
    rows: QuerySet[Mailbox] = Mailbox.objects.present().filter(mail_domain=mail_domain).defer("password_hash")
    rows = rows.annotate(sending_stopped=Exists(stopped_now()))
    if query.q:
        local, at, _domain = query.q.lower().partition("@")
        rows = rows.filter(local__endswith=local) if at else rows.filter(local__contains=local)
    if query.state in _PLAIN:
        return rows.filter(_PLAIN[query.state])
    behind = Push.objects.behind().filter(domain=mail_domain.domain_id, kind=contract.Mailbox.KIND)
    names = Substr("key", len(mailbox_key("")) + 1)
    if query.state == "live":
        return rows.filter(suspended_at__isnull=True).exclude(address__in=behind.values(name=names))
    if query.state == "failed":
        return rows.filter(address__in=behind.exclude(last_error="").values(name=names))
    if query.state == "moving":
        return rows.filter(address__in=behind.filter(last_error="").values(name=names))
    return rows


def stopped_now() -> QuerySet[Compromise]:
    rows: QuerySet[Compromise] = Compromise.objects.still_open().filter(mailbox=OuterRef("pk"))
    return rows


def _page(rows: QuerySet[Mailbox], query: ListQuery, domain: str) -> tuple[list[Mailbox], bool]:
    """At most PAGE rows in the list's order, and whether there are more in the direction of travel."""
    backwards = query.backwards
    down = query.sort.startswith("-") != backwards
    column = _COLUMNS[query.column]
    place = _place(query.before if backwards else query.after, column, domain)
    if place:
        rows = rows.filter(_beyond(column, place, "lt" if down else "gt"))
    order = [name for name in (column, "address") if name]
    found = list(rows.order_by(*(f"-{name}" if down else name for name in order))[: PAGE + 1])
    more, found = len(found) > PAGE, found[:PAGE]
    return (found[::-1] if backwards else found), more


def _beyond(column: str, place: tuple[float, str], than: str) -> Q:
    """(value, address) > (x, y). The first condition is implied, and tells the index where to begin."""
    value, address = place
    further = Q(**{f"address__{than}": address})
    if not column:
        return further
    return Q(**{f"{column}__{than}e": value}) & (Q(**{f"{column}__{than}": value}) | further)


def _cursor(row: Mailbox, column: str) -> str:
    return f"{getattr(row, column)!r} {row.local}" if column else row.local


def _place(cursor: str, column: str, domain: str) -> tuple[float, str] | None:
    """What ``_cursor`` wrote, or None for what it never writes."""
    number, _space, local = cursor.rpartition(" ")
    try:
        value = float(number[:40]) if column else 0.0
    except ValueError:
        return None
    return (value, f"{local}@{domain}") if local and math.isfinite(value) else None
