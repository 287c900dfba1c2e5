"""Gathered edits, for any zone and any edits: what is previewed is what is applied, and it can be taken
back."""

from __future__ import annotations

from typing import Any

from hypothesis import assume, given
from hypothesis import strategies as st

from dnszone import changeset, drafting
from dnszone.drafting import Item
from dnszone.spec import Row, row_of
from lib.errors import Refused

ZONE = "example.test"
OWNERS = ["@", "www", "shop", "a.shop", "*"]
TTLS = [300, 3600]
LABELS = ["", "", "", "mx", "spf"]


def _rdata(kind: str, n: int) -> str:
    return {"A": f"192.0.2.{n}", "MX": f"{n * 10} mail{n}.example.net.", "TXT": f'"text {n}"'}[kind]


rows_made = st.builds(
    Row,
    st.none(),
    st.sampled_from(OWNERS),
    st.sampled_from(["A", "MX", "TXT"]),
    st.integers(1, 4).map(str),
    st.sampled_from(TTLS),
    st.sampled_from(LABELS),
    st.just(1),
    st.sampled_from(["", "why"]),
).map(lambda row: row._replace(rdata=_rdata(row.type, int(row.rdata))))


def _zone(rows: list[Row]) -> list[Row]:
    """As a database would hold them: each once, one TTL a name and type, each with a key."""
    ttls: dict[tuple[str, str], int] = {}
    found: dict[Any, Row] = {}
    for row in rows:
        ttl = ttls.setdefault(row.rrset, row.ttl)
        found.setdefault(row.identity, row._replace(ttl=ttl))
    return [row._replace(pk=pk) for pk, row in enumerate(found.values(), 100)]


zones = st.lists(rows_made, max_size=12).map(_zone)
edits = st.lists(
    st.tuples(st.sampled_from(["add", "change", "delete"]), st.integers(0, 30), rows_made), max_size=12
)


def gathered(zone: list[Row], wishes: list[tuple[str, int, Row]], base: int = 1) -> list[Item]:
    items: list[Item] = []
    for what, pick, row in wishes:
        old = zone[pick % len(zone)] if zone else None
        if what == "add":
            items = drafting.added(items, [(None, row._replace(managed=""))], base)
        elif old is not None:
            new = changeset.kept(old, row._replace(pk=old.pk, managed="")) if what == "change" else None
            items = drafting.added(items, [(old, new)], base)
    return items


def outcome(zone: list[Row], items: list[Item]) -> list[Row]:
    try:
        return changeset.settled(ZONE, zone, drafting.placings(items))
    except Refused:
        assume(False)
        raise


def told(rows: list[Row]) -> list[Any]:
    return sorted(tuple(row.entry) for row in rows)


def stored(rows: list[Row], serial: int) -> list[Row]:
    """With keys for what is new, as after an apply."""
    top = max((row.pk or 0 for row in rows), default=0) + 1000
    return [row._replace(pk=row.pk or top + n, since=serial) for n, row in enumerate(rows)]


@given(zones, edits)
def test_each_record_has_one_item_and_none_changes_nothing(zone: list[Row], wishes: Any) -> None:
    items = gathered(zone, wishes)
    records = [item["record"] for item in items if item["record"] is not None]
    assert len(set(records)) == len(records)
    assert len({item["id"] for item in items}) == len(items)
    assert all(item["was"] != item["spec"] for item in items)


@given(zones, edits)
def test_undo_of_apply_is_the_zone(zone: list[Row], wishes: Any) -> None:
    after = outcome(zone, gathered(zone, wishes))
    gone, come = drafting.difference(zone, after)
    now = stored(after, 2)
    assert drafting.is_undoable(now, gone, come)
    assert told(drafting.undone(now, gone, come)) == told(zone)
    pairs = drafting.pairs_between(now, drafting.undone(now, gone, come))
    back = changeset.settled(ZONE, now, [(old.pk if old else None, new) for old, new in pairs])
    assert told(back) == told(zone)


@given(zones, edits, edits)
def test_undo_of_undo_is_the_change(zone: list[Row], wishes: Any, others: Any) -> None:
    after = outcome(zone, gathered(zone, wishes))
    gone, come = drafting.difference(zone, after)
    back = stored(drafting.undone(stored(after, 2), gone, come), 3)
    gone2, come2 = drafting.difference(stored(after, 2), back)
    assert told(drafting.undone(back, gone2, come2)) == told(after)


@given(zones, zones)
def test_towards_leads_there_exactly(zone: list[Row], wanted: list[Row]) -> None:
    wanted = [row._replace(pk=None) for row in wanted]
    items = drafting.added([], drafting.pairs_between(zone, wanted), 1)
    assert told(changeset.settled(ZONE, zone, drafting.placings(items))) == told(wanted)


@given(zones, edits, st.randoms())
def test_the_order_of_edits_of_different_records_does_not_matter(
    zone: list[Row], wishes: Any, random: Any
) -> None:
    seen: set[Any] = set()
    apart = []
    for what, pick, row in wishes:
        old = zone[pick % len(zone)] if zone else None
        keys = {row.rrset} | ({old.rrset} if old and what != "add" else set())
        if not keys & seen:
            apart.append((what, pick, row))
        seen |= keys
    turned = list(apart)
    random.shuffle(turned)
    assert told(outcome(zone, gathered(zone, apart))) == told(outcome(zone, gathered(zone, turned)))


@given(zones, edits)
def test_wishes_taken_back_one_by_one_leave_nothing(zone: list[Row], wishes: Any) -> None:
    items = gathered(zone, wishes)
    for item in list(items):
        known = {row.pk: row for row in zone}
        if item["record"] is not None:
            row = known[item["record"]]
            items = drafting.added(items, [(row, row)], 1)
        else:
            items = drafting.without(items, [item["id"]])
    assert items == []


@given(zones, edits, edits)
def test_a_rebase_loses_no_wish(zone: list[Row], mine: Any, theirs: Any) -> None:
    """Afterwards all that I wished to be there can be there, and nothing that I wished away is."""
    items = gathered(zone, mine)
    now = stored(outcome(zone, gathered(zone, theirs)), 2)
    fresh = drafting.rebased(items, now, 2)
    assert drafting.conflicts(fresh, now) == []
    after = outcome(now, fresh)
    there = {row.identity for row in after}
    for item in items:
        if item["spec"]:
            assert tuple(item["spec"][:3]) in there
    wished = {tuple(item["spec"][:3]) for item in items if item["spec"]}
    known = {row.pk: row for row in now}
    for item in items:
        if item["spec"] is None and item["record"] in known:
            identity = known[item["record"]].identity
            assert identity in wished or identity not in there


@given(zones, edits, edits)
def test_what_somebody_else_changed_too_is_a_conflict(zone: list[Row], mine: Any, theirs: Any) -> None:
    items = gathered(zone, mine)
    now = stored_partly(zone, outcome(zone, gathered(zone, theirs)))
    by_pk = {row.pk: row for row in now}
    found = {conflict.item["id"] for conflict in drafting.conflicts(items, now)}
    for item in items:
        record = item["record"]
        if record is not None and (record not in by_pk or by_pk[record].entry != item["was"]):
            assert item["id"] in found


def stored_partly(before: list[Row], after: list[Row]) -> list[Row]:
    old = {row.pk: row for row in before}
    top = max((row.pk or 0 for row in [*before, *after]), default=0) + 1000
    return [
        row if old.get(row.pk) == row else row._replace(pk=row.pk or top + n, since=2)
        for n, row in enumerate(after)
    ]


def row(pk: int | None, value: str = "192.0.2.1", **more: Any) -> Row:
    values: dict[str, Any] = {"owner": "www", "type": "A", "ttl": 3600, "managed": "", "since": 1} | more
    return Row(pk, values["owner"], values["type"], value, values["ttl"], values["managed"], values["since"])


def test_to_add_what_was_to_be_deleted_keeps_it_and_its_label() -> None:
    kept = row(5, managed="address")
    items = drafting.added([], [(kept, None)], 1)
    assert drafting.added(items, [(None, row(None))], 1) == []
    (item,) = drafting.added(items, [(None, row(None, ttl=60))], 1)
    assert (item["record"], item["spec"][3:5] if item["spec"] else None) == (5, [60, "address"])


def test_another_wish_in_its_place_is_the_last_one() -> None:
    items = drafting.added([], [(None, row(None)), (None, row(None, "192.0.2.2"))], 1)
    changed = drafting.replaced(items, items[0]["id"], row(None, "192.0.2.9", ttl=60))
    assert [item["spec"][2] for item in changed if item["spec"]] == ["192.0.2.2", "192.0.2.9"]
    assert {r.ttl for r in changeset.settled(ZONE, [], drafting.placings(changed))} == {60}


def test_a_wish_that_somebody_else_made_true_needs_no_more() -> None:
    items = drafting.added([], [(None, row(None))], 1)
    assert drafting.rebased(items, [row(9, since=2)], 2) == []
    mine = drafting.added([], [(row(5), row(5, "192.0.2.2"))], 1)
    fresh = drafting.rebased(mine, [row(5), row(9, "192.0.2.2", since=2)], 2)
    assert [(item["record"], item["spec"]) for item in fresh] == [(5, None)]


def test_keeping_mine_over_the_panels_new_value_is_my_own_record() -> None:
    items = drafting.added([], [(row(5, managed="srv"), row(5, ttl=60, managed="srv"))], 1)
    (item,) = drafting.rebased(items, [row(5, "192.0.2.7", managed="srv", since=2)], 2)
    assert item["spec"] == ["www", "A", "192.0.2.1", 60, "", ""]


def test_undo_joins_the_ttl_of_what_stayed() -> None:
    stayed = row(6, "192.0.2.2", ttl=60)
    back = drafting.undone([stayed], [row(5).entry], [])
    assert {r.ttl for r in back} == {60}


def test_undo_is_no_more_when_what_went_is_there_again() -> None:
    assert not drafting.is_undoable([row(9)], [row(5).entry], [])
    assert not drafting.is_undoable([row(9, ttl=60)], [], [row(5).entry])
    assert drafting.is_undoable([], [row(5).entry], [])


def test_forty_thousand_items_are_gathered() -> None:
    rows = [Row(n, f"h{n}", "A", "192.0.2.1", 3600, "", 1) for n in range(1, 20_001)]
    wanted = [Row(None, f"i{n}", "A", "192.0.2.1", 3600, "", 1) for n in range(1, 20_001)]
    items = drafting.added([], drafting.pairs_between(rows, wanted), 1)
    assert len(items) == 40_000
    assert len(changeset.settled(ZONE, rows, drafting.placings(items))) == 20_000
    assert row_of(items[0]["spec"] or items[0]["was"] or []).type == "A"
