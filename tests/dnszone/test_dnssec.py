"""DNSSEC of a zone: what the services want of the name servers, what they refuse, and what the page says."""

from __future__ import annotations

import base64
import hashlib
from datetime import timedelta
from typing import Any

import dns.dnssec
import dns.name
import dns.rdata
import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from activity.models import Entry
from activity.sentences import sentence
from dnszone import services as zone_services
from dnszone.dnssec import ds, live, services, status
from dnszone.dnssec.deciding import Stage, stage
from dnszone.models import SigningKey, SigningWatch, Zone, ZonePlace, ZoneSigning
from dnszone.models.places import Verdict
from lib import delegation, resolver
from lib.errors import Denied, Refused
from provision import kinds
from provision.models import Node, Push
from tests.factories import MembershipFactory, NodeFactory, UserFactory

PAGE = "/domains/example.test/zone/dnssec/"
MADE = SigningKey.State.MADE


def dnskey(seed: str) -> str:
    """The rdata of a public key that nobody has the private half of."""
    return f"257 3 13 {base64.b64encode(hashlib.sha512(seed.encode()).digest()).decode()}"


def payload(zone: Zone, node: Node | None = None) -> dict[str, Any]:
    rows = Push.objects.filter(key=f"zone/{zone.name}")
    found = (rows.get(node=node) if node else rows.get()).payload
    assert found is not None
    return dict(found)


def report(zone: Zone, node: Node | None = None, seed: str = "") -> None:
    """The node has applied what is wanted; its keys are made of ``seed``."""
    rows = Push.objects.filter(key=f"zone/{zone.name}")
    push = rows.get(node=node) if node else rows.get()
    push.applied_rev, push.next_try_at = push.desired_rev, None
    push.save()
    wanted = (push.payload or {})["signing"]
    keys = {str(number): {"dnskey": dnskey(f"{push.node_id} {number} {seed}")} for number in wanted}
    kinds.get("zone").on_live(push, {"serial": 1, "keys": keys} if keys else {"serial": 1})
    services.signing_settle(zone=zone)


def above(zone: Zone, *texts: str, ttl: int = 3600, minutes: float = 0) -> None:
    """The zone above was seen to have these DS records, ``minutes`` ago."""
    at = timezone.now() - timedelta(minutes=minutes)
    services.ds_seen(zone=zone, found=texts, ttl=ttl, at=at)


def ds_of(zone: Zone, generation: int) -> list[str]:
    key = SigningKey.objects.get(zone=zone, generation=generation, state=MADE)
    return [key.ds[0]]


def spread(zone: Zone) -> None:
    """As if the keys had been there for a day, and looked at all the time."""
    before = timezone.now() - timedelta(days=1)
    SigningWatch.objects.filter(zone=zone).update(complete_at=before)


def at_stage(zone: Zone) -> Stage:
    return stage(status.of(zone), timezone.now())


@pytest.fixture
def signed(alice: User, zone: Zone) -> Zone:
    services.dnssec_on(actor=alice, zone=zone)
    report(zone)
    return zone


@pytest.fixture
def rolling(alice: User, signed: Zone) -> Zone:
    spread(signed)
    services.rollover_start(actor=alice, zone=signed)
    report(signed)
    return signed


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


# the page


@pytest.fixture
def parent(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What the zone above has; ``away``: it does not answer."""
    world: dict[str, Any] = {"ds": [], "ttl": 3600, "away": False, "looks": 0}

    def ds_above(name: str, *, until: float) -> tuple[list[str], int]:
        world["looks"] += 1
        if world["away"]:
            raise resolver.ResolverAway
        return list(world["ds"]), world["ttl"]

    monkeypatch.setattr(delegation, "ds", ds_above)
    monkeypatch.setattr("dnszone.dnssec.views.BREATHER", timedelta(0))
    return world


def test_the_page_shows_the_ds_in_every_form(browser: Client, zone: Zone) -> None:
    page = browser.get(PAGE).content.decode()
    assert "Switch DNSSEC on" in page
    assert browser.post(f"{PAGE}on/").status_code == 302
    assert "The name servers are making the key" in browser.get(PAGE).content.decode()
    report(zone)
    page = browser.get(PAGE).content.decode()
    key = SigningKey.objects.get()
    for one in ds.records(zone.name, key.dnskey):
        assert f"example.test. IN DS {one.tag} 13 {one.digest_type} {one.digest.upper()}" in page
        assert f'data-copy="{one.digest.upper()}"' in page
    assert f'data-copy="{key.key_tag}"' in page
    assert "ECDSAP256SHA256" in page
    assert "SHA-256" in page
    assert f'data-copy="{key.dnskey.split()[-1]}"' in page


def test_look_now_says_what_is_there(browser: Client, signed: Zone, parent: dict[str, Any]) -> None:
    spread(signed)
    browser.post(f"{PAGE}look/")
    assert "Not there yet" in browser.get(PAGE).content.decode()
    parent["ds"] = [ds_of(signed, 1)[0].upper()]
    browser.post(f"{PAGE}look/")
    page = browser.get(PAGE).content.decode()
    assert "Matches" in page
    assert "Protected by DNSSEC" in page
    parent["ds"] = ["12345 13 2 " + "AB" * 32]
    browser.post(f"{PAGE}look/")
    page = browser.get(PAGE).content.decode()
    assert "Another one is there" in page
    assert "validating resolvers cannot find this domain" in page
    parent["away"] = True
    browser.post(f"{PAGE}look/")
    assert "Could not ask" in browser.get(PAGE).content.decode()


def test_one_look_is_enough_for_impatient_hands(
    browser: Client, signed: Zone, parent: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dnszone.dnssec.views.BREATHER", timedelta(minutes=1))
    for _time in range(3):
        browser.post(f"{PAGE}look/")
    assert parent["looks"] == 1


def test_switching_off_in_two_steps(browser: Client, signed: Zone, parent: dict[str, Any]) -> None:
    parent["ds"] = ds_of(signed, 1)
    assert browser.get(f"{PAGE}off/").status_code == 200
    answer = browser.post(f"{PAGE}off/")
    assert answer.status_code == 422
    assert "I know, switch it off anyway" in answer.content.decode()
    assert ZoneSigning.objects.get().generations == [1]
    assert browser.post(f"{PAGE}off/", {"anyway": "1"}).status_code == 302
    assert ZoneSigning.objects.get().generations == []


def test_switching_off_at_once_when_nobody_ever_knew(
    browser: Client, signed: Zone, parent: dict[str, Any]
) -> None:
    assert browser.post(f"{PAGE}off/").status_code == 302
    assert ZoneSigning.objects.get().generations == []


def test_an_exchange_on_the_page(browser: Client, signed: Zone, parent: dict[str, Any]) -> None:
    browser.post(f"{PAGE}roll/")
    report(signed)
    spread(signed)
    page = browser.get(PAGE).content.decode()
    assert "add it" in page
    assert "remove it after the new one is there" in page
    answer = browser.post(f"{PAGE}finish/", follow=True).content.decode()
    assert "does not show the new DS record yet" in answer
    parent["ds"] = ds_of(signed, 2)
    browser.post(f"{PAGE}finish/")
    assert ZoneSigning.objects.get().generations == [2]


def test_an_exchange_given_up_on_the_page(browser: Client, signed: Zone, parent: dict[str, Any]) -> None:
    browser.post(f"{PAGE}roll/")
    browser.post(f"{PAGE}cancel/")
    assert ZoneSigning.objects.get().generations == [1]


def test_a_domain_whose_dns_is_elsewhere_is_told_first(browser: Client, zone: Zone) -> None:
    ZonePlace.objects.update_or_create(zone=zone, defaults={"verdict": Verdict.ELSEWHERE})
    assert "The DNS of this domain is not (only) here" in browser.get(PAGE).content.decode()


def test_hostile_ds_records_are_shown_as_text(browser: Client, signed: Zone) -> None:
    SigningWatch.objects.filter(zone=signed).update(
        ds=["<script>alert(1)</script>"], seen_at=timezone.now(), asked_at=timezone.now()
    )
    assert "<script>alert" not in browser.get(PAGE).content.decode()


def test_the_page_asks_few_questions(
    browser: Client, signed: Zone, django_assert_max_num_queries: Any
) -> None:
    with django_assert_max_num_queries(30):
        browser.get(PAGE)


# looks and activity


def test_beat_looks_at_what_is_due(signed: Zone, parent: dict[str, Any]) -> None:
    spread(signed)
    parent["ds"] = ds_of(signed, 1)
    SigningWatch.objects.update(next_check_at=timezone.now())
    assert live.look_at_all() == 1
    assert live.look_at_all() == 0
    watch = SigningWatch.objects.get()
    assert watch.next_check_at - watch.seen_at == status.HOUR  # type: ignore[operator]
    parent["ds"] = []
    SigningWatch.objects.update(next_check_at=timezone.now())
    live.look_at_all()
    watch.refresh_from_db()
    assert watch.next_check_at - watch.seen_at == status.SOON  # type: ignore[operator]


def test_what_is_off_and_clean_is_left_alone(alice: User, signed: Zone, parent: dict[str, Any]) -> None:
    services.dnssec_off(actor=alice, zone=signed, anyway=True)
    assert live.look_at_all() == 0


def test_a_look_that_was_overtaken_changes_nothing(signed: Zone) -> None:
    above(signed, *ds_of(signed, 1))
    above(signed, minutes=3)
    assert SigningKey.objects.get().shown


def test_a_name_server_that_nobody_can_parse_is_no_answer(
    signed: Zone, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fall(name: str, *, until: float) -> Any:
        raise RuntimeError("a bug")

    monkeypatch.setattr(delegation, "ds", fall)
    assert live.look(signed).texts is None


def test_activity_says_what_was_done(alice: User, rolling: Zone) -> None:
    above(rolling)
    services.rollover_cancel(actor=alice, zone=rolling)
    services.dnssec_off(actor=alice, zone=rolling, anyway=True)
    entries = Entry.objects.filter(model="dnszone.zonesigning").order_by("pk")
    wanted = ["switched DNSSEC on", "began to exchange", "gave up the exchange", "switched DNSSEC off"]
    for entry, words in zip(entries, wanted, strict=True):
        assert words in sentence(entry, where=False)


def test_names_lead_to_the_pages(zone: Zone) -> None:
    assert reverse("zone-dnssec", args=[zone.name]) == PAGE
