"""DNSSEC of a zone: what the services want of the name servers, and what they refuse."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import dns.dnssec
import dns.name
import dns.rdata
import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from dnszone import services as zone_services
from dnszone.dnssec import services
from dnszone.dnssec.deciding import Stage
from dnszone.models import Record, SigningKey, Zone, ZoneSigning
from dnszone.spec import Change, RecordSpec
from lib.errors import Denied, Refused
from provision import kinds
from provision.models import Node, Push
from tests.dnszone.signing import MADE, PAGE, above, at_stage, ds_of, payload, report, spread
from tests.factories import MembershipFactory, NodeFactory, UserFactory

# what is wanted of the name servers


def test_switched_on_it_wants_a_key_of_every_name_server(alice: User, zone: Zone) -> None:
    assert payload(zone)["signing"] == []
    services.dnssec_on(actor=alice, zone=zone)
    assert payload(zone)["signing"] == [1]
    assert payload(zone)["dnskeys"] == []
    assert at_stage(zone) == Stage.MAKING
    with pytest.raises(Refused):
        services.dnssec_on(actor=alice, zone=zone)


def test_the_nodes_report_brings_the_key(signed: Zone) -> None:
    key = SigningKey.objects.get(zone=signed)
    wire: Any = dns.rdata.from_text("IN", "DNSKEY", key.dnskey)
    name = dns.name.from_text(signed.name)
    assert key.key_tag == dns.dnssec.key_id(wire)
    assert key.ds == [dns.dnssec.make_ds(name, wire, digest).to_text() for digest in ("SHA256", "SHA384")]
    assert at_stage(signed) == Stage.SPREADING
    spread(signed)
    assert at_stage(signed) == Stage.GIVE_DS


def test_the_same_report_again_changes_nothing(signed: Zone) -> None:
    before = list(SigningKey.objects.values())
    report(signed)
    assert list(SigningKey.objects.values()) == before


@pytest.mark.parametrize("fact", [None, {}, {"dnskey": "257 3 13 no"}, {"dnskey": 7}, {"dnskey": "\0"}, "x"])
def test_a_report_without_a_key_is_not_taken(alice: User, zone: Zone, fact: Any) -> None:
    services.dnssec_on(actor=alice, zone=zone)
    push = Push.objects.get(key=f"zone/{zone.name}")
    with pytest.raises(ValueError, match="none"):
        kinds.get("zone").on_live(push, {"serial": 1, "keys": {"1": fact}})


def test_an_alias_and_dnssec_exclude_each_other(alice: User, zone: Zone) -> None:
    """PowerDNS answers an ALIAS without a signature."""
    spec = RecordSpec(owner="shop", type="ALIAS", rdata="shops.example.net.")
    zone_services.zone_apply(actor=alice, zone=zone, changes=[Change(spec=spec)])
    with pytest.raises(Refused, match="shop"):
        services.dnssec_on(actor=alice, zone=zone)
    assert payload(zone)["signing"] == []
    alias = Record.objects.get(zone=zone, type="ALIAS")
    zone_services.zone_apply(actor=alice, zone=zone, changes=[Change(record=alias.pk)])
    services.dnssec_on(actor=alice, zone=zone)
    for change in (zone_services.draft_change, zone_services.zone_apply):
        with pytest.raises(Refused, match="cannot be signed") as refused:
            change(actor=alice, zone=zone, changes=[Change(spec=spec)])
        assert refused.value.field == "owner"
    assert not Record.objects.filter(zone=zone, type="ALIAS").exists()


def test_edits_of_a_signed_zone_stay_signed(alice: User, signed: Zone) -> None:
    spec = zone_services.RecordSpec(owner="new", type="A", rdata="192.0.2.9")
    zone_services.zone_apply(actor=alice, zone=signed, changes=[zone_services.Change(spec=spec)])
    assert payload(signed)["signing"] == [1]


def test_two_name_servers_publish_the_keys_of_each_other(alice: User, zone: Zone, node: Node) -> None:
    other = NodeFactory.create(name="ns2", roles=["dns"])
    zone_services.zone_push(actor=None, zone=zone)
    services.dnssec_on(actor=alice, zone=zone)
    report(zone, node)
    assert payload(zone, node)["dnskeys"] == []
    report(zone, other)
    texts = sorted(SigningKey.objects.values_list("dnskey", flat=True))
    assert payload(zone, node)["dnskeys"] == payload(zone, other)["dnskeys"] == texts
    assert at_stage(zone) == Stage.MAKING
    report(zone, node)
    assert at_stage(zone) == Stage.MAKING
    report(zone, other)
    assert at_stage(zone) == Stage.SPREADING
    above(zone, SigningKey.objects.get(node=node).ds[0])
    assert at_stage(zone) == Stage.PARTLY


def test_a_name_server_that_joins_later_needs_its_own_ds(browser: Client, signed: Zone, node: Node) -> None:
    spread(signed)
    above(signed, *ds_of(signed, 1))
    assert at_stage(signed) == Stage.SECURE
    joined = NodeFactory.create(name="ns2", roles=["dns"])
    zone_services.zone_push(actor=None, zone=signed)
    report(signed, joined)
    assert at_stage(signed) == Stage.PARTLY
    assert (
        "Some visitors with validating resolvers cannot find this domain"
        in browser.get(PAGE).content.decode()
    )
    above(signed, *[key.ds[0] for key in SigningKey.objects.all()])
    report(signed, node)
    report(signed, joined)
    assert at_stage(signed) == Stage.SECURE
    joined.delete()
    assert at_stage(signed) == Stage.SECURE


def test_a_lost_key_is_noticed_and_said_loudly(browser: Client, signed: Zone) -> None:
    spread(signed)
    old = SigningKey.objects.get()
    above(signed, old.ds[0])
    assert at_stage(signed) == Stage.SECURE
    report(signed, seed="a new server")
    old.refresh_from_db()
    assert old.state == SigningKey.State.LOST
    assert at_stage(signed) == Stage.BROKEN
    page = browser.get(PAGE).content.decode()
    assert "The signing key is gone" in page
    assert f"key tag {old.key_tag}" in page


# switching off


def test_off_is_refused_while_the_ds_stands_and_is_remembered(alice: User, signed: Zone) -> None:
    spread(signed)
    above(signed, *ds_of(signed, 1), minutes=90)
    above(signed, *ds_of(signed, 1), minutes=5)
    with pytest.raises(Refused, match="Remove it at your registrar first"):
        services.dnssec_off(actor=alice, zone=signed)
    above(signed)
    with pytest.raises(Refused, match="may remember it until"):
        services.dnssec_off(actor=alice, zone=signed)
    SigningKey.objects.update(ds_gone_at=timezone.now() - timedelta(seconds=3601))
    services.dnssec_off(actor=alice, zone=signed)
    assert payload(signed)["signing"] == []
    assert SigningKey.objects.get().state == SigningKey.State.REMOVED
    assert at_stage(signed) == Stage.OFF


def test_off_is_refused_when_nobody_looked(alice: User, signed: Zone) -> None:
    with pytest.raises(Refused, match="could not be asked"):
        services.dnssec_off(actor=alice, zone=signed)
    above(signed, minutes=30)
    with pytest.raises(Refused, match="could not be asked"):
        services.dnssec_off(actor=alice, zone=signed)


def test_off_anyway_and_what_is_left_is_said(alice: User, browser: Client, signed: Zone) -> None:
    above(signed, *ds_of(signed, 1))
    services.dnssec_off(actor=alice, zone=signed, anyway=True)
    assert payload(signed)["signing"] == []
    assert at_stage(signed) == Stage.OFF_BUT_DS
    assert "validating resolvers cannot find this domain" in browser.get(PAGE).content.decode()


def test_on_again_is_another_key(alice: User, signed: Zone) -> None:
    services.dnssec_off(actor=alice, zone=signed, anyway=True)
    services.dnssec_on(actor=alice, zone=signed)
    assert payload(signed)["signing"] == [2]


# exchanging the key


def test_a_second_key_signs_beside_the_first(alice: User, rolling: Zone) -> None:
    assert payload(rolling)["signing"] == [1, 2]
    assert SigningKey.objects.filter(state=MADE).count() == 2
    assert at_stage(rolling) == Stage.ROLL_SPREADING
    with pytest.raises(Refused, match="already"):
        services.rollover_start(actor=alice, zone=rolling)


def test_a_whole_exchange(alice: User, rolling: Zone) -> None:
    old, new = ds_of(rolling, 1), ds_of(rolling, 2)

    def refused(words: str) -> None:
        with pytest.raises(Refused, match=words):
            services.rollover_finish(actor=alice, zone=rolling)

    above(rolling, *old, minutes=4)
    refused("know only the old key until")
    spread(rolling)
    refused("does not show the new DS")
    above(rolling, *old, *new, minutes=3)
    refused("still shows the old DS")
    with pytest.raises(Refused, match="shows the new DS"):
        services.rollover_cancel(actor=alice, zone=rolling)
    above(rolling, *new, minutes=2)
    refused("may remember it until")
    SigningKey.objects.filter(generation=1).update(ds_gone_at=timezone.now() - timedelta(seconds=3601))
    assert at_stage(rolling) == Stage.ROLL_READY
    services.rollover_finish(actor=alice, zone=rolling)
    assert payload(rolling)["signing"] == [2]
    assert at_stage(rolling) == Stage.SECURE


def test_an_exchange_given_up(alice: User, rolling: Zone) -> None:
    above(rolling, *ds_of(rolling, 1))
    services.rollover_cancel(actor=alice, zone=rolling)
    assert payload(rolling)["signing"] == [1]
    assert at_stage(rolling) == Stage.SECURE
    services.rollover_start(actor=alice, zone=rolling)
    assert payload(rolling)["signing"] == [1, 3]


def test_no_exchange_before_there_is_a_key(alice: User, zone: Zone) -> None:
    with pytest.raises(Refused, match="off"):
        services.rollover_start(actor=alice, zone=zone)
    services.dnssec_on(actor=alice, zone=zone)
    with pytest.raises(Refused, match="still making"):
        services.rollover_start(actor=alice, zone=zone)
    for service in (services.rollover_finish, services.rollover_cancel):
        with pytest.raises(Refused, match="No exchange"):
            service(actor=alice, zone=zone)


# who may


SERVICES = [
    services.dnssec_on,
    services.dnssec_off,
    services.rollover_start,
    services.rollover_finish,
    services.rollover_cancel,
]


@pytest.mark.parametrize("service", SERVICES)
def test_services_are_for_who_may_change_the_zone(zone: Zone, service: Any) -> None:
    assert zone.domain is not None
    reader = MembershipFactory.create(account=zone.domain.account, role="reader").user
    for user in (reader, UserFactory.create()):
        with pytest.raises(Denied):
            service(actor=user, zone=zone)


@pytest.mark.parametrize("service", SERVICES)
def test_a_plan_without_the_editor(alice: User, zone: Zone, service: Any) -> None:
    assert zone.domain is not None
    zone.domain.account.dns_editing = False
    zone.domain.account.save()
    with pytest.raises(Refused, match="switched off"):
        service(actor=alice, zone=zone)


@pytest.mark.parametrize("action", ["", "on/", "off/", "roll/", "finish/", "cancel/", "look/"])
def test_strangers_find_nothing(stranger: Client, zone: Zone, action: str) -> None:
    assert stranger.get(PAGE + action).status_code == 404
    assert stranger.post(PAGE + action).status_code == 404
    assert not ZoneSigning.objects.exists()
