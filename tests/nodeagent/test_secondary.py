"""A secondary name server has what the primary has: by the catalog, by word of each change, and after it was
away. Real PowerDNS on both sides."""

from __future__ import annotations

import dataclasses
import socket
import time
from collections.abc import Iterator

import dns.query
import dns.rcode
import pytest

from deploy.stack.services import powerdns
from nodeagent.backends.base import BackendError, Proof
from nodeagent.contract import RRset, State, Zone
from nodeagent.contract.dns import CATALOG
from nodeagent.follower import Follower
from nodeagent.ledger import Held
from nodeagent.payload import parse
from tests.nodeagent import pair as pairs
from tests.nodeagent.conftest import absent, wanted
from tests.nodeagent.pair import HERE, Pair
from tests.nodeagent.rig import until
from tests.nodeagent.test_dns import mx, zone
from tests.validating import Validator


@pytest.fixture(scope="module")
def pair() -> Iterator[Pair]:
    with pairs.pair() as found:
        yield found


def put(pair: Pair, state: Zone) -> Proof:
    return pair.backend.apply(parse(wanted(state)))


def remove(pair: Pair, state: State) -> None:
    pair.backend.apply(parse(absent(state, 9)))


def there(pair: Pair, state: Zone) -> None:
    until(lambda: pair.secondary.serial(state.name) == state.serial, 20)


def test_a_zone_comes_changes_and_goes(pair: Pair, domain: str) -> None:
    state = zone(domain, 10, mx(domain, f"10 mail.{domain}."))
    put(pair, state)
    there(pair, state)
    assert pair.secondary.texts(domain, "MX") == {f"10 mail.{domain}."}
    changed = zone(domain, 11, mx(domain, f"20 mail.{domain}."))
    put(pair, changed)
    until(lambda: pair.secondary.texts(domain, "MX") == {f"20 mail.{domain}."}, 2)
    remove(pair, changed)
    until(lambda: pair.secondary.ask(domain, "SOA").rcode() == dns.rcode.REFUSED, 20)  # type: ignore[union-attr]


def test_a_signed_zone_validates_there_too(pair: Pair, domain: str) -> None:
    plain = zone(domain, 1, mx(domain, f"10 mail.{domain}."))
    put(pair, plain)
    there(pair, plain)
    keys = put(pair, dataclasses.replace(plain, signing=[1])).facts["keys"]  # the serial is as it was
    until(lambda: pair.secondary.texts(domain, "DNSKEY"), 5)
    validator = Validator(pair.secondary.port, domain)
    validator.check(domain, "MX", keys["1"]["ds"][0])
    validator.check(f"nothing.{domain}", "A", keys["1"]["ds"][0])
    more = dataclasses.replace(zone(domain, 2, mx(domain, f"30 mail.{domain}.")), signing=[1])
    put(pair, more)
    there(pair, more)
    validator.check(domain, "MX", keys["1"]["ds"][0])
    both = put(pair, dataclasses.replace(more, serial=3, rrsets=zone(domain, 3).rrsets, signing=[1, 2]))
    until(lambda: len(pair.secondary.texts(domain, "DNSKEY")) == 2, 5)
    rolled = put(pair, dataclasses.replace(more, serial=4, rrsets=zone(domain, 4).rrsets, signing=[2])).facts[
        "keys"
    ]
    assert rolled["2"] == both.facts["keys"]["2"]
    until(lambda: len(pair.secondary.texts(domain, "DNSKEY")) == 1, 5)
    validator.check(domain, "NS", rolled["2"]["ds"][0])
    put(pair, zone(domain, 5))
    until(lambda: not pair.secondary.texts(domain, "DNSKEY"), 5)


def test_an_alias_has_addresses_there(pair: Pair, domain: str) -> None:
    alias = RRset(name=f"{domain}.", type="ALIAS", ttl=60, records=[f"ns1.{domain}."])
    state = zone(domain, 1, alias)
    put(pair, state)
    there(pair, state)
    assert pair.secondary.texts(domain, "A") == {"192.0.2.1"}


def test_ten_thousand_records(pair: Pair, domain: str) -> None:
    many = [RRset(name=f"h{n}.{domain}.", type="A", ttl=60, records=["192.0.2.9"]) for n in range(10_000)]
    state = zone(domain, 1, *many)
    put(pair, state)
    there(pair, state)
    assert pair.secondary.texts(f"h9999.{domain}", "A") == {"192.0.2.9"}
    fewer = zone(domain, 2, *many[:5000])
    put(pair, fewer)
    there(pair, fewer)
    assert pair.secondary.texts(f"h9999.{domain}", "A") == set()
    remove(pair, fewer)


def test_what_it_missed_it_has_when_it_is_back(pair: Pair, domain: str) -> None:
    old, gone = zone(domain, 1), zone(f"gone-{domain}", 1)
    put(pair, old)
    put(pair, gone)
    there(pair, old)
    there(pair, gone)
    pair.secondary.stop()
    for number in range(25):
        put(pair, zone(f"z{number}-{domain}", 7, mx(f"z{number}-{domain}", f"{number} mail.{domain}.")))
        put(pair, zone(domain, 2 + number, mx(domain, f"{number} mail.{domain}.")))
    remove(pair, gone)
    pair.prepare_secondary()
    pair.secondary.start()
    there(pair, zone(domain, 26))
    for number in range(25):
        there(pair, zone(f"z{number}-{domain}", 7))
        assert pair.secondary.texts(f"z{number}-{domain}", "MX") == {f"{number} mail.{domain}."}
    until(lambda: not pair.secondary.serial(gone.name), 20)


def test_all_is_compared_when_the_primary_was_out_of_reach(pair: Pair, domain: str) -> None:
    """Notifications are lost: as after an hour without a way between the two."""
    state = zone(domain, 1)
    put(pair, state)
    there(pair, state)
    deaf = Follower(pair.secondary.database, (HERE, _nobody()))
    assert not deaf.look()
    pair.backend.catalog._there = False  # nobody is told
    try:
        put(pair, zone(domain, 2))
    finally:
        pair.backend.catalog._there = True
    deaf.primary = (HERE, pair.primary.port)
    assert deaf.look()
    there(pair, zone(domain, 2))
    assert not deaf.look()


def test_nobody_has_the_zones_without_the_key(pair: Pair, domain: str) -> None:
    put(pair, zone(domain, 1))
    there(pair, zone(domain, 1))
    for name in (domain, CATALOG):
        with pytest.raises(dns.query.TransferError):
            list(dns.query.xfr(HERE, name, port=pair.secondary.port, relativize=False))


def test_zones_of_before_and_zones_set_aside_are_taken_in(pair: Pair, domain: str) -> None:
    before = zone(domain, 1)
    pair.backend.catalog._there = False
    try:
        put(pair, before)
    finally:
        pair.backend.catalog._there = True
    held = Held(key=before.key, kind="zone", rev=1, present=True, proven=True, facts={"serial": 1})
    assert list(pair.backend.lost([held])) == [before.key]
    put(pair, before)
    there(pair, before)
    assert list(pair.backend.lost([held])) == []


def test_alone_again_and_back_all_zones_are_handed_on(pair: Pair, domain: str) -> None:
    """deploy/ writes it into the database before PowerDNS starts."""
    pair.primary.stop()
    powerdns.prepare(pair.primary.stack)
    pair.primary.start()
    alone = pairs.backend_of(pair.primary.stack)
    before = zone(domain, 1)
    alone.apply(parse(wanted(before)))
    shown = alone._shown(domain)
    assert shown is not None
    assert (shown["kind"], shown["catalog"], shown["master_tsig_key_ids"]) == ("Native", "", [])
    assert not pair.secondary.serial(domain)
    pair.primary.stop()
    second = int(time.time())
    until(lambda: int(time.time()) > second)  # the catalog's serial
    pair.prepare_primary()
    pair.primary.start()
    there(pair, before)


def test_the_catalog_is_no_customers_zone(pair: Pair) -> None:
    with pytest.raises(BackendError, match="own"):
        put(pair, zone(CATALOG, 1))


def _nobody() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind((HERE, 0))
        return int(taken.getsockname()[1])
