"""Every applied set is kept: listed, compared, taken back and brought back exactly."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import Domain, User
from dnszone import routing, selectors, services
from dnszone.models import Zone, ZoneVersion
from dnszone.services import Change, Note
from lib.errors import Denied, Refused
from tests.dnszone.conftest import record
from tests.dnszone.test_drafts import apply, gather, spec
from tests.dnszone.test_services import served
from tests.factories import UserFactory
from tests.racing import race


def now(zone: Zone) -> list[Any]:
    """Records as a version keeps them: value, TTL, label and comment."""
    return sorted(row.entry for row in selectors.rows_of(zone))


def change(zone: Zone, user: User, *changes: Change, reason: str = "") -> ZoneVersion:
    version = apply(user, zone, gather(user, zone, *changes), reason)
    assert version is not None
    return version


def undo(zone: Zone, user: User, version: ZoneVersion) -> None:
    services.version_undo(actor=user, zone=zone, version=version)


def newest(zone: Zone) -> ZoneVersion:
    found: ZoneVersion = ZoneVersion.objects.filter(zone=zone)[0]
    return found


def test_undo_takes_back_one_change_and_nothing_else(zone: Zone, alice: User) -> None:
    before = now(zone)
    mx = record(zone, "@", "MX")
    version = change(
        zone, alice, Change(record=mx.pk, spec=spec("@", "5 mx.example.net", "MX", comment="new"))
    )
    change(zone, alice, Change(spec=spec("www", "192.0.2.80")))
    undo(zone, alice, version)
    assert served("example.test.", "MX") == ["10 mail1.postroom.test."]
    assert [e for e in now(zone) if e[0] != "www"] == before
    assert newest(zone).origin == "undo"


def test_undo_of_undo_is_the_change_again(zone: Zone, alice: User) -> None:
    version = change(
        zone, alice, Change(record=record(zone, "_dmarc", "TXT").pk), Change(spec=spec("w", "192.0.2.8"))
    )
    after = now(zone)
    undo(zone, alice, version)
    undo(zone, alice, newest(zone))
    assert now(zone) == after


def test_undo_of_what_was_changed_again_is_refused(zone: Zone, alice: User) -> None:
    version = change(zone, alice, Change(spec=spec("www", "192.0.2.80")))
    change(zone, alice, Change(record=record(zone, "www", "A").pk, spec=spec("www", "192.0.2.81")))
    with pytest.raises(Refused, match="changed again"):
        undo(zone, alice, version)
    gone = change(zone, alice, Change(record=record(zone, "_dmarc", "TXT").pk))
    change(zone, alice, Change(spec=spec("_dmarc", "v=DMARC1; p=none", "TXT")))
    with pytest.raises(Refused, match="changed again"):
        undo(zone, alice, gone)


def test_undo_twice_at_once_takes_back_once(zone: Zone, alice: User) -> None:
    version = change(zone, alice, Change(record=record(zone, "_dmarc", "TXT").pk))
    undo(zone, alice, version)
    with pytest.raises(Refused):
        undo(zone, alice, version)


@pytest.mark.django_db(transaction=True)
def test_undo_races_with_itself(zone: Zone, alice: User) -> None:
    version = change(zone, alice, Change(spec=spec("www", "192.0.2.80")))
    assert race(4, lambda _i: undo(Zone.objects.get(pk=zone.pk), alice, version)).count("") == 1


def test_the_beginning_of_a_zone_cannot_be_undone(zone: Zone, alice: User) -> None:
    (first,) = ZoneVersion.objects.filter(zone=zone, origin="new")
    with pytest.raises(Refused, match="begins"):
        undo(zone, alice, first)


class Switch:
    """Email Routing, as mailboxes would keep it."""

    def __init__(self) -> None:
        self.mode = "local"

    def current(self, domain: Domain) -> str:
        return self.mode

    def switch(self, *, actor: Any, domain: Domain, mode: str) -> None:
        self.mode = mode


@pytest.fixture
def switch() -> Any:
    before = list(routing._keeper)
    found = Switch()
    routing.register(found)
    yield found
    routing._keeper[:] = before


def test_routing_goes_and_comes_back_with_it(zone: Zone, alice: User, switch: Switch) -> None:
    wanted = [row for row in selectors.rows_of(zone) if row.type != "MX"]
    draft = services.draft_towards(actor=alice, zone=zone, wanted=wanted, routing="remote")
    version = apply(alice, zone, draft)
    assert version is not None
    assert (switch.mode, version.routing_before, version.routing_after) == ("remote", "local", "remote")
    undo(zone, alice, version)
    assert (switch.mode, served("example.test.", "MX")) == ("local", ["10 mail1.postroom.test."])


def test_routing_that_was_switched_since_stays(zone: Zone, alice: User, switch: Switch) -> None:
    wanted = [row for row in selectors.rows_of(zone) if row.type != "MX"]
    version = apply(
        alice, zone, services.draft_towards(actor=alice, zone=zone, wanted=wanted, routing="remote")
    )
    assert version is not None
    switch.mode = "backup"
    undo(zone, alice, version)
    assert switch.mode == "backup"
    services.zone_apply(actor=alice, zone=zone, changes=[], note=Note(routing="off"))
    alone = newest(zone)
    switch.mode = "local"
    with pytest.raises(Refused):
        undo(zone, alice, alone)


def test_restore_is_exact_and_goes_through_the_preview(zone: Zone, alice: User) -> None:
    mx = record(zone, "@", "MX")
    first = change(zone, alice, Change(spec=spec("www", "192.0.2.80", comment="shop", ttl=60)))
    then = now(zone)
    change(zone, alice, Change(record=mx.pk, spec=spec("@", "5 mx.example.net", "MX")))
    change(zone, alice, Change(record=record(zone, "www", "A").pk))
    services.managed_records_set(actor=None, zone=zone, managed="srv", records=[])
    draft = services.version_restore(actor=alice, zone=zone, version=first)
    assert draft.origin == "restore"
    assert now(zone) != then
    apply(alice, zone, draft)
    assert now(zone) == then


edits = st.lists(
    st.tuples(
        st.sampled_from(["add", "change", "delete", "panel"]),
        st.integers(0, 30),
        st.sampled_from(["@", "www", "a.b"]),
        st.sampled_from(
            [("A", "192.0.2.1"), ("A", "192.0.2.2"), ("MX", "10 a.test"), ("MX", "20 b.test"), ("TXT", "x")]
        ),
        st.sampled_from([60, 3600]),
        st.sampled_from(["", "note"]),
    ),
    min_size=1,
    max_size=8,
)


def _edit(zone: Zone, user: User, edit: Any) -> None:
    what, pick, owner, (kind, value), ttl, comment = edit
    rows = [row for row in selectors.rows_of(zone) if (row.owner, row.type) != ("@", "NS")]
    wished = spec(owner, value, kind, ttl=ttl, comment=comment)
    try:
        if what == "panel":
            services.managed_records_set(actor=None, zone=zone, managed="spf", records=[wished])
        elif what == "add" or not rows:
            services.zone_apply(actor=user, zone=zone, changes=[Change(spec=wished)])
        else:
            changed = wished if what == "change" else None
            services.zone_apply(
                actor=user, zone=zone, changes=[Change(record=rows[pick % len(rows)].pk, spec=changed)]
            )
    except Refused:
        return


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(edits)
def test_every_version_of_any_history_can_be_had_again(zone: Zone, alice: User, history: Any) -> None:
    kept = {newest(zone).pk: now(zone)}
    for edit in history:
        _edit(zone, alice, edit)
        kept[newest(zone).pk] = now(zone)
    for pk, was in kept.items():
        version = ZoneVersion.objects.get(pk=pk)
        assert sorted(row.entry for row in selectors.rows_at(zone, version)) == was
    for pk, was in list(kept.items())[:3]:
        draft = services.version_restore(actor=alice, zone=zone, version=ZoneVersion.objects.get(pk=pk))
        if draft.pk:
            apply(alice, zone, draft)
        assert now(zone) == was


def test_an_outsider_takes_nothing_back(zone: Zone, alice: User) -> None:
    version = change(zone, alice, Change(spec=spec("www", "192.0.2.80")))
    outsider = UserFactory.create()
    with pytest.raises(Denied):
        undo(zone, outsider, version)
    with pytest.raises(Denied):
        services.version_restore(actor=outsider, zone=zone, version=version)
