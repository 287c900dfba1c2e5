"""The list of a domain's forwarders: searched, sorted, paged by keyset; four queries, always."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from urllib.parse import urlencode

from django.db.models import Q

from mailboxes.addresses.states import forwards, inside_of
from mailboxes.models import Alias, Consent, MailDomain
from nodeagent import contract
from provision.selectors import Status, statuses

PAGE = 50
SHOWN = 3  # targets of one row


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """``state``: inside, confirmed, waiting, or off (the plan sends nothing outside)."""

    address: str
    state: str
    consent: Consent | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    alias: Alias
    status: Status
    targets: list[Target]

    @property
    def shown(self) -> list[Target]:
        return self.targets[:SHOWN]

    @property
    def more(self) -> int:
        return max(0, len(self.targets) - SHOWN)

    @property
    def waiting(self) -> int:
        return sum(one.state == "waiting" for one in self.targets)

    @property
    def works(self) -> bool:
        return any(one.state in {"inside", "confirmed"} for one in self.targets)


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """``after`` and ``before``: names of the last or first row seen."""

    q: str = ""
    sort: str = "address"
    after: str = ""
    before: str = ""

    @classmethod
    def of(cls, cleaned: Mapping[str, str]) -> Query:
        known = {name: cleaned.get(name) or "" for name in ("q", "after", "before")}
        return cls(sort=cleaned.get("sort") or "address", **known)

    @property
    def place(self) -> str:
        values = {name: getattr(self, name) for name in ("q", "sort", "after", "before")}
        known = {
            name: value for name, value in values.items() if value and (name, value) != ("sort", "address")
        }
        return "?" + urlencode(known)


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    query: Query
    rows: list[Row] = field(default_factory=list)
    previous: str = ""
    next: str = ""


def listing(mail_domain: MailDomain, query: Query) -> Listing:
    rows = Alias.objects.filter(mail_domain=mail_domain)
    if query.q:
        asked = query.q.lower().strip()
        rows = rows.filter(Q(address__contains=asked) | Q(targets__icontains=asked))
    backwards = bool(query.before and not query.after)
    down = query.sort.startswith("-") != backwards
    place = query.before if backwards else query.after
    if place:
        than = "lt" if down else "gt"
        rows = rows.filter(**{f"address__{than}": f"{place}@{mail_domain.domain.name}"})
    found = list(rows.order_by("-address" if down else "address")[: PAGE + 1])
    more, found = len(found) > PAGE, found[:PAGE]
    found = found[::-1] if backwards else found
    earlier, later = (more, True) if backwards else (bool(query.after), more)
    return Listing(
        query=query,
        rows=rows_of(mail_domain, found),
        previous=replace(query, after="", before=found[0].local).place if found and earlier else "",
        next=replace(query, before="", after=found[-1].local).place if found and later else "",
    )


def rows_of(mail_domain: MailDomain, aliases: list[Alias]) -> list[Row]:
    keys = {row.address: f"{contract.Alias.KIND}/{row.address}" for row in aliases}
    states = statuses(list(keys.values()))
    targets = targets_by(mail_domain, {row.address: row.targets for row in aliases})
    return [Row(alias=row, status=states[keys[row.address]], targets=targets[row.address]) for row in aliases]


def targets_by(mail_domain: MailDomain, sources: Mapping[str, list[str]]) -> dict[str, list[Target]]:
    """Each target with its state. Two queries."""
    account = mail_domain.domain.account
    every = {one for targets in sources.values() for one in targets}
    inside = inside_of(account, every)
    asked = {(row.source, row.target): row for row in Consent.objects.filter(source__in=list(sources))}
    allowed = forwards(account)

    def one(source: str, target: str) -> Target:
        if target in inside:
            return Target(address=target, state="inside")
        row = asked.get((source, target))
        if not allowed:
            return Target(address=target, state="off", consent=row)
        said = bool(row and row.confirmed_at)
        return Target(address=target, state="confirmed" if said else "waiting", consent=row)

    return {source: [one(source, target) for target in targets] for source, targets in sources.items()}
