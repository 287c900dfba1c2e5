"""What the name servers of a domain say themselves, and to whom the zone above delegates it.

A resolver cannot tell a delegation to servers that do not serve the domain (yet): it follows it and gets no
answer. The referral (RFC 1034 §4.3.2 step 3b) is in the zone above. It may also remember that a record was
missing (RFC 2308) when the source has it already.
"""

from __future__ import annotations

import random
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.query
import dns.rcode
import dns.rdatatype

from lib import resolver
from lib.addresses import is_public
from lib.resolver import ResolverAway

TRY_SECONDS = 1.5
SERVERS = 3  # of a zone whose addresses are looked up
ADDRESSES = 4  # that are asked, in all
LABELS = 8  # how far up a zone is looked for


@dataclass(frozen=True, slots=True)
class Referral:
    """``servers``: as name_servers. ``ttl``: how many seconds resolvers keep them; 0 without any."""

    servers: list[str]
    ttl: int


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server of a zone says: ``values`` as resolver.lookup's, ``alias``: where a CNAME at that name
    leads to (no dot at the end), or empty. Neither: there is nothing, surely."""

    values: list[str]
    alias: str
    ttl: int


def referral(name: str, *, until: float) -> Referral:
    """As name_servers, with the TTL."""
    for address, port in _servers(_above(name), until):
        answer = _ask(name, "NS", address, port, until)
        if answer is not None:
            owner = dns.name.from_text(name)
            rrsets = [rrset for rrset in (*answer.answer, *answer.authority) if rrset.name == owner]
            ttls = [rrset.ttl for rrset in rrsets if rrset.rdtype == dns.rdatatype.NS]
            return Referral(_names(answer, name), min(ttls, default=0))
    raise ResolverAway(f"no server of the zone above {name} answered")


def places(host: str, *, until: float) -> list[tuple[str, int]]:
    """Addresses of a name server and the port to ask each at; none that must not be knocked at."""
    return [(address, port) for address in _addresses(host, until) if (port := _port(address))]


def ask(name: str, rdtype: str, place: tuple[str, int], *, until: float) -> Answer | None:
    """What the server at ``place`` says by itself (AA, RFC 1035 §4.1.1); None: no answer, or it does not
    serve that name."""
    answer = _ask(name, rdtype, *place, until)
    if answer is None or not answer.flags & dns.flags.AA:
        return None
    owner, wanted = dns.name.from_text(name), dns.rdatatype.from_text(rdtype)
    own = [rrset for rrset in answer.answer if rrset.name == owner]
    aliases = [rdata for rrset in own if rrset.rdtype == dns.rdatatype.CNAME for rdata in rrset]
    return Answer(
        values=[resolver.text_of(rdata) for rrset in own if rrset.rdtype == wanted for rdata in rrset],
        alias=aliases[0].target.to_text(omit_final_dot=True).lower() if aliases else "",
        ttl=min((rrset.ttl for rrset in own), default=0),
    )


def name_servers(name: str, *, until: float) -> list[str]:
    """The name servers that the zone above gives for ``name`` (A-labels), lower case, no last dot, sorted.
    Empty: it is not delegated, surely. ``until``: the time.monotonic() at which to give up. Raises
    ResolverAway when that cannot be known."""
    return referral(name, until=until).servers


def at_source(name: str, rdtype: str, *, until: float) -> list[str]:
    """The values of ``name`` and ``rdtype`` as a server of its zone gives them, past every cache; as
    resolver.lookup. Empty as well when no server of the zone answers."""
    try:
        for address, port in _servers(_above(name), until):
            answer = _ask(name, rdtype, address, port, until)
            if answer is not None and answer.flags & dns.flags.AA:
                return _values(answer, name, rdtype)
    except ResolverAway:
        pass  # what resolvers say stands
    return []


def ds(name: str, *, until: float) -> tuple[list[str], int]:
    """The DS records of ``name`` as the zone above has them (RFC 4035 §3.1.4.1), and their TTL: of all its
    servers that answer, because a change reaches them one by one. Resolvers are asked where none does, and
    their TTL may have run down. Raises ResolverAway when it cannot be known."""
    found: dict[str, int] = {}
    known = False
    try:
        for address, port in _servers(_above(name), until):
            answer = _ask(name, "DS", address, port, until)
            if answer is not None and _knows_ds(answer, name):
                known = True
                found |= {text: ttl for text, ttl in _with_ttl(answer, name) if ttl >= found.get(text, 0)}
    except ResolverAway:
        pass  # of what was asked, the answers stand
    if known:
        return sorted(found), max(found.values(), default=0)
    texts, ttl = resolver.lookup_ttl(name, "DS", until=until)
    return sorted(texts), ttl


def is_to(found: Iterable[str], ours: Iterable[str]) -> bool:
    """Whether there is one in ``found``, and all of them are ours."""
    servers = {server.lower().removesuffix(".") for server in found}
    return bool(servers) and servers <= {server.lower().removesuffix(".") for server in ours}


def _above(name: str) -> str:
    return name.partition(".")[2]


def _servers(name: str, until: float) -> Iterator[tuple[str, int]]:
    """Addresses and ports of servers of the zone that ``name`` is in."""
    hosts: list[str] = []
    for _step in range(LABELS):
        hosts = resolver.lookup(name or ".", "NS", until=until)
        if hosts or not name:
            break
        name = _above(name)
    random.shuffle(hosts)
    found = (address for host in hosts[:SERVERS] for address in _addresses(host, until))
    tried = 0
    for address in found:
        if (port := _port(address)) and tried < ADDRESSES:
            tried += 1
            yield address, port


def _addresses(host: str, until: float) -> Iterator[str]:
    for rdtype in ("A", "AAAA"):
        try:
            yield from resolver.lookup(host, rdtype, until=until)[:2]
        except ResolverAway:
            continue  # another server of the zone may be known


def _port(address: str) -> int:
    """Where to ask this address; 0: not at all. Whoever runs a zone may write any address into it and have us
    knock on doors inside our own network: only what the world can reach, or is a resolver of ours."""
    for server, port in resolver.configured():
        if server == address:
            return port
    return 53 if is_public(address) else 0


def _ask(name: str, rdtype: str, address: str, port: int, until: float) -> dns.message.Message | None:
    """One question without recursion, by UDP, by TCP if the answer is too long. None: nothing of use."""
    patience = min(TRY_SECONDS, until - time.monotonic())
    if patience <= 0:
        return None
    try:
        query = dns.message.make_query(dns.name.from_text(name), rdtype, flags=0)
        answer, _by_tcp = dns.query.udp_with_fallback(
            query, address, timeout=patience, port=port, ignore_unexpected=True, ignore_errors=True
        )
    except (dns.exception.DNSException, OSError, ValueError, NotImplementedError):
        return None
    return answer if answer.rcode() in {dns.rcode.NOERROR, dns.rcode.NXDOMAIN} else None


def _names(answer: dns.message.Message, name: str) -> list[str]:
    """The NS records of ``name`` itself: a referral has them in the authority section, a server that serves
    the domain too in the answer. Those of a zone above say that there is no such delegation."""
    owner = dns.name.from_text(name)
    rrsets = [rrset for rrset in (*answer.answer, *answer.authority) if rrset.name == owner]
    found = {
        rdata.target.to_text(omit_final_dot=True).lower()
        for rrset in rrsets
        if rrset.rdtype == dns.rdatatype.NS
        for rdata in rrset
    }
    return sorted(found)


def _knows_ds(answer: dns.message.Message, name: str) -> bool:
    """Not a server of the domain alone: that one says there is none, by its own SOA."""
    if list(_with_ttl(answer, name)):
        return True
    owner = dns.name.from_text(name)
    own = any(rrset.rdtype == dns.rdatatype.SOA and rrset.name == owner for rrset in answer.authority)
    return bool(answer.flags & dns.flags.AA) and not own


def _with_ttl(answer: dns.message.Message, name: str) -> Iterator[tuple[str, int]]:
    owner = dns.name.from_text(name)
    for rrset in answer.answer:
        if rrset.name == owner and rrset.rdtype == dns.rdatatype.DS:
            yield from ((resolver.text_of(rdata), rrset.ttl) for rdata in rrset)


def _values(answer: dns.message.Message, name: str, rdtype: str) -> list[str]:
    owner, wanted = dns.name.from_text(name), dns.rdatatype.from_text(rdtype)
    rrsets = [rrset for rrset in answer.answer if rrset.name == owner and rrset.rdtype == wanted]
    return [resolver.text_of(rdata) for rrset in rrsets for rdata in rrset]
