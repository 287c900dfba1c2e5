"""Asks this node's DNS server over UDP (TCP for what is too long) whether it answers what was written."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

import dns.dnssec
import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.query
import dns.rdata
import dns.rdataclass
import dns.rdataset
import dns.rdatatype
import dns.rrset

from nodeagent.backends.base import SAMPLE, BackendError
from nodeagent.backends.powerdns_keys import rdata_of
from nodeagent.config import Address
from nodeagent.contract import RRset, Zone

QUERY_SECONDS = 2.0
PROOF_SECONDS = 3.0
PAUSE_SECONDS = 0.02
ALIAS = "ALIAS"  # PowerDNS's own: asked for as A or AAAA, and answered with what other servers say


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
        aliases = {rrset.name for rrset in zone.rrsets if rrset.type == ALIAS}
        silent = [
            (owner, kind)
            for owner, kind in gone
            if kind != ALIAS
            and not owner.endswith(tuple(stars))
            and not (owner in aliases and kind in ("A", "AAAA"))
        ]
        for owner, kind in silent[:SAMPLE]:
            self._until(lambda owner=owner, kind=kind: self._absent(owner, kind))  # type: ignore[misc]

    def prove_gone(self, zone: str) -> None:
        self._until(lambda: self._absent(f"{zone}.", "SOA"))

    def prove_signed(self, zone: str, own: Sequence[str], others: Sequence[str]) -> None:
        """The DNSKEY set is ``own`` and ``others`` (rdata texts) and no more, and each key of ``own`` has
        signed it and the SOA rightly, for a validator of today (RFC 4035 §5.3)."""
        self._until(lambda: self._signed(zone, own, others))

    def prove_unsigned(self, zone: str) -> None:
        self._until(lambda: self._absent(f"{zone}.", "DNSKEY"))

    def _signed(self, zone: str, own: Sequence[str], others: Sequence[str]) -> str:
        wanted = {rdata_of(text) for text in (*own, *others)}
        keys, key_signatures = self._with_signatures(zone, "DNSKEY")
        if keys is None or set(keys) != wanted:
            return f"The DNS server does not answer the keys of {zone} as it shall."
        soa, soa_signatures = self._with_signatures(zone, "SOA")
        for text in own:
            key = rdata_of(text)
            one = {dns.name.from_text(zone): dns.rdataset.from_rdata(0, key)}
            for rrset, signatures in ((keys, key_signatures), (soa, soa_signatures)):
                if rrset is None or not _valid(rrset, signatures, one, dns.dnssec.key_id(key)):
                    return f"The DNS server’s signature of {zone} is not right."
        return ""

    def _with_signatures(self, zone: str, kind: str) -> tuple[dns.rrset.RRset | None, dns.rrset.RRset | None]:
        answer = self._answer(f"{zone}.", kind, dnssec=True)
        name, rdtype = dns.name.from_text(zone), dns.rdatatype.from_text(kind)
        here = (answer.answer, name, dns.rdataclass.IN)
        return answer.get_rrset(*here, rdtype), answer.get_rrset(*here, dns.rdatatype.RRSIG, rdtype)

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
        answer = self._answer(owner, kind)
        name = dns.name.from_text(owner)
        return answer.get_rrset(answer.answer, name, dns.rdataclass.IN, dns.rdatatype.from_text(kind))

    def _answer(self, owner: str, kind: str, *, dnssec: bool = False) -> dns.message.Message:
        query = dns.message.make_query(owner, kind, want_dnssec=dnssec)
        query.flags &= ~dns.flags.RD
        try:
            answer, _tcp = dns.query.udp_with_fallback(
                query, self.server.host, timeout=QUERY_SECONDS, port=self.server.port
            )
        except (OSError, dns.exception.DNSException) as error:
            raise BackendError(
                f"The DNS server of this node does not answer ({type(error).__name__})."
            ) from error
        return answer


def _valid(
    rrset: dns.rrset.RRset,
    signatures: dns.rrset.RRset | None,
    keys: dict[dns.name.Name, dns.rdataset.Rdataset],
    tag: int,
) -> bool:
    """Whether one of ``signatures`` is by the key with this tag, and right."""
    for signature in signatures or ():
        if signature.key_tag != tag:
            continue
        try:
            dns.dnssec.validate_rrsig(rrset, signature, keys)  # type: ignore[arg-type]  # a mapping will do
        except (dns.exception.DNSException, ValueError):
            continue
        return True
    return False


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
