"""DS records as the zone above has them, and nobody else's word for it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import dns.message
import dns.rrset
import pytest

from lib import delegation, resolver
from tests.fakedns import FakeDns, serving

DS = "43046 13 2 a06573e4136d9574264081e817ff7c758dc85f6de0d835fb1eef421055f6ddaf"


@pytest.fixture
def world(settings: Any) -> Iterator[FakeDns]:
    with serving(FakeDns()) as dns:
        settings.RESOLVERS = [dns.place]
        dns.zone("test")
        yield dns


def asked(name: str = "luna.test") -> tuple[list[str], int]:
    return delegation.ds(name, until=time.monotonic() + 5)


def test_the_servers_above_are_asked(world: FakeDns) -> None:
    world.authority["luna.test", "DS"] = [DS]
    assert asked() == ([DS], 60)
    assert ("luna.test", "DS", False) in world.asked
    assert ("luna.test", "DS", True) not in world.asked


def test_none_is_a_sure_answer_with_authority(world: FakeDns) -> None:
    world.authority["luna.test", "DS"] = []
    assert asked() == ([], 0)


def test_where_they_are_silent_resolvers_are_asked(world: FakeDns) -> None:
    world.zone("test", address="10.0.0.1")
    world.records["luna.test", "DS"] = [DS]
    texts, ttl = asked()
    assert texts == [DS]
    assert 0 < ttl <= 60


def test_a_referral_says_nothing_of_it(world: FakeDns) -> None:
    world.delegations["luna.test"] = ["ns1.postroom.test"]
    world.records["luna.test", "DS"] = [DS]
    assert asked()[0] == [DS]


def test_nobody_answers(world: FakeDns, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delegation, "TRY_SECONDS", 0.2)
    world.broken.add("luna.test")
    with pytest.raises(resolver.ResolverAway):
        asked()


def test_the_domains_own_servers_know_nothing_of_it() -> None:
    query = dns.message.make_query("luna.test", "DS")
    answer = dns.message.make_response(query)
    answer.flags |= 0x0400
    assert delegation._knows_ds(answer, "luna.test")
    soa = "ns.luna.test. h.luna.test. 1 2 3 4 5"
    answer.authority.append(dns.rrset.from_text("luna.test.", 60, "IN", "SOA", soa))
    assert not delegation._knows_ds(answer, "luna.test")
