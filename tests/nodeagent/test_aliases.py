"""Addresses for an ALIAS: the zones here first, then the resolvers, and no question twice at a time."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import dns.message
import dns.rcode
import dns.rrset
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nodeagent import aliases
from tests.fakedns import FakeDns, serving


@pytest.fixture
def two() -> Iterator[tuple[FakeDns, FakeDns]]:
    """PowerDNS, and a resolver."""
    with serving(FakeDns()) as first, serving(FakeDns()) as second:
        yield first, second


def found(two: tuple[FakeDns, FakeDns], name: str, times: int = 1) -> list[dns.message.Message]:
    """What comes back for ``times`` questions at once."""

    async def go() -> list[dns.message.Message]:
        loop = asyncio.get_running_loop()
        servers = [aliases.place(one.place) for one in two]
        transport, _server = await loop.create_datagram_endpoint(
            lambda: aliases.Aliases(servers), local_addr=("127.0.0.1", 0)
        )
        place = transport.get_extra_info("sockname")
        replies = await asyncio.gather(
            *(aliases.asked(place, dns.message.make_query(name, "A").to_wire()) for _ in range(times))
        )
        transport.close()
        return [dns.message.from_wire(reply) for reply in replies if reply]

    return asyncio.run(go())


def addresses(message: dns.message.Message) -> list[str]:
    return [rdata.to_text() for rrset in message.answer for rdata in rrset]


def test_what_is_here_is_not_asked_elsewhere(two: tuple[FakeDns, FakeDns]) -> None:
    here, there = two
    here.records["a.test", "A"] = ["192.0.2.1"]
    there.records["a.test", "A"] = ["192.0.2.2"]
    assert addresses(found(two, "a.test")[0]) == ["192.0.2.1"]
    assert there.asked == []


def test_what_is_elsewhere_comes_from_the_resolver(two: tuple[FakeDns, FakeDns]) -> None:
    here, there = two
    there.records["a.test", "A"] = ["192.0.2.2"]
    here.records["b.test", "A"] = []
    here.broken.add("c.test")
    there.records["c.test", "A"] = ["192.0.2.3"]
    assert addresses(found(two, "a.test")[0]) == ["192.0.2.2"]
    assert addresses(found(two, "c.test")[0]) == ["192.0.2.3"]
    assert addresses(found(two, "b.test")[0]) == []


def test_nobody_knows(two: tuple[FakeDns, FakeDns]) -> None:
    for server in two:
        server.broken.add("a.test")
        server.garbage.add("b.test")
    assert found(two, "a.test")[0].rcode() == dns.rcode.SERVFAIL
    assert found(two, "b.test")[0].rcode() == dns.rcode.SERVFAIL


def test_the_same_question_is_asked_once(two: tuple[FakeDns, FakeDns]) -> None:
    two[0].records["a.test", "A"] = ["192.0.2.1"]
    replies = found(two, "a.test", times=5)
    assert [addresses(reply) for reply in replies] == [["192.0.2.1"]] * 5
    assert len(two[0].asked) == 1


def test_what_is_no_question_is_not_answered() -> None:
    assert aliases.failed(b"\x00" * 40) == b"" or dns.message.from_wire(aliases.failed(b"\x00" * 40))
    assert aliases.failed(b"\xff" * 30) == b""
    assert aliases.read(b"\xff" * 30) == (False, False)
    assert aliases.place("[2001:db8::1]:53") == ("2001:db8::1", 53)


@pytest.mark.parametrize("rcode", [dns.rcode.NOERROR, dns.rcode.NXDOMAIN, dns.rcode.REFUSED])
@pytest.mark.parametrize(
    ("kind", "value"), [("A", "192.0.2.1"), ("AAAA", "2001:db8::1"), ("CNAME", "b.test."), ("", "")]
)
def test_a_reply_is_read_as_dnspython_reads_it(kind: str, value: str, rcode: dns.rcode.Rcode) -> None:
    query = dns.message.make_query("a.example.test", "A")
    reply = dns.message.make_response(query)
    reply.set_rcode(rcode)
    reply.answer.append(dns.rrset.from_text("a.example.test.", 60, "IN", "CNAME", "c.test."))
    if kind:
        reply.answer.append(dns.rrset.from_text("c.test.", 60, "IN", kind, value))
    wire = reply.to_wire()
    assert aliases.read(wire) == (kind in ("A", "AAAA"), rcode != dns.rcode.REFUSED)
    assert all(aliases.read(wire[:size]) == (False, False) for size in range(12, len(wire)))


def test_a_failure_answers_the_question() -> None:
    query = dns.message.make_query("A.Example.test", "AAAA", use_edns=0)
    reply = dns.message.from_wire(aliases.failed(query.to_wire()))
    assert query.is_response(reply)
    assert reply.rcode() == dns.rcode.SERVFAIL
    assert reply.question == query.question
    assert all(aliases.failed(query.to_wire()[:size]) == b"" for size in range(12, 32))


@given(st.binary(max_size=80))
def test_any_octets_are_read(data: bytes) -> None:
    assert aliases.read(data)[0] in (True, False)
    assert isinstance(aliases.failed(data), bytes)
