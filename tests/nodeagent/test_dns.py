"""Zones on a real PowerDNS, proven by questions to it."""

from __future__ import annotations

from collections.abc import Callable

import dns.message
import dns.query
import dns.rcode
import pytest

from nodeagent.contract import Outcome, RRset, Zone
from nodeagent.node import Node, manifest_pages
from tests.nodeagent.conftest import Place, absent, wanted

Apply = Callable[..., dict[str, Outcome]]


def zone(name: str, serial: int, *more: RRset) -> Zone:
    soa = f"ns1.{name}. hostmaster.{name}. {serial} 10800 3600 604800 3600"
    base = [
        RRset(name=f"{name}.", type="SOA", ttl=3600, records=[soa]),
        RRset(name=f"{name}.", type="NS", ttl=3600, records=[f"ns1.{name}."]),
        RRset(name=f"ns1.{name}.", type="A", ttl=3600, records=["192.0.2.1"]),
    ]
    return Zone(name=name, serial=serial, rrsets=base + list(more))


def mx(name: str, *records: str) -> RRset:
    return RRset(name=f"{name}.", type="MX", ttl=300, records=list(records))


@pytest.fixture
def ask(place: Place) -> Callable[[str, str], set[str]]:
    def question(name: str, kind: str) -> set[str]:
        query = dns.message.make_query(name, kind)
        answer = dns.query.udp(query, "127.0.0.1", timeout=2, port=place.ports["dns"])
        return {rdata.to_text() for rrset in answer.answer for rdata in rrset}

    return question


def test_zone_is_made_changed_and_removed(
    apply: Apply, ask: Callable[[str, str], set[str]], domain: str
) -> None:
    assert ask(f"www.{domain}", "A") == set()  # refused before the zone is there, and not remembered
    www = RRset(name=f"www.{domain}.", type="A", ttl=60, records=["192.0.2.80"])
    made = apply(wanted(zone(domain, 10, mx(domain, f"10 mail.{domain}."), www)))[f"zone/{domain}"]
    assert made["ok"], made
    assert ask(f"www.{domain}", "A") == {"192.0.2.80"}
    assert ask(domain, "MX") == {f"10 mail.{domain}."}
    www = RRset(name=f"www.{domain}.", type="CNAME", ttl=60, records=[f"ns1.{domain}."])
    changed = zone(domain, 11, mx(domain, f"20 mail.{domain}.", f"30 mail2.{domain}."), www)
    outcome = apply(wanted(changed, 2))[changed.key]
    assert outcome["ok"], outcome
    assert outcome["facts"] == {"serial": 11}
    assert ask(domain, "MX") == {f"20 mail.{domain}.", f"30 mail2.{domain}."}
    assert ask(f"www.{domain}", "CNAME") == {f"ns1.{domain}."}
    assert apply(absent(changed, 3))[changed.key]["ok"]
    assert ask(domain, "SOA") == set()


def test_texts_survive(apply: Apply, ask: Callable[[str, str], set[str]], domain: str) -> None:
    records = [
        '"v=spf1 mx -all"',
        '"with \\"quotes\\" and ; semicolon"',
        f'"{"x" * 255}" "{"y" * 40}"',
        '"\\195\\169"',
    ]
    text = RRset(name=f"{domain}.", type="TXT", ttl=300, records=records)
    outcome = apply(wanted(zone(domain, 1, text)))[f"zone/{domain}"]
    assert outcome["ok"], outcome
    assert len(ask(domain, "TXT")) == 4


def test_one_bad_record_changes_nothing(
    apply: Apply, ask: Callable[[str, str], set[str]], domain: str
) -> None:
    apply(wanted(zone(domain, 1, mx(domain, f"10 mail.{domain}."))))
    bad = zone(
        domain,
        2,
        mx(domain, "ten nowhere"),
        RRset(name=f"b.{domain}.", type="A", ttl=1, records=["192.0.2.2"]),
    )
    outcome = apply(wanted(bad, 2))[bad.key]
    assert not outcome["ok"]
    assert outcome["permanent"]
    assert "PowerDNS refuses" in outcome["error"]
    assert ask(f"b.{domain}", "A") == set()
    assert ask(domain, "MX") == {f"10 mail.{domain}."}


def test_what_is_gone_below_a_star_is_no_failure(
    apply: Apply, ask: Callable[[str, str], set[str]], domain: str
) -> None:
    star = RRset(name=f"*.{domain}.", type="A", ttl=60, records=["192.0.2.9"])
    www = RRset(name=f"www.{domain}.", type="A", ttl=60, records=["192.0.2.80"])
    apply(wanted(zone(domain, 1, star, www)))
    outcome = apply(wanted(zone(domain, 2, star), 2))[f"zone/{domain}"]
    assert outcome["ok"], outcome
    assert ask(f"www.{domain}", "A") == {"192.0.2.9"}


def test_what_another_server_answers_is_no_failure(apply: Apply, domain: str) -> None:
    shop = RRset(name=f"shop.{domain}.", type="NS", ttl=60, records=["ns.elsewhere.test."])
    apply(wanted(zone(domain, 1, shop)))
    below = [mx(f"shop.{domain}", "5 mail.elsewhere.test."), mx(f"a.shop.{domain}", "5 mail.elsewhere.test.")]
    outcome = apply(wanted(zone(domain, 2, shop, *below), 2))[f"zone/{domain}"]
    assert outcome["ok"], outcome


def test_serial_is_never_lowered(apply: Apply, ask: Callable[[str, str], set[str]], domain: str) -> None:
    apply(wanted(zone(domain, 100)))
    outcome = apply(wanted(zone(domain, 50), 2))[f"zone/{domain}"]
    assert not outcome["ok"]
    assert outcome["facts"] == {"serial": 100}
    assert " 100 " in ask(domain, "SOA").pop()


def test_drift_is_noticed_and_repaired(apply: Apply, node: Node, domain: str) -> None:
    state = zone(domain, 7)
    apply(wanted(state, 4))
    backend = node.engine.effects["zone"]
    backend._call("DELETE", f"/zones/{domain}.")  # type: ignore[attr-defined]
    entries = {key: rev for page in manifest_pages(node.engine) for key, rev, _present in page["entries"]}
    assert entries[state.key] == 0
    assert apply(wanted(state, 4))[state.key]["ok"]
    entries = {key: rev for page in manifest_pages(node.engine) for key, rev, _present in page["entries"]}
    assert entries[state.key] == 4


def test_delegation_does_not_spoil_the_proof(apply: Apply, domain: str) -> None:
    cut = RRset(name=f"sub.{domain}.", type="NS", ttl=60, records=[f"ns.sub.{domain}."])
    glue = RRset(name=f"ns.sub.{domain}.", type="A", ttl=60, records=["192.0.2.53"])
    outcome = apply(wanted(zone(domain, 1, cut, glue)))[f"zone/{domain}"]
    assert outcome["ok"], outcome


def test_the_largest_zone_goes_as_one_change(
    apply: Apply, ask: Callable[[str, str], set[str]], domain: str
) -> None:
    """PowerDNS refuses a request of more than webserver-max-bodysize, 2 MB unless it is told otherwise."""
    small = zone(domain, 10)
    assert apply(wanted(small))[small.key]["ok"]
    hosts = [
        RRset(name=f"h{i}.{'x' * 60}.{domain}.", type="A", ttl=60, records=["192.0.2.9"])
        for i in range(20_000)
    ]
    large = zone(domain, 11, *hosts)
    outcome = apply(wanted(large, 2))[large.key]
    assert outcome["ok"], outcome
    assert ask(f"h19999.{'x' * 60}.{domain}", "A") == {"192.0.2.9"}
