"""Which part of the book somebody may open, and one page of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.db import connection
from django.db.models import Q
from django.http import HttpRequest
from django.utils import timezone

from accounts.access import Right, account_or_404, accounts_with, is_provider, one_account_or_404
from accounts.models import Account, Domain
from activity.models import Entry, EntryQuerySet
from activity.scope import Scope

PAGE = 50
CHUNK = 1000
PEOPLE = 50
_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """``account`` None: everything. ``own``: the accounts to choose from."""

    scope: Scope
    account: Account | None
    own: list[Account]


@dataclass(frozen=True, slots=True, kw_only=True)
class ActivityQuery:
    """``after``: the key of the last row seen. Days are whole, in the panel's zone."""

    q: str = ""
    kind: str = ""
    action: str = ""
    who: str = ""
    domain: str = ""
    since: dt.date | None = None
    until: dt.date | None = None
    account: str = ""
    after: str = ""

    @property
    def filtered(self) -> bool:
        return bool(self.kept(account=""))

    def kept(self, **changes: str) -> dict[str, str]:
        """As an address carries it, without the page."""
        names = ("q", "kind", "action", "who", "domain", "since", "until", "account")
        values = {name: str(getattr(self, name) or "") for name in names} | changes
        return {name: value for name, value in values.items() if value}

    def link(self, **changes: str) -> str:
        return f"?{urlencode(self.kept(**changes))}"


@dataclass(frozen=True, slots=True)
class Page:
    entries: list[Entry]
    older: str


def place_of(request: HttpRequest, wanted: str, domain: str = "") -> Place:
    """Raises Http404 for an account that the person does not see, Denied where the role does not reach.

    Without ``wanted``: the account of ``domain``, if it is one of the person's own, else the first.
    """
    user: Any = request.user
    if is_provider(user):
        account = account_or_404(request, _key(wanted), Right.ACTIVITY) if wanted else None
        scope = Scope(account=account.pk) if account else Scope(everything=True)
        return Place(scope=scope, account=account, own=[])
    own = accounts_with(user, Right.ACTIVITY)
    keys = {account.pk: account for account in own}
    if wanted and _key(wanted) not in keys:
        client = account_or_404(request, _key(wanted), Right.ACTIVITY)
        return Place(scope=Scope(account=client.pk, below=client.reseller_id), account=client, own=own)
    chosen = keys.get(_key(wanted)) or _of_domain(user, domain, keys) or (own[0] if own else None)
    if chosen is None:
        chosen = one_account_or_404(request, Right.ACTIVITY)
    return Place(scope=_scope(user, chosen), account=chosen, own=own)


def page(scope: Scope, query: ActivityQuery) -> Page:
    """Newest first; one query."""
    found = list(_following(scope, query, query.after)[: PAGE + 1])
    more = len(found) > PAGE
    return Page(found[:PAGE], cursor(found[PAGE - 1]) if more else "")


def everything(scope: Scope, query: ActivityQuery) -> Iterator[Entry]:
    """All that fits, CHUNK rows a query, so that nothing large is held here or in the database."""
    after = ""
    while True:
        found = list(_following(scope, query, after)[:CHUNK])
        yield from found
        if len(found) < CHUNK:
            return
        after = cursor(found[-1])


def people(scope: Scope) -> list[str]:
    """Addresses of those who did something, from A; at most PEOPLE. One query, one step of an index each."""
    if scope.everything:
        return []
    column, key = ("account_id", scope.account) if scope.account is not None else ("top_id", scope.top)
    with connection.cursor() as database:
        database.execute(
            f"""
            WITH RECURSIVE people AS (
                (SELECT who FROM activity_entry WHERE {column} = %(key)s AND who > '' ORDER BY who LIMIT 1)
                UNION ALL
                SELECT (SELECT e.who FROM activity_entry e WHERE e.{column} = %(key)s AND e.who > people.who
                        ORDER BY e.who LIMIT 1)
                FROM people WHERE people.who IS NOT NULL)
            SELECT who FROM people WHERE who IS NOT NULL LIMIT {PEOPLE}
            """,  # noqa: S608 - two column names and a number of this file
            {"key": key},
        )
        return [row[0] for row in database.fetchall()]


def cursor(entry: Entry) -> str:
    return f"{(entry.at - _EPOCH) // dt.timedelta(microseconds=1)}-{entry.pk}"


def _following(scope: Scope, query: ActivityQuery, after: str) -> EntryQuerySet:
    rows: EntryQuerySet = _narrowed(Entry.objects.within(scope), scope, query)
    place = _place(after)
    if place:
        at, pk = place
        rows = rows.filter(Q(at__lte=at) & (Q(at__lt=at) | Q(pk__lt=pk)))
    return rows.order_by("-at", "-pk")


def _narrowed(rows: EntryQuerySet, scope: Scope, query: ActivityQuery) -> EntryQuerySet:
    exact = {"model": query.kind, "label": query.action, "who": query.who, "domain_name": query.domain}
    rows = rows.filter(**{column: value for column, value in exact.items() if value})
    if query.who and scope.everything:
        rows = rows.filter(words__contains=query.who.lower())  # the trigrams find it
    for word in query.q.lower().split()[:5]:
        rows = rows.filter(words__contains=word)
    if query.since:
        rows = rows.filter(at__gte=_midnight(query.since))
    if query.until:
        rows = rows.filter(at__lt=_midnight(query.until + dt.timedelta(days=1)))
    return rows


def _scope(user: Any, account: Account) -> Scope:
    if account.kind == Account.Kind.RESELLER:
        return Scope(top=account.pk)
    acting = user.acting_for and not user.is_superuser
    return Scope(account=account.pk, below=account.reseller_id if acting else None)


def _of_domain(user: Any, domain: str, own: dict[int, Account]) -> Account | None:
    if not domain or len(own) < 2:
        return None
    owners = Domain.objects.visible_to(user).filter(name=domain)
    for account, reseller in owners.values_list("account_id", "account__reseller_id"):
        return own.get(account) or own.get(reseller or 0)
    return None


def _key(text: str) -> int:
    """0 for what is no key: nothing has it."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 18 else 0


def _place(text: str) -> tuple[dt.datetime, int] | None:
    """What ``cursor`` wrote, or None for what it never writes."""
    micros, _dash, pk = text.partition("-")
    if not _key(micros) or not _key(pk):
        return None
    try:
        return _EPOCH + dt.timedelta(microseconds=int(micros)), int(pk)
    except OverflowError:
        return None


def _midnight(day: dt.date) -> dt.datetime:
    return timezone.make_aware(dt.datetime.combine(day, dt.time.min))
