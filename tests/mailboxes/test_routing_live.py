"""The live MX, from a DNS server that says what a test wants."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from dnszone.routing import BACKUP, LOCAL, OFF, REMOTE
from mailboxes.routing import live
from mailboxes.routing.deciding import Answer, Finding, Whose
from tests.fakedns import FakeDns, serving

NAME = "example.test"
OURS = live.Ours(
    hosts=frozenset({"mail1.postroom.test"}),
    addresses=frozenset({"192.0.2.25", "2001:db8::25"}),
    servers=("ns1.postroom.test", "ns2.postroom.test"),
)


@pytest.fixture
def dns(settings: Any) -> Iterator[FakeDns]:
    with serving(FakeDns()) as world:
        settings.RESOLVERS = [world.place]
        world.zone("test")
        world.delegations[NAME] = ["ns.elsewhere.test"]
        yield world


def look(zone_mx: frozenset[str] | None = None, known: frozenset[str] = frozenset()) -> Finding:
    return live.look(live.Question(NAME, zone_mx, known), OURS)


def test_ours_by_name_in_any_case_without_asking_for_its_address(dns: FakeDns) -> None:
    dns.records[NAME, "MX"] = ["10 MAIL1.postroom.test."]
    assert look().mode == LOCAL
    assert ("mail1.postroom.test", "A", True) not in dns.asked


@pytest.mark.parametrize(
    ("rdtype", "address"), [("A", "192.0.2.25"), ("AAAA", "2001:0db8::25")], ids=["v4", "v6"]
)
def test_ours_by_address_under_the_customer_s_own_name(dns: FakeDns, rdtype: str, address: str) -> None:
    dns.records[NAME, "MX"] = ["10 mail.example.test."]
    dns.records["mail.example.test", rdtype] = [address]
    dns.records.setdefault(("mail.example.test", "A"), [])
    assert look().mode == LOCAL


def test_elsewhere(dns: FakeDns) -> None:
    dns.records[NAME, "MX"] = ["1 aspmx.elsewhere.test."]
    dns.records["aspmx.elsewhere.test", "A"] = ["198.51.100.1"]
    assert look().mode == REMOTE


def test_second_in_the_list(dns: FakeDns) -> None:
    dns.records[NAME, "MX"] = ["20 mail1.postroom.test.", "10 first.elsewhere.test."]
    dns.records["first.elsewhere.test", "A"] = ["198.51.100.1"]
    finding = look()
    assert finding.mode == BACKUP
    assert [(host.priority, host.whose) for host in finding.hosts] == [(10, Whose.OTHER), (20, Whose.OURS)]


def test_the_null_mx(dns: FakeDns) -> None:
    dns.records[NAME, "MX"] = ["0 ."]
    assert (look().answer, look().mode) == (Answer.NULL, OFF)


@pytest.mark.parametrize(("address", "mode"), [("192.0.2.25", LOCAL), ("198.51.100.1", REMOTE)])
def test_without_mx_the_address_of_the_domain_counts(dns: FakeDns, address: str, mode: str) -> None:
    dns.records[NAME, "A"] = [address]
    assert (look().answer, look().mode) == (Answer.ADDRESS, mode)


def test_neither_mx_nor_address_decides_nothing(dns: FakeDns) -> None:
    dns.records[NAME, "MX"] = []
    assert look() == Finding(Answer.NONE)


def test_a_domain_that_nobody_delegated_decides_nothing(dns: FakeDns) -> None:
    del dns.delegations[NAME]
    assert look() == Finding(Answer.UNDELEGATED)


@pytest.mark.parametrize("how", ["broken", "silent", "garbage"])
def test_no_answer_decides_nothing(dns: FakeDns, how: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "ONE_LOOK", 0.5)
    getattr(dns, how).add(NAME)
    assert look() == Finding(Answer.AWAY)


def test_nobody_to_ask_decides_nothing(dns: FakeDns, settings: Any) -> None:
    settings.RESOLVERS = ["127.0.0.1:1"]
    assert look() == Finding(Answer.AWAY)


def test_a_host_whose_address_nobody_knows_may_be_ours(dns: FakeDns) -> None:
    dns.records[NAME, "MX"] = ["10 mx.elsewhere.test."]
    dns.broken.add("mx.elsewhere.test")
    assert look().mode == ""
    assert look(known=frozenset({"mx.elsewhere.test"})).mode == LOCAL
    # In the zone that we serve our own people wrote it, and it was never ours.
    assert look(zone_mx=frozenset({"10 mx.elsewhere.test."})).mode == REMOTE
    assert look(frozenset({"10 mx.elsewhere.test."}), frozenset({"mx.elsewhere.test"})).mode == LOCAL


def test_sure_when_the_zone_here_says_the_same(dns: FakeDns) -> None:
    dns.records[NAME, "MX"] = ["0 ."]
    assert look(zone_mx=frozenset({"0 ."})).sure
    assert not look(zone_mx=frozenset({"10 mail1.postroom.test."})).sure
    assert not look().sure


def test_what_resolvers_remember_gives_way_to_the_zone_that_is_delegated_to_us(dns: FakeDns) -> None:
    dns.records[NAME, "MX"] = ["10 mail1.postroom.test."]
    dns.delegations[NAME] = list(OURS.servers)
    assert look(zone_mx=frozenset({"0 ."})) == Finding(Answer.NULL, sure=True)
    dns.delegations[NAME] = ["ns.elsewhere.test", "ns1.postroom.test"]
    assert look(zone_mx=frozenset({"0 ."})).mode == LOCAL


def test_a_hundred_hosts_are_not_all_asked_for(dns: FakeDns) -> None:
    dns.records[NAME, "MX"] = [f"{number} h{number}.elsewhere.test." for number in range(100)]
    assert look().mode == ""
    assert len(dns.asked) < 60
