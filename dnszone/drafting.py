"""The items of a draft: what one person wants to change in a zone and has not applied yet. Pure.

An item in JSON: ``{"id", "base", "record", "was", "spec"}``. ``record``: the key of the record it changes,
None
for one to add. ``was``: that record as the person saw it (dnszone.spec.Entry), ``spec``: as it shall be, None
to
delete it. ``base``: the serial of the zone that the person saw."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TypedDict

from dnszone.spec import Change, Entry, Row, row_of, spec_of


class Item(TypedDict):
    id: int
    base: int
    record: int | None
    was: Entry | None
    spec: Entry | None


@dataclass(frozen=True, slots=True)
class Conflict:
    """Somebody changed, since ``item.base``, what ``item`` changes too. ``now``: the records of that name and
    type as they are."""

    item: Item
    now: list[Row]


def added(items: Sequence[Item], new: Iterable[tuple[Row | None, Row | None]], base: int) -> list[Item]:
    """``items`` with pairs (record as it is in the zone, or None; wanted row, or None). A record that is
    changed twice has one item; what ends as it began has none; to add what was to be deleted is to keep
    it."""
    result = list(items)
    number = max((item["id"] for item in items), default=0)
    for before, after in new:
        earlier = _about(result, before, after)
        number += 1
        item = Item(
            id=number,
            base=base,
            record=before.pk if before else None,
            was=before.entry if before else None,
            spec=after.entry if after else None,
        )
        if earlier is not None:
            result.remove(earlier)
            item |= Item(
                id=earlier["id"],
                base=earlier["base"],
                record=earlier["record"],
                was=earlier["was"],
                spec=item["spec"],
            )
        if item["was"] != item["spec"]:
            result.append(item)
    return result


def replaced(items: Sequence[Item], item_id: int, after: Row) -> list[Item]:
    """``items`` with another wish in the place of the one with this id; as they are when it is not there."""
    changed = [Item(**(item | {"spec": after.entry})) if item["id"] == item_id else item for item in items]
    return [item for item in changed if item["was"] != item["spec"]]


def without(items: Sequence[Item], ids: Iterable[int]) -> list[Item]:
    gone = set(ids)
    return [item for item in items if item["id"] not in gone]


def rebased(items: Sequence[Item], rows: Iterable[Row], serial: int) -> list[Item]:
    """``items`` as wishes about the zone as it is now: what is gone already need not go, what was changed
    meanwhile is changed again, and what should be changed and is gone is added."""
    now = {row.pk: row for row in rows}
    result: list[Item] = []
    for item in items:
        row = now.get(item["record"]) if item["record"] is not None else None
        if item["record"] is not None and row is None and item["spec"] is None:
            continue
        fresh = Item(
            id=item["id"],
            base=serial,
            record=row.pk if row else None,
            was=row.entry if row else None,
            spec=item["spec"],
        )
        if fresh["was"] != fresh["spec"]:
            result.append(fresh)
    return result


def conflicts(items: Iterable[Item], rows: Sequence[Row]) -> list[Conflict]:
    """The items whose record is gone, or whose name and type somebody else changed since they were wished."""
    by_pk = {row.pk: row for row in rows}
    by_rrset: dict[tuple[str, str], list[Row]] = {}
    for row in rows:
        by_rrset.setdefault(row.rrset, []).append(row)
    found = []
    for item in items:
        keys = {(entry[0], entry[1]) for entry in (item["was"], item["spec"]) if entry}
        here = [row for key in keys for row in by_rrset.get(key, ())]
        gone = item["record"] is not None and item["record"] not in by_pk
        if gone or any(row.since > item["base"] for row in here):
            found.append(Conflict(item, here))
    return found


def changes(items: Iterable[Item]) -> list[Change]:
    """For changeset.applied."""
    return [
        Change(record=item["record"], spec=spec_of(item["spec"]) if item["spec"] else None) for item in items
    ]


def pairs_between(rows: Sequence[Row], wanted: Iterable[Row]) -> list[tuple[Row | None, Row | None]]:
    """What leads from ``rows`` to ``wanted``, for ``added``: a record that stays itself is kept or changed,
    the
    rest of a name and type is paired in order, then added and deleted."""
    come: dict[tuple[str, str, str], Row] = {row.identity: row for row in wanted}
    result: list[tuple[Row | None, Row | None]] = []
    gone: dict[tuple[str, str], list[Row]] = {}
    for row in rows:
        new = come.pop(row.identity, None)
        if new is None:
            gone.setdefault(row.rrset, []).append(row)
        elif new.entry != row.entry:
            result.append((row, new))
    for new in come.values():
        old = gone.get(new.rrset)
        result.append((old.pop(0) if old else None, new))
    return result + [(row, None) for rest in gone.values() for row in rest]


def difference(before: Iterable[Row], after: Iterable[Row]) -> tuple[list[Entry], list[Entry]]:
    """What goes and what comes, as a version keeps them."""
    old, new = [row.entry for row in before], [row.entry for row in after]
    was, now = set(map(tuple, old)), set(map(tuple, new))
    return [e for e in old if tuple(e) not in now], [e for e in new if tuple(e) not in was]


def undone(rows: Sequence[Row], gone: Iterable[Entry], come: Iterable[Entry]) -> list[Row]:
    """``rows`` before a version that took ``gone`` away and brought ``come``. Rows that come back have no
    key."""
    away = {tuple(entry) for entry in come}
    return [row for row in rows if tuple(row.entry) not in away] + [row_of(entry) for entry in gone]


def _about(items: Sequence[Item], before: Row | None, after: Row | None) -> Any:
    """The item that is about the same record already."""
    if before is not None:
        return next((item for item in items if item["record"] == before.pk), None)
    return next(
        (
            item
            for item in items
            if after is not None
            and (
                (item["spec"] is None and item["was"] and tuple(item["was"][:3]) == after.identity)
                or (item["spec"] and tuple(item["spec"][:3]) == after.identity)
            )
        ),
        None,
    )
