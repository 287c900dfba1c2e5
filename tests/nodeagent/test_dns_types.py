"""Every type of record that people can write, served by a real PowerDNS byte for byte."""

from __future__ import annotations

from collections.abc import Callable

import dns.message
import dns.query
import dns.rcode
import dns.rdata
import pytest

from nodeagent.contract import Outcome, RRset
from tests.dnszone.tables import CANONICAL
from tests.nodeagent.conftest import Place, wanted
from tests.nodeagent.test_dns import zone

Apply = Callable[..., dict[str, Outcome]]
PLAIN = sorted(set(CANONICAL) - {"ALIAS"})
LONG = " ".join(['"' + "\\195\\188" * 127 + '"'] * 190)


def ask(place: Place, name: str, kind: str) -> dns.message.Message:
    query = dns.message.make_query(name, kind)
    return dns.query.udp_with_fallback(query, "127.0.0.1", timeout=5, port=place.ports["dns"])[0]


def wire(kind: str, text: str) -> bytes:
    return dns.rdata.from_text("IN", kind, text).to_wire() or b""


def places(kind: str, domain: str) -> list[tuple[str, str]]:
    """A name for each value: a CNAME is alone, and so is every other one here, so that all are asked for."""
    texts = [*CANONICAL[kind], LONG] if kind == "TXT" else CANONICAL[kind]
    return [(f"r{number}.{domain}.", text) for number, text in enumerate(texts)]


@pytest.mark.parametrize("kind", PLAIN)
def test_every_value_is_served_byte_for_byte(apply: Apply, place: Place, domain: str, kind: str) -> None:
    values = places(kind, domain)
    sets = [RRset(name=name, type=kind, ttl=60, records=[text]) for name, text in values]
    if kind == "DS":
        sets += [RRset(name=name, type="NS", ttl=60, records=["a.b."]) for name, _text in values]
    made = apply(wanted(zone(domain, 1, *sets)))[f"zone/{domain}"]
    assert made["ok"], made
    for name, text in values:
        answer = ask(place, name, kind)
        section = answer.authority if kind == "NS" else answer.answer
        found = [rdata.to_wire() for rrset in section if str(rrset.name) == name for rdata in rrset]
        assert found == [wire(kind, text)], text
    again = apply(wanted(zone(domain, 1, *sets), 2))[f"zone/{domain}"]
    assert again["ok"], again


def test_an_alias_is_answered_with_the_addresses_of_its_host(apply: Apply, place: Place, domain: str) -> None:
    host = RRset(name=f"host.{domain}.", type="A", ttl=60, records=["192.0.2.77"])
    alias = RRset(name=f"{domain}.", type="ALIAS", ttl=60, records=[f"host.{domain}."])
    before = RRset(name=f"{domain}.", type="A", ttl=60, records=["192.0.2.1"])
    assert apply(wanted(zone(domain, 1, host, before)))[f"zone/{domain}"]["ok"]
    made = apply(wanted(zone(domain, 2, host, alias), 2))[f"zone/{domain}"]
    assert made["ok"], made
    answer = ask(place, domain, "A")
    assert [rdata.to_text() for rrset in answer.answer for rdata in rrset] == ["192.0.2.77"]
    gone = apply(wanted(zone(domain, 3, host, before), 3))[f"zone/{domain}"]
    assert gone["ok"], gone
    answer = ask(place, domain, "A")
    assert [rdata.to_text() for rrset in answer.answer for rdata in rrset] == ["192.0.2.1"]


def test_an_alias_to_nowhere_is_published_all_the_same(apply: Apply, place: Place, domain: str) -> None:
    alias = RRset(name=f"a.{domain}.", type="ALIAS", ttl=60, records=["nowhere.elsewhere.example."])
    made = apply(wanted(zone(domain, 1, alias)))[f"zone/{domain}"]
    assert made["ok"], made
    assert ask(place, f"a.{domain}", "A").rcode() == dns.rcode.SERVFAIL


def test_names_that_are_an_alias_of_each_other_have_no_answer_and_do_no_harm(
    apply: Apply, place: Place, domain: str
) -> None:
    sets = [
        RRset(name=f"{one}.{domain}.", type="ALIAS", ttl=60, records=[f"{two}.{domain}."])
        for one, two in (("a", "b"), ("b", "a"))
    ]
    chain = RRset(name=f"c.{domain}.", type="ALIAS", ttl=60, records=[f"d.{domain}."])
    sets += [chain, RRset(name=f"d.{domain}.", type="ALIAS", ttl=60, records=[f"e.{domain}."])]
    sets += [RRset(name=f"e.{domain}.", type="A", ttl=60, records=["192.0.2.5"])]
    assert apply(wanted(zone(domain, 1, *sets)))[f"zone/{domain}"]["ok"]
    assert ask(place, f"a.{domain}", "A").rcode() == dns.rcode.SERVFAIL
    answer = ask(place, f"c.{domain}", "A")
    assert [rdata.to_text() for rrset in answer.answer for rdata in rrset] == ["192.0.2.5"]
