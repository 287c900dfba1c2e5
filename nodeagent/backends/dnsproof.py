"""Asks this node's DNS server over UDP whether it answers what was written."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.query
import dns.rdata
import dns.rdataclass
import dns.rdatatype
import dns.rrset

from nodeagent.backends.base import SAMPLE, BackendError
from nodeagent.config import Address
from nodeagent.contract import RRset, Zone

QUERY_SECONDS = 2.0
PROOF_SECONDS = 3.0
PAUSE_SECONDS = 0.02


class Prober:
    """``server``: where PowerDNS listens for questions."""

    def __init__(self, server: Address) -> None:
        self.server = server

    def prove(self, zone: Zone, changed: Sequence[RRset], gone: Sequence[tuple[str, str]]) -> None:
        """The serial, a sample of what is ``changed`` (of all, if nothing is) and of what is ``gone``. Raises
        BackendError with the first that differs."""
        cuts = {rrset.name for rrset in zone.rrsets if rrset.type == "NS" and rrset.name != f"{zone.name}."}
        stars = {rrset.name[1:] for rrset in zone.rrsets if rrset.name.startswith("*.")}
        asked = [rrset for rrset in changed or zone.rrsets if _provable(rrset, cuts)]
        self._until(lambda: self._serial(zone.name, zone.serial))
        for rrset in asked[:: max(1, len(asked) // SAMPLE)]:
            self._until(lambda rrset=rrset: self._answered(rrset))  # type: ignore[misc]
        # Below a star every name answers (RFC 4592): that says nothing about what is gone.
        silent = [(owner, kind) for owner, kind in gone if not owner.endswith(tuple(stars))]
        for owner, kind in silent[:SAMPLE]:
            self._until(lambda owner=owner, kind=kind: self._absent(owner, kind))  # type: ignore[misc]

    def prove_gone(self, zone: str) -> None:
        self._until(lambda: self._absent(f"{zone}.", "SOA"))

    def _until(self, check: Callable[[], str]) -> None:
        """``check`` answers what is wrong, or nothing. Caches in the server may need a moment."""
        end = time.monotonic() + PROOF_SECONDS
        while wrong := check():
            if time.monotonic() > end:
                raise BackendError(wrong)
            time.sleep(PAUSE_SECONDS)

    def _serial(self, zone: str, serial: int) -> str:
        found = self._ask(f"{zone}.", "SOA")
        if found is None:
            return f"The DNS server does not answer for {zone}."
        served = found[0].serial
        return "" if served == serial else f"The DNS server answers serial {served} for {zone}, not {serial}."

    def _answered(self, rrset: RRset) -> str:
        found = self._ask(rrset.name, rrset.type)
        wanted = {dns.rdata.from_text(dns.rdataclass.IN, rrset.type, text) for text in rrset.records}
        if found is not None and set(found) == wanted:
            return ""
        return f"The DNS server does not answer {rrset.name} {rrset.type} as it was written."

    def _absent(self, owner: str, kind: str) -> str:
        return "" if self._ask(owner, kind) is None else f"The DNS server still answers {owner} {kind}."

    def _ask(self, owner: str, kind: str) -> dns.rrset.RRset | None:
        """The RRset in the answer section with this very owner and type, or None."""
        query = dns.message.make_query(owner, kind)
        query.flags &= ~dns.flags.RD
        try:
            answer, _tcp = dns.query.udp_with_fallback(
                query, self.server.host, timeout=QUERY_SECONDS, port=self.server.port
            )
        except (OSError, dns.exception.DNSException) as error:
            raise BackendError(
                f"The DNS server of this node does not answer ({type(error).__name__})."
            ) from error
        name = dns.name.from_text(owner)
        return answer.get_rrset(answer.answer, name, dns.rdataclass.IN, dns.rdatatype.from_text(kind))


def _provable(rrset: RRset, cuts: set[str]) -> bool:
    """Below a delegation another server answers; a type that dnspython cannot read cannot be compared."""
    if any(rrset.name == cut or rrset.name.endswith(f".{cut}") for cut in cuts):
        return False
    try:
        for text in rrset.records:
            dns.rdata.from_text(dns.rdataclass.IN, rrset.type, text)
    except (dns.exception.DNSException, ValueError):
        return False
    return True
