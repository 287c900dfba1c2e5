"""A template's records beside the panel's own, and what a new revision changes in a zone. Pure.

Compared by value: what a person changed since stays, and is said. What is compared is a *slot*: the records
of one name and type; at the domain itself each kind of TXT (SPF, a proof of ownership) is one of its
own."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from dnszone import changeset, names, rdata, rules
from dnszone.spec import Change, Row, spec_of
from lib.errors import Refused
from lib.said import gettext as _

Slot = tuple[str, str, str]
_ADDRESSES = {"A", "AAAA", "CNAME", "ALIAS"}
_SHARED = {"TXT", "CAA"}  # others' records of that name and type do not concern ours


@dataclass(frozen=True, slots=True)
class Kept:
    """``row``: what the template would have; ``why``: why the zone's own stays, in words."""

    row: Row
    why: str


@dataclass(slots=True)
class Plan:
    """What a roll-out does to one zone. ``changed``: pairs of before and after."""

    added: list[Row] = field(default_factory=list)
    changed: list[tuple[Row, Row]] = field(default_factory=list)
    removed: list[Row] = field(default_factory=list)
    kept: list[Kept] = field(default_factory=list)

    @property
    def changes(self) -> list[Change]:
        return [
            *(Change(record=row.pk) for row in self.removed),
            *(Change(record=old.pk, spec=spec_of(new.entry)) for old, new in self.changed),
            *(Change(spec=spec_of(row.entry)) for row in self.added),
        ]

    @property
    def empty(self) -> bool:
        return not (self.added or self.changed or self.removed)


def slot(row: Row) -> Slot:
    """RFC 7208 §4.5: an SPF record is told by its first word; others alike, up to the first ``=``."""
    if row.type != "TXT" or row.owner != names.APEX:
        return row.owner, row.type, ""
    text = rdata.shown("TXT", row.rdata).lower()
    word = text.replace(";", " ").split(" ", 1)[0]
    return row.owner, row.type, word if word.startswith("v=") else word.partition("=")[0]


def composed(panel: Iterable[Row], own: Sequence[Row]) -> list[Row]:
    """The panel's records for a new domain with a template's on top. Where both have something, the template
    wins; an address of it takes the place of all addresses of that name."""
    slots = {slot(row) for row in own}
    addressed = {row.owner for row in own if row.type in _ADDRESSES}
    aliases = {row.owner for row in own if row.type == "CNAME"}
    rest = [
        row
        for row in panel
        if changeset.is_locked(row)
        or not (
            slot(row) in slots or row.owner in aliases or (row.type in _ADDRESSES and row.owner in addressed)
        )
    ]
    ttls = {row.rrset: row.ttl for row in own}  # RFC 2181 §5.2: one for all of them
    return [*(row._replace(ttl=ttls.get(row.rrset, row.ttl)) for row in rest), *own]


def fitting(zone: str, rows: Sequence[Row], more: Iterable[Row]) -> tuple[list[Row], list[Kept]]:
    """``rows`` with as many of ``more`` as get on with them, and those that do not."""
    kept, out = list(rows), []
    for row in more:
        try:
            rules.check(zone, [*kept, row], {row.rrset})
        except Refused as refused:
            out.append(Kept(row, refused.message))
        else:
            kept.append(row)
    return kept, out


def plan(zone: str, rows: Sequence[Row], old: Iterable[Row], new: Iterable[Row]) -> Plan:
    """What leads ``rows`` from the ``old`` composed records to the ``new`` ones."""
    was, shall, here = _by_slot(old), _by_slot(new), _by_slot(rows)
    result = Plan()
    for key in sorted(set(was) | set(shall)):
        _merge(result, was.get(key, []), shall.get(key, []), here.get(key, []))
    return _lawful(zone, rows, result)


def _by_slot(rows: Iterable[Row]) -> dict[Slot, list[Row]]:
    found: dict[Slot, list[Row]] = {}
    for row in rows:
        if not changeset.is_locked(row):
            found.setdefault(slot(row), []).append(row)
    return found


def _values(rows: Iterable[Row]) -> dict[str, int]:
    return {row.rdata: row.ttl for row in rows}


def _merge(result: Plan, was: list[Row], shall: list[Row], here: list[Row]) -> None:
    old, new, now = _values(was), _values(shall), _values(here)
    if new in (old, now):
        return
    own = [row for row in here if not row.managed]
    wanted = shall[0] if shall else was[0]
    if was and not set(old) <= set(now):
        if now or new:
            result.kept.append(Kept(wanted, _by_hand(here)))
        return
    if not was and any(row.rdata not in new for row in own) and wanted.type not in _SHARED:
        result.kept.append(Kept(wanted, _("there was another one already")))
        return
    if was and any(row.rdata not in old for row in own) and wanted.type not in _SHARED:
        result.kept.append(Kept(wanted, _by_hand(here)))
        return
    gone = [row for row in here if row.rdata not in new and (row.rdata in old or row.managed)]
    come = [row for row in shall if row.rdata not in now]
    for before, after in zip(gone, come, strict=False):
        result.changed.append((before, after))
    result.removed += gone[len(come) :]
    result.added += come[len(gone) :]
    for row in here:
        if row.rdata in new and row.rdata in old and old[row.rdata] != new[row.rdata]:
            if row.ttl == old[row.rdata]:
                result.changed.append((row, next(r for r in shall if r.rdata == row.rdata)))
            elif row.ttl != new[row.rdata]:
                result.kept.append(Kept(row, _("its TTL was changed by hand")))


def _by_hand(here: Sequence[Row]) -> str:
    return _("it was changed by hand") if here else _("it was deleted by hand")


def _lawful(zone: str, rows: Sequence[Row], wanted: Plan) -> Plan:
    """``wanted`` without what would break a rule of DNS beside a person's records."""
    if _fits(zone, rows, wanted):
        return wanted
    result = Plan(removed=list(wanted.removed), kept=list(wanted.kept))
    for pair in wanted.changed:
        result.changed.append(pair)
        if why := _trouble(zone, rows, result):
            result.changed.remove(pair)
            result.kept.append(Kept(pair[1], why))
    for row in wanted.added:
        result.added.append(row)
        if why := _trouble(zone, rows, result):
            result.added.remove(row)
            result.kept.append(Kept(row, why))
    if why := _trouble(zone, rows, result):  # what goes is still pointed at
        return Plan(kept=[*result.kept, *(Kept(row, why) for row in result.removed)])
    return result


def _fits(zone: str, rows: Sequence[Row], plan: Plan) -> bool:
    return not _trouble(zone, rows, plan)


def _trouble(zone: str, rows: Sequence[Row], plan: Plan) -> str:
    gone = {row.pk for row in plan.removed} | {old.pk for old, _new in plan.changed}
    come = [*(new for _old, new in plan.changed), *plan.added]
    after = [row for row in rows if row.pk not in gone] + come
    touched = {row.rrset for row in come} | {row.rrset for row in rows if row.pk in gone}
    try:
        rules.check(zone, after, touched)
    except Refused as refused:
        return refused.message
    return ""
