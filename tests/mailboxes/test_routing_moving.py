"""Mail that still comes by the MX of before, after Email Routing became Remote."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest
from django.utils import timezone

from dnszone.models import Record, Zone
from dnszone.routing import BACKUP, LOCAL, OFF, REMOTE
from dnszone.services import Change, RecordSpec, zone_apply
from mailboxes.routing import services
from tests.mailboxes.conftest import World
from tests.mailboxes.routings import ELSEWHERE, KEY, Pushed, now, store, switch


@pytest.mark.parametrize(("before", "mode", "put_off"), [
    (LOCAL, REMOTE, True), (BACKUP, REMOTE, True), (OFF, REMOTE, False), (LOCAL, BACKUP, False),
    (LOCAL, OFF, False),
])  # fmt: skip
def test_who_still_comes_by_the_old_mx_is_put_off(
    world: World, pushed: Pushed, before: str, mode: str, put_off: bool
) -> None:
    switch(world, before)
    row = switch(world, mode)
    assert (row.moved_until is not None, pushed(KEY)["receive"]) == (put_off, not put_off)


def test_for_as_long_as_resolvers_may_keep_the_old_mx(world: World, zone: Zone, pushed: Pushed) -> None:
    mx = Record.objects.get(zone=zone, type="MX")
    slow, fast = (RecordSpec(owner="@", type="MX", rdata=mx.rdata, ttl=ttl) for ttl in (20_000, 300))
    zone_apply(actor=None, zone=zone, changes=[Change(record=mx.pk, spec=slow)])
    zone_apply(actor=None, zone=zone, changes=[Change(record=mx.pk, spec=fast)])  # the long one is out there
    until = switch(world, REMOTE).moved_until
    assert until is not None
    assert abs(until - timezone.now() - dt.timedelta(seconds=20_000)) < dt.timedelta(seconds=60)
    assert services.moves_end(now=until - dt.timedelta(seconds=1)) == 0
    assert services.moves_end(now=until) == 1
    assert (now(world.mail).moved_until, pushed(KEY)["receive"]) == (None, True)
    assert services.moves_end(now=until) == 0


def test_a_very_long_ttl_puts_off_for_two_days_and_coming_back_for_no_longer(
    world: World, zone: Zone, pushed: Pushed
) -> None:
    Record.objects.filter(zone=zone, type="MX").update(ttl=2_147_483_647)
    until = switch(world, REMOTE).moved_until
    assert until is not None
    assert until <= timezone.now() + dt.timedelta(days=2)
    assert switch(world, LOCAL).moved_until is None
    assert pushed(KEY)["receive"] is True


def test_a_look_that_finds_it_elsewhere_puts_off_too(world: World, pushed: Pushed) -> None:
    assert store(world, replace(ELSEWHERE, sure=True)).moved_until is not None
    assert pushed(KEY)["receive"] is False
