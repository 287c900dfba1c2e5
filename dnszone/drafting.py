"""The items of a draft: what one person wants to change in a zone and has not applied yet. Pure.

An item in JSON: ``{"id", "base", "record", "was", "spec"}``. ``record``: the key of the record it changes,
None for one to add. ``was``: that record as the person saw it (dnszone.spec.Entry), ``spec``: as it shall be,
None to delete it. ``base``: the serial of the zone that the person saw."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypedDict

from dnszone.spec import Change, Entry, Row, row_of, spec_of

Identity = tuple[str, str, str]
Pair = tuple[Row | None, Row | None]


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


def added(items: Sequence[Item], new: Iterable[Pair], base: int) -> list[Item]:
    """``items`` with pairs (record as it is in the zone, or None; wanted row, or None). A record that is
    changed twice has one item; what ends as it began has none; to add what was to be deleted is to keep
    it."""
    gathered = _Gathered(items)
    number = max((item["id"] for item in items), default=0)
    for before, after in new:
        number += 1
        earlier = gathered.about(before, after)
        spec = after.entry if after else None
        if earlier is None:
            record, was = (before.pk, before.entry) if before else (None, None)
            item = Item(id=number, base=base, record=record, was=was, spec=spec)
        else:
            gathered.take(earlier)
            if before:  # who changes a record again has seen it as it is now
                seen = max(base, earlier["base"])
                item = Item(**(earlier | {"was": before.entry, "base": seen, "spec": spec}))
            else:
                item = Item(**(earlier | {"spec": _labelled(spec, earlier["was"])}))
        gathered.put(item)
    return gathered.items()


def replaced(items: Sequence[Item], item_id: int, after: Row, base: int = 0) -> list[Item]:
    """``items`` with another wish in the place of the one with this id, as the last one; as they are when it
    is not there. ``base``: the serial of the zone that the person has seen by now."""
    old = next((item for item in items if item["id"] == item_id), None)
    if old is None:
        return list(items)
    base = max(base, old["base"])
    changed = Item(**(old | {"spec": _labelled(after.entry, old["was"]), "base": base}))
    rest = without(items, [item_id])
    return [*rest, changed] if changed["was"] != changed["spec"] else rest


def without(items: Sequence[Item], ids: Iterable[int]) -> list[Item]:
    gone = set(ids)
    return [item for item in items if item["id"] not in gone]


def rebased(items: Sequence[Item], rows: Iterable[Row], serial: int) -> list[Item]:
    """``items`` as wishes about the zone as it is now: what is gone already need not go, what was changed
    meanwhile is changed again, what should be changed and is gone is added, and what somebody else added is
    not added twice."""
    now = {row.pk: row for row in rows}
    there = {row.identity: row for row in now.values()}
    ours = {item["record"] for item in items}
    number = max((item["id"] for item in items), default=0)
    result: list[Item] = []
    for item in items:
        row = now.get(item["record"]) if item["record"] is not None else None
        same = there.get(identity_of(item["spec"])) if item["spec"] else None
        if same is None or same is row or same.pk in ours:
            result.append(_again(item["id"], row, _unlabelled(item, row), serial))
            continue
        number += 1
        result.append(_again(item["id"], row, None, serial))
        result.append(_again(number, same, _labelled(item["spec"], same.entry), serial))
    return [item for item in result if item["was"] != item["spec"]]


def conflicts(items: Iterable[Item], rows: Sequence[Row]) -> list[Conflict]:
    """The items whose record is gone or another one now, or whose name and type somebody else changed since
    they were wished."""
    items = list(items)
    wished = {item["record"] for item in items}
    owners = {entry[0] for item in items for entry in (item["was"], item["spec"]) if entry}
    by_pk = {row.pk: row for row in rows if row.pk in wished}
    by_rrset: dict[tuple[str, str], list[Row]] = {}
    for row in rows:
        if row.owner in owners:
            by_rrset.setdefault(row.rrset, []).append(row)
    found = []
    for item in items:
        keys = {(entry[0], entry[1]) for entry in (item["was"], item["spec"]) if entry}
        here = [row for key in sorted(keys) for row in by_rrset.get(key, ())]
        old = by_pk.get(item["record"]) if item["record"] is not None else None
        other = item["record"] is not None and (old is None or old.entry != item["was"])
        if other or any(row.since > item["base"] for row in here):
            found.append(Conflict(item, here))
    return found


def changes(items: Iterable[Item]) -> list[Change]:
    """For changeset.applied."""
    return [
        Change(record=item["record"], spec=spec_of(item["spec"]) if item["spec"] else None) for item in items
    ]


def placings(items: Iterable[Item]) -> list[tuple[int | None, Row | None]]:
    """For changeset.settled."""
    return [
        (item["record"], row_of(item["spec"], item["record"]) if item["spec"] else None) for item in items
    ]


def pairs_between(rows: Sequence[Row], wanted: Iterable[Row]) -> list[Pair]:
    """What leads from ``rows`` to ``wanted``, for ``added``: a record that stays itself is kept or changed,
    the rest of a name and type is paired in order, then added and deleted."""
    come: dict[Identity, Row] = {row.identity: row for row in wanted}
    result: list[Pair] = []
    gone: dict[tuple[str, str], list[Row]] = {}
    for row in rows:
        new = come.pop(row.identity, None)
        if new is None:
            gone.setdefault(row.rrset, []).append(row)
        elif new.entry != row.entry:
            result.append((row, new))
    for rest in gone.values():
        rest.reverse()
    for new in come.values():
        old = gone.get(new.rrset)
        result.append((old.pop() if old else None, new))
    return result + [(row, None) for rest in gone.values() for row in reversed(rest)]


def difference(before: Iterable[Row], after: Iterable[Row]) -> tuple[list[Entry], list[Entry]]:
    """What goes and what comes, as a version keeps them."""
    old, new = list(before), list(after)
    was, now = {row.kept for row in old}, {row.kept for row in new}
    return (
        [row.entry for row in old if row.kept not in now],
        [row.entry for row in new if row.kept not in was],
    )


def undone(rows: Sequence[Row], gone: Iterable[Entry], come: Iterable[Entry]) -> list[Row]:
    """``rows`` before a version that took ``gone`` away and brought ``come``. Rows that come back have no
    key, and the TTL of what stayed at their name and type (RFC 2181 §5.2)."""
    away = {tuple(entry) for entry in come}
    stay = [row for row in rows if row.kept not in away]
    ttls = {row.rrset: row.ttl for row in stay}
    back = map(row_of, gone)
    return stay + [row._replace(ttl=ttls.get(row.rrset, row.ttl)) for row in back]


def is_undoable(rows: Iterable[Row], gone: Iterable[Entry], come: Iterable[Entry]) -> bool:
    """Whether all that a version brought is still as it came, and nothing stands where something would come
    back."""
    entries: dict[Identity, tuple[Any, ...]] = {row.identity: row.kept for row in rows}
    brought = {identity_of(entry): tuple(entry) for entry in come}
    as_it_came = all(entries.get(identity) == entry for identity, entry in brought.items())
    return as_it_came and not any(
        identity in entries and identity not in brought for identity in map(identity_of, gone)
    )


def identity_of(entry: Entry) -> Identity:
    owner, rtype, rdata = entry[:3]
    return owner, rtype, rdata


class _Gathered:
    """Items in their order, found by record or by what they wish: a draft may hold 40,000."""

    def __init__(self, items: Iterable[Item]) -> None:
        self._items: dict[int, Item] = {}
        self._records: dict[int, int] = {}
        self._wishes: dict[Identity, int] = {}
        for item in items:
            self.put(item)

    def about(self, before: Row | None, after: Row | None) -> Item | None:
        """The item that is about the same record already."""
        number = self._records.get(before.pk or 0) if before else None
        if before is None and after is not None:
            number = self._wishes.get(after.identity)
        return self._items.get(number or 0)

    def put(self, item: Item) -> None:
        if item["was"] == item["spec"]:
            return
        self._items[item["id"]] = item
        if item["record"] is not None:
            self._records[item["record"]] = item["id"]
        self._wishes[_wish(item)] = item["id"]

    def take(self, item: Item) -> None:
        del self._items[item["id"]]
        if item["record"] is not None:
            self._records.pop(item["record"], None)
        if self._wishes.get(_wish(item)) == item["id"]:
            del self._wishes[_wish(item)]

    def items(self) -> list[Item]:
        return list(self._items.values())


def _wish(item: Item) -> Identity:
    return identity_of(item["spec"] or item["was"] or ["", "", ""])


def _again(number: int, row: Row | None, spec: Entry | None, serial: int) -> Item:
    record, was = (row.pk, row.entry) if row else (None, None)
    return Item(id=number, base=serial, record=record, was=was, spec=spec)


def _labelled(spec: Entry | None, was: Entry | None) -> Entry | None:
    """A record that stays itself stays the panel's, unless ``spec`` says whose it is."""
    if spec is None or was is None or spec[4] or identity_of(spec) != identity_of(was):
        return spec
    return [*spec[:4], was[4], spec[5]]


def _unlabelled(item: Item, row: Row | None) -> Entry | None:
    """The panel's record kept its label while it stayed itself. Put in the place of what the panel (or
    somebody) made of it meanwhile, it is the person's own."""
    spec, was = item["spec"], item["was"]
    if spec is None or was is None or identity_of(spec) != identity_of(was):
        return spec
    stays = row is not None and row.identity == identity_of(spec)
    return spec if stays or spec[4] != was[4] else [*spec[:4], "", spec[5]]


def by_rrset(items: Iterable[Item]) -> Mapping[tuple[str, str], list[int]]:
    """The ids of the items that touch each name and type."""
    found: dict[tuple[str, str], list[int]] = {}
    for item in items:
        for key in dict.fromkeys((e[0], e[1]) for e in (item["spec"], item["was"]) if e):
            found.setdefault(key, []).append(item["id"])
    return found
