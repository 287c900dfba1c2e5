"""Keys and DS records as registrars ask for them. Pure."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass

import dns.dnssec
import dns.exception
import dns.name
import dns.rdata
import dns.rdataclass
import dns.rdatatype
from dns.rdtypes.ANY.DNSKEY import DNSKEY

# https://www.iana.org/assignments/dns-sec-alg-numbers, what registrars' lists call them.
ALGORITHMS = {
    5: "RSASHA1",
    7: "RSASHA1-NSEC3-SHA1",
    8: "RSASHA256",
    10: "RSASHA512",
    13: "ECDSAP256SHA256",
    14: "ECDSAP384SHA384",
    15: "ED25519",
    16: "ED448",
}
DIGESTS = {1: "SHA-1", 2: "SHA-256", 4: "SHA-384"}
OURS = (2, 4)
"""Digest types that are shown (RFC 8624 §3.3); SHA-1 is recognised where somebody gave it long ago."""

_HASHES = {1: hashlib.sha1, 2: hashlib.sha256, 4: hashlib.sha384}
_DNSKEY = re.compile(r"257 3 [0-9]{1,3} [A-Za-z0-9+/]{40,1400}={0,2}", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fields:
    """One DS record, field by field."""

    tag: int
    algorithm: int
    digest_type: int
    digest: str

    @property
    def algorithm_name(self) -> str:
        return ALGORITHMS.get(self.algorithm, "?")

    @property
    def digest_name(self) -> str:
        return DIGESTS.get(self.digest_type, "?")

    @property
    def rdata(self) -> str:
        return f"{self.tag} {self.algorithm} {self.digest_type} {self.digest}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """A DNSKEY, field by field; ``text`` is its rdata."""

    text: str
    flags: int
    protocol: int
    algorithm: int
    public: str
    tag: int

    @property
    def algorithm_name(self) -> str:
        return ALGORITHMS.get(self.algorithm, "?")


def key(text: str) -> Key | None:
    """None for what is no zone key with the SEP bit (RFC 4034 §2.1.1) in the contract's spelling."""
    if not _DNSKEY.fullmatch(text):
        return None
    try:
        found = dns.rdata.from_text(dns.rdataclass.IN, dns.rdatatype.DNSKEY, text)
    except (dns.exception.DNSException, ValueError):
        return None
    if not isinstance(found, DNSKEY):
        return None
    _flags, _protocol, _algorithm, public = text.split(" ")
    return Key(
        text=text,
        flags=int(found.flags),
        protocol=int(found.protocol),
        algorithm=int(found.algorithm),
        public=public,
        tag=dns.dnssec.key_id(found),
    )


def records(zone: str, dnskey: str, types: tuple[int, ...] = OURS) -> list[Fields]:
    """RFC 4034 §5.1.4: the digest is over the canonical owner name and the DNSKEY's rdata."""
    found = key(dnskey)
    if found is None:
        return []
    owner = dns.name.from_text(zone).canonicalize().to_wire()
    wire = dns.rdata.from_text(dns.rdataclass.IN, dns.rdatatype.DNSKEY, dnskey).to_wire()
    return [
        Fields(
            tag=found.tag,
            algorithm=found.algorithm,
            digest_type=number,
            digest=_HASHES[number]((owner or b"") + (wire or b"")).hexdigest(),
        )
        for number in types
    ]


def canonical(text: str) -> str:
    """A DS in one spelling: one blank between fields, none in the digest, lower case."""
    tag, algorithm, kind, *digest = text.lower().split()
    return f"{tag} {algorithm} {kind} {''.join(digest)}"


def of_key(zone: str, dnskey: str, found: list[str]) -> list[str]:
    """Those of ``found`` (canonical) that vouch for the key."""
    ours = {one.rdata for one in records(zone, dnskey, tuple(_HASHES))}
    return [text for text in found if text in ours]


def line(zone: str, one: Fields) -> str:
    """As in a zone file of the zone above."""
    return f"{zone}. IN DS {one.tag} {one.algorithm} {one.digest_type} {one.digest.upper()}"
