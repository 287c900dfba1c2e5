"""Where mail to an address goes, hop by hop: what is saved, and what is about to be."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from django.db.models import Q
from django.utils.translation import gettext as _

from accounts.models import Account
from lib.errors import Refused
from lib.names import display_domain
from mailboxes.addresses.circles import circle
from mailboxes.filters import rules
from mailboxes.models import Alias, Forwarding, Mailbox, MailboxFilter, MailDomain, Routing

HOPS = 50
ADDRESSES = 5000


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What is about to be saved. ``targets``: of an alias or a mailbox; ``catch_all`` and ``alias_of``: of a
    domain, by its name."""

    targets: Mapping[str, Sequence[str]] = field(default_factory=dict)
    catch_all: Mapping[str, str] = field(default_factory=dict)
    alias_of: Mapping[str, str] = field(default_factory=dict)


def circle_check(account: Account, start: str, change: Change, *, field_name: str = "targets") -> None:
    """Raises Refused at ``field_name`` with the circle, if there is one. Addresses of other accounts that
    nobody typed here are not named."""
    found = circle(start, edges_from([start], change))
    if not found:
        return
    own = set(account.domains.values_list("name", flat=True)) if found else set()
    typed = {one for targets in change.targets.values() for one in targets} | set(change.catch_all.values())
    elsewhere = _("an address elsewhere")
    shown = [_shown(one) if one in typed or one.rpartition("@")[2] in own else elsewhere for one in found]
    text = _("Mail would go in a circle: %(circle)s. Take one of these out.")
    raise Refused(text % {"circle": " → ".join(shown)}, field_name)


def edges_from(starts: Iterable[str], change: Change) -> dict[str, list[str]]:
    """As far as the mail goes; five queries a hop."""
    edges: dict[str, list[str]] = {}
    open_ = list(dict.fromkeys(starts))
    for _hop in range(HOPS):
        edges |= _hop_of(open_, change)
        open_ = list(
            dict.fromkeys(one for address in open_ for one in edges.get(address, ()) if one not in edges)
        )
        if not open_ or len(edges) > ADDRESSES:
            break
    return edges


def _hop_of(addresses: Collection[str], change: Change) -> dict[str, list[str]]:
    names = {one.rpartition("@")[2] for one in addresses}
    rows = MailDomain.objects.filter(domain__name__in=names).select_related("domain", "alias_of__domain")
    domains = {row.domain.name: row for row in rows}
    asked = {one: [one, _untagged(one, domains)] for one in addresses}
    keys = {key for pair in asked.values() for key in pair}
    aliases = dict(Alias.objects.filter(address__in=keys).values_list("address", "targets"))
    boxes = set(Mailbox.objects.present().filter(address__in=keys).values_list("address", flat=True))
    forwards = dict(
        Forwarding.objects.filter(mailbox__deleted_at=None, mailbox__address__in=keys).values_list(
            "mailbox__address", "targets"
        )
    )
    for address, targets in filter_targets(keys).items():
        forwards[address] = [*forwards.get(address, ()), *targets]
    known = aliases | forwards | {key: list(value) for key, value in change.targets.items()}
    return {one: _next(one, pair, domains, known, boxes, change) for one, pair in asked.items()}


def filter_targets(addresses: Collection[str]) -> dict[str, list[str]]:
    """Where the filters of these mailboxes forward to; those that are off too, for switching on asks
    nothing."""
    rows = MailboxFilter.objects.filter(
        owner__address__in=addresses,
        owner__deleted_at=None,
        actions__contains=[{"do": rules.FORWARD}],
    )
    found: dict[str, list[str]] = {}
    for address, stored in rows.values_list("owner__address", "actions"):
        to = [action.value for action in rules.actions_of(stored) if action.do == rules.FORWARD]
        found.setdefault(address, []).extend(to)
    return found


def _next(
    address: str,
    keys: list[str],
    domains: Mapping[str, MailDomain],
    known: Mapping[str, list[str]],
    boxes: set[str],
    change: Change,
) -> list[str]:
    local, _at, name = address.rpartition("@")
    row = domains.get(name)
    if row is None:
        return []
    of = change.alias_of.get(name, row.alias_of.domain.name if row.alias_of else "")
    if of:
        return [f"{local}@{of}"]
    for key in keys:
        if key in known:
            return known[key]
        if key in boxes:
            return []
    catch_all = change.catch_all.get(name, row.catch_all)
    return [catch_all] if "@" in catch_all else []


def _untagged(address: str, domains: Mapping[str, MailDomain]) -> str:
    local, _at, name = address.rpartition("@")
    row = domains.get(name)
    return f"{local[:1]}{local[1:].partition('+')[0]}@{name}" if row and row.plus else address


def _shown(address: str) -> str:
    local, _at, name = address.rpartition("@")
    return f"{local}@{display_domain(name)}"


def reachable(addresses: Collection[str], *, catch_all: bool = True) -> set[str]:
    """Those of ``addresses``, at domains hosted here, that somebody has: a mailbox, an alias, a domain alias
    of one of these, or (with ``catch_all``) whoever gets the rest. postmaster@ and abuse@ always are."""
    edges_to = {one: one for one in addresses}
    names = {one.rpartition("@")[2] for one in addresses}
    rows = MailDomain.objects.filter(domain__name__in=names).select_related("domain", "alias_of__domain")
    domains = {row.domain.name: row for row in rows}
    for one in addresses:
        local, _at, name = one.rpartition("@")
        row = domains.get(name)
        if row and row.alias_of:
            edges_to[one] = f"{local}@{row.alias_of.domain.name}"
            domains.setdefault(row.alias_of.domain.name, row.alias_of)
    keys = {key for one in edges_to.values() for key in (one, _untagged(one, domains))}
    there = set(Mailbox.objects.present().filter(address__in=keys).values_list("address", flat=True))
    there |= set(Alias.objects.filter(address__in=keys).values_list("address", flat=True))
    return {one for one, led in edges_to.items() if _there(led, there, domains, catch_all)}


def _there(address: str, there: set[str], domains: Mapping[str, MailDomain], catch_all: bool) -> bool:
    local, _at, name = address.rpartition("@")
    row = domains.get(name)
    return bool(
        {address, _untagged(address, domains)} & there
        or local in {"postmaster", "abuse"}
        or (catch_all and row and row.catch_all)
    )


def sources_into(name: str) -> list[str]:
    """Aliases and mailboxes that send mail to the domain ``name``."""
    pattern = f"@{name}"
    found = [
        (row.address, row.targets)
        for row in Alias.objects.filter(Q(targets__icontains=pattern)).only("address", "targets")
    ]
    found += list(
        Forwarding.objects.filter(targets__icontains=pattern).values_list("mailbox__address", "targets")
    )
    return [address for address, targets in found if any(one.endswith(pattern) for one in targets)]


def elsewhere(addresses: Collection[str], node_id: int) -> set[str]:
    """Those at domains whose mail leaves this node: it lives on another one, or goes elsewhere."""
    names = {one.rpartition("@")[2] for one in addresses}
    if not names:
        return set()
    rows = MailDomain.objects.filter(domain__name__in=names)
    rows = rows.filter(Q(decided=Routing.REMOTE) | ~Q(node=node_id))
    remote = set(rows.values_list("domain__name", flat=True))
    return {one for one in addresses if one.rpartition("@")[2] in remote}
