"""To whom a domain is delegated, asked of the servers above; and nobody else is knocked at."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import dns.query
import pytest

from lib import delegation, resolver
from tests.fakedns import FakeDns, free_port, serving

OURS = ["ns1.postroom.test", "ns2.postroom.test"]


@pytest.fixture
def world(settings: Any) -> Iterator[FakeDns]:
    with serving(FakeDns()) as dns:
        settings.RESOLVERS = [dns.place]
        dns.zone("test")
        yield dns


def asked(name: str) -> list[str]:
    return delegation.name_servers(name, until=time.monotonic() + 5)


def test_the_referral_of_the_zone_above_counts(world: FakeDns) -> None:
    world.delegations["luna.test"] = ["NS2.postroom.test", "ns1.Postroom.test"]

    assert asked("luna.test") == OURS
    assert ("luna.test", "NS", False) in world.asked


def test_the_zone_above_may_be_several_labels_up(world: FakeDns) -> None:
    world.delegations["shop.eu.luna.test"] = OURS

    assert asked("shop.eu.luna.test") == OURS


def test_no_delegation_is_a_sure_answer(world: FakeDns) -> None:
    assert asked("luna.test") == []


def test_the_name_servers_of_the_zone_above_are_not_the_domains(world: FakeDns) -> None:
    world.delegations["test"] = OURS
    world.authority["luna.test", "NS"] = []

    assert asked("luna.test") == []


def test_a_zone_above_that_is_silent_is_no_answer(world: FakeDns, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delegation, "TRY_SECONDS", 0.2)
    world.silent.add("luna.test")

    with pytest.raises(resolver.ResolverAway):
        asked("luna.test")


def test_garbage_is_no_answer(world: FakeDns, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delegation, "TRY_SECONDS", 0.2)
    world.garbage.add("luna.test")

    with pytest.raises(resolver.ResolverAway):
        asked("luna.test")


def test_it_gives_up_in_time_however_many_servers_are_silent(world: FakeDns) -> None:
    world.records["test", "NS"] = [f"ns{n}.registry.test." for n in range(20)]
    for n in range(20):
        world.records[f"ns{n}.registry.test", "A"] = ["127.0.0.1"] * 1
    world.silent.add("luna.test")

    with pytest.raises(resolver.ResolverAway):
        delegation.name_servers("luna.test", until=time.monotonic() + 0.5)


@pytest.mark.parametrize(
    "address",
    ["10.0.0.1", "192.168.1.1", "169.254.169.254", "127.0.0.2", "0.0.0.0", "224.0.0.1", "100.64.0.1"],  # noqa: S104 - an answer, no listener
)
def test_no_door_inside_our_own_network_is_knocked_at(
    world: FakeDns, monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    world.zone("test", address=address)
    monkeypatch.setattr(dns.query, "udp_with_fallback", lambda *a, **k: pytest.fail("asked"))

    with pytest.raises(resolver.ResolverAway):
        asked("luna.test")


@pytest.mark.parametrize(
    ("address", "port"),
    [
        ("8.8.8.8", 53),
        ("2001:500:2f::f", 53),
        ("::1", 0),
        ("fe80::1", 0),
        ("::ffff:127.0.0.1", 0),
        ("64:ff9b::7f00:1", 0),
        ("fd00::1", 0),
        ("no address", 0),
    ],
)
def test_which_addresses_are_asked(settings: Any, address: str, port: int) -> None:
    settings.RESOLVERS = []
    assert delegation._port(address) == port


def test_a_resolver_of_ours_is_asked_where_it_is(settings: Any) -> None:
    settings.RESOLVERS = [f"127.0.0.1:{free_port()}"]
    assert delegation._port("127.0.0.1") == resolver.configured()[0][1]


def test_the_source_is_asked_past_what_resolvers_remember(world: FakeDns) -> None:
    world.zone("luna.test")
    world.authority["x.luna.test", "TXT"] = ['"new" "er"']

    assert resolver.lookup("x.luna.test", "TXT") == []
    assert delegation.at_source("x.luna.test", "TXT", until=time.monotonic() + 5) == ["newer"]


@pytest.mark.parametrize(
    ("found", "ours"),
    [
        ([], False),
        (OURS, True),
        (OURS[:1], True),
        (["NS1.Postroom.test."], True),
        ([*OURS, "ns.foreign.test"], False),
        (["ns1.postroom.test.evil.test"], False),
    ],
)
def test_all_and_at_least_one_are_ours(found: list[str], ours: bool) -> None:
    assert delegation.is_to(found, OURS) is ours
