"""Email Routing that changes together with the zone, and the null MX of Off."""

from __future__ import annotations

from typing import Any

import pytest

from dnszone import routing as zone_routing
from dnszone.models import Record, Zone, ZoneVersion
from dnszone.routing import AUTOMATIC, LOCAL, OFF, REMOTE
from dnszone.services import RecordSpec, version_undo
from lib.errors import Refused
from mailboxes.routing import services
from tests.mailboxes.conftest import World
from tests.mailboxes.routings import (
    KEY,
    Pushed,
    add,
    mx_of,
    now,
    replace_mx,
    switch,
)


def test_a_change_of_the_zone_brings_its_routing_and_takes_it_back(
    world: World, zone: Zone, pushed: Pushed
) -> None:
    replace_mx(world, zone, "1 aspmx.elsewhere.test.", title="Elsewhere", routing=REMOTE)
    assert (now(world.mail).routing, pushed(KEY)["routing"]) == (REMOTE, REMOTE)
    version_undo(actor=world.owner, zone=zone, version=ZoneVersion.objects.filter(zone=zone)[0])
    assert now(world.mail).routing == AUTOMATIC
    assert mx_of(zone) == ["10 mail1.postroom.test."]


def test_a_domain_without_mail_has_no_routing(world: World, zone: Zone) -> None:
    world.mail.delete()
    assert zone_routing.current(world.domain) == ""
    zone_routing.switch(actor=world.owner, domain=world.domain, mode=REMOTE)
    replace_mx(world, zone, "1 aspmx.elsewhere.test.", routing=REMOTE)
    assert ZoneVersion.objects.filter(zone=zone)[0].routing_after == ""


def test_off_puts_the_null_mx_into_the_zone_and_takes_it_out_again(
    world: World, zone: Zone, pushed: Pushed
) -> None:
    replace_mx(world, zone, "10 first.elsewhere.test.")
    add(world, zone, RecordSpec(owner="@", type="MX", rdata="20 mail1.postroom.test."))
    services.routing_set(actor=world.owner, mail_domain=now(world.mail), mode=OFF)
    assert (mx_of(zone), pushed(KEY)["routing"]) == (["0 ."], OFF)
    version = ZoneVersion.objects.filter(zone=zone)[0]
    assert (version.routing_before, version.routing_after) == (AUTOMATIC, OFF)
    services.routing_set(actor=world.owner, mail_domain=now(world.mail), mode=LOCAL)
    assert mx_of(zone) == ["10 first.elsewhere.test.", "20 mail1.postroom.test."]
    assert (now(world.mail).routing, pushed(KEY)["routing"]) == (LOCAL, LOCAL)


def test_off_is_one_version_to_take_back(world: World, zone: Zone) -> None:
    services.routing_set(actor=world.owner, mail_domain=world.mail, mode=OFF)
    version_undo(actor=world.owner, zone=zone, version=ZoneVersion.objects.filter(zone=zone)[0])
    assert (mx_of(zone), now(world.mail).routing) == (["10 mail1.postroom.test."], AUTOMATIC)


def test_nothing_to_put_back_so_the_panel_s_own_mx_comes(world: World, zone: Zone) -> None:
    replace_mx(world, zone, "0 .")
    switch(world, OFF)
    services.routing_set(actor=world.owner, mail_domain=now(world.mail), mode=AUTOMATIC)
    (record,) = Record.objects.filter(zone=zone, owner="@", type="MX")
    assert (record.rdata, record.managed) == ("10 mail1.postroom.test.", "mx")


def test_what_somebody_wrote_instead_of_the_null_mx_stays(world: World, zone: Zone) -> None:
    services.routing_set(actor=world.owner, mail_domain=world.mail, mode=OFF)
    replace_mx(world, zone, "5 mx.elsewhere.test.")
    services.routing_set(actor=world.owner, mail_domain=now(world.mail), mode=REMOTE)
    assert mx_of(zone) == ["5 mx.elsewhere.test."]


def test_off_is_all_or_nothing(world: World, zone: Zone, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(**_words: Any) -> None:
        raise Refused("no")

    monkeypatch.setattr(services, "push_enqueue", fails)
    with pytest.raises(Refused):
        services.routing_set(actor=world.owner, mail_domain=world.mail, mode=OFF)
    assert (mx_of(zone), now(world.mail).routing) == (["10 mail1.postroom.test."], AUTOMATIC)


def test_off_without_a_zone_here_switches_the_server(world: World, pushed: Pushed) -> None:
    services.routing_set(actor=world.owner, mail_domain=world.mail, mode=OFF)
    assert pushed(KEY)["routing"] == OFF
