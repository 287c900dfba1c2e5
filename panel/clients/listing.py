"""The list of a reseller's clients: searched, filtered, sorted by any column, paged by keyset; one query."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlencode

from django.db.models import (
    Case,
    Count,
    Exists,
    F,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.functions import Coalesce, Lower
from django.utils.translation import gettext_lazy as __

from accounts.models import Account, Domain
from delivery.traffic import sent_by_account
from lib.templatetags.ui import WARN_AT
from mailboxes.selectors import tallied
from provision.models import Push

PAGE = 25
_WORDS = {"name": "by_name", "plan": "by_plan"}
_NUMBERS = {
    "domains": "n_domains",
    "mailboxes": "n_boxes",
    "storage": "n_quota",
    "sent": "n_sent",
    "problems": "n_problems",
}
COLUMNS = _WORDS | _NUMBERS
STATES = {
    "problems": __("With problems"),
    "suspended": __("Suspended"),
    "near": __("Near a limit"),
    "deleted": __("Deleted"),
}
OWN = "own"  # limits of their own, no plan


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientQuery:
    """``plan``: a key or OWN; ``after`` and ``before``: sort column and key of the last or first row seen."""

    q: str = ""
    plan: str = ""
    state: str = ""
    sort: str = "name"
    after: str = ""
    before: str = ""

    @classmethod
    def of(cls, given: Mapping[str, str]) -> ClientQuery:
        """What makes no sense is ignored."""
        kept = {name: given.get(name, "").replace("\0", "")[:200] for name in ("q", "after", "before")}
        sort, state, plan = given.get("sort", ""), given.get("state", ""), given.get("plan", "")
        return cls(
            q=kept["q"].strip(),
            plan=plan if plan == OWN or _is_key(plan) else "",
            state=state if state in STATES else "",
            sort=sort if sort.lstrip("-") in COLUMNS and not sort.startswith("--") else "name",
            after=kept["after"],
            before=kept["before"],
        )

    @property
    def column(self) -> str:
        return self.sort.lstrip("-")

    @property
    def backwards(self) -> bool:
        return bool(self.before and not self.after)

    @property
    def narrowed(self) -> bool:
        return bool(self.q or self.plan or self.state)

    @property
    def place(self) -> str:
        names = ("q", "plan", "state", "sort", "after", "before")
        values = {name: getattr(self, name) for name in names}
        return "?" + urlencode({k: v for k, v in values.items() if v and (k, v) != ("sort", "name")})

    def sorted_by(self, column: str) -> str:
        """Names from A, numbers from the most; again: turned round."""
        first, other = (column, f"-{column}") if column in _WORDS else (f"-{column}", column)
        return replace(self, sort=other if self.sort == first else first, after="", before="").place


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientListing:
    query: ClientQuery
    rows: list[Any] = field(default_factory=list)
    previous: str = ""
    next: str = ""


def listing(clients: QuerySet[Account], query: ClientQuery) -> ClientListing:
    """One page of ``clients`` (those that the person looks after): one query."""
    rows, more = _page(_narrowed(numbers(clients), query), query)
    earlier, later = (more, True) if query.backwards else (bool(query.after), more)
    column = COLUMNS[query.column]
    return ClientListing(
        query=query,
        rows=rows,
        previous=replace(query, after="", before=_cursor(rows[0], column)).place if rows and earlier else "",
        next=replace(query, before="", after=_cursor(rows[-1], column)).place if rows and later else "",
    )


def numbers(clients: QuerySet[Account]) -> QuerySet[Any]:
    """With everything that a row shows: ``n_domains n_boxes n_quota n_used n_sent n_failed n_full near
    n_problems``. Sent: in the last 24 hours."""
    domains = Domain.objects.filter(account=OuterRef("pk")).order_by()
    failed = Push.objects.failed().filter(domain__account=OuterRef("pk")).order_by()
    suspended = Q(no_sign_in=True) | Q(no_receive=True) | Q(no_send=True)
    annotated: QuerySet[Any] = (
        clients.select_related("plan")
        .annotate(
            by_name=Lower("name"),
            by_plan=Coalesce(Lower("plan__name"), Value("")),
            n_domains=_count(domains.values("account")),
            n_boxes=tallied("boxes", account="pk"),
            n_quota=tallied("quota_mb", account="pk"),
            n_used=tallied("used_bytes", account="pk"),
            n_full=tallied("full_boxes", account="pk"),
            n_failed=_count(failed.values("domain__account")),
            n_sent=sent_by_account(),
        )
        .annotate(
            near=Case(
                When(_near("n_domains", "max_domains"), then=1),
                When(_near("n_boxes", "max_mailboxes"), then=1),
                When(_near("n_quota", "storage_mb"), then=1),
                default=0,
                output_field=IntegerField(),
            ),
            asleep=Case(When(suspended, then=1), default=0, output_field=IntegerField()),
        )
        .annotate(n_problems=F("n_failed") + F("n_full") + F("near") + F("asleep"))
    )
    return annotated


def _near(used: str, limit: str) -> Q:
    return Q(**{f"{used}__gte": F(limit) * (WARN_AT / 100)}) & Q(**{f"{used}__gt": 0})


def _count(grouped: QuerySet[Any, Any]) -> Coalesce:
    inner = grouped.annotate(many=Count("pk")).values("many")[:1]
    return Coalesce(Subquery(inner), Value(0), output_field=IntegerField())


def _narrowed(rows: QuerySet[Any], query: ClientQuery) -> QuerySet[Any]:
    rows = rows.filter(deleted_at__isnull=query.state != "deleted")
    if query.q:
        named = Domain.objects.filter(account=OuterRef("pk")).filter(
            Q(name__icontains=query.q) | Q(display_name__icontains=query.q)
        )
        rows = rows.filter(Q(name__icontains=query.q) | Exists(named))
    if query.plan == OWN:
        rows = rows.filter(plan__isnull=True)
    elif query.plan:
        rows = rows.filter(plan=int(query.plan))
    if query.state == "suspended":
        return rows.filter(asleep=1)
    if query.state == "near":
        return rows.filter(near=1)
    return rows.filter(n_problems__gt=0) if query.state == "problems" else rows


def _page(rows: QuerySet[Any], query: ClientQuery) -> tuple[list[Any], bool]:
    """At most PAGE rows in the list's order, and whether there are more in the direction of travel."""
    down = query.sort.startswith("-") != query.backwards
    column = COLUMNS[query.column]
    place = _place(query.before if query.backwards else query.after, column)
    if place:
        value, key = place
        than = "lt" if down else "gt"
        further = Q(**{f"{column}__{than}": value}) | Q(**{column: value, f"pk__{than}": key})
        rows = rows.filter(further)
    found = list(rows.order_by(*(f"-{name}" if down else name for name in (column, "pk")))[: PAGE + 1])
    more, found = len(found) > PAGE, found[:PAGE]
    return (found[::-1] if query.backwards else found), more


def _cursor(row: Any, column: str) -> str:
    return f"{row.pk} {getattr(row, column)}"


def _place(cursor: str, column: str) -> tuple[str | int, int] | None:
    """What ``_cursor`` wrote, or None for what it never writes."""
    key, _space, value = cursor.partition(" ")
    if not _is_key(key):
        return None
    if column in _WORDS.values():
        return value, int(key)
    try:
        number = float(value[:20])
    except ValueError:
        return None
    return (int(number), int(key)) if math.isfinite(number) and abs(number) < 2**53 else None


def _is_key(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 19
