"""Zones."""

from __future__ import annotations

import dataclasses
from typing import ClassVar

from nodeagent.contract.roles import ROLE_DNS

CATALOG = "catalog.postroom.invalid"
"""The zone that names all zones for the secondaries (RFC 9432). Of nobody's: RFC 2606 §2."""
TRANSFER_KEY = "transfer"
"""The TSIG key by which they take them."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class RRset:
    """Names are absolute and end in a dot, lower case; ``records`` are in canonical presentation form."""

    name: str
    type: str
    ttl: int
    records: list[str]


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Zone:
    """A whole zone, SOA included (the panel owns the serial). ``name``: A-labels with no trailing dot.

    ``signing``: the generations of keys that shall exist and sign here, none for a zone without DNSSEC. The
    node makes each (ECDSA P-256, RFC 8624) and keeps the private half; the report's ``facts`` carry
    ``keys``: generation (as text) → ``dnskey`` (rdata text), ``tag``, ``ds`` (rdata texts, SHA-256 and
    SHA-384).
    ``dnskeys``: the rdata texts of the keys of all name servers; each publishes beside its own those of the
    others (RFC 8901 §2.1.2)."""

    KIND: ClassVar[str] = "zone"
    ROLE: ClassVar[str] = ROLE_DNS
    name: str
    serial: int
    rrsets: list[RRset]
    signing: list[int] = dataclasses.field(default_factory=list)
    dnskeys: list[str] = dataclasses.field(default_factory=list)

    @property
    def key(self) -> str:
        return f"{self.KIND}/{self.name}"
