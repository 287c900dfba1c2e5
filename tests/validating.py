"""A resolver that believes nothing but DS records."""

from __future__ import annotations

from typing import Any

import dns.dnssec
import dns.message
import dns.name
import dns.query
import dns.rdata
import dns.rdataclass
import dns.rdatatype
import dns.rrset

IN = dns.rdataclass.IN


class Validator:
    """A resolver that trusts the DS records it is given and nothing else (RFC 4035 §5)."""

    def __init__(self, port: int, domain: str) -> None:
        self.port = port
        self.name = dns.name.from_text(domain)

    def answer(self, owner: str, kind: str) -> dns.message.Message:
        query = dns.message.make_query(owner, kind, want_dnssec=True)
        return dns.query.tcp(query, "127.0.0.1", timeout=3, port=self.port)

    def keys(self, *ds: str) -> dns.rrset.RRset:
        """The DNSKEY set, if one of ``ds`` vouches for it."""
        found = self.answer(str(self.name), "DNSKEY")
        rrset = found.get_rrset(found.answer, self.name, IN, dns.rdatatype.DNSKEY)
        assert rrset is not None, "no DNSKEY"
        signatures = found.get_rrset(found.answer, self.name, IN, dns.rdatatype.RRSIG, dns.rdatatype.DNSKEY)
        anchors = {dns.rdata.from_text("IN", "DS", text) for text in ds}
        trusted = dns.rrset.RRset(self.name, IN, dns.rdatatype.DNSKEY)
        for key in rrset:
            if {dns.dnssec.make_ds(self.name, key, digest) for digest in ("SHA256", "SHA384")} & anchors:
                trusted.add(key)
        assert signatures is not None, "no signature"
        dns.dnssec.validate(rrset, signatures, {self.name: trusted})
        return rrset

    def check(self, owner: str, kind: str, *ds: str) -> dns.message.Message:
        """Every RRset of the answer and of the proof that there is none."""
        keys: dict[dns.name.Name, Any] = {self.name: self.keys(*ds)}
        found = self.answer(owner, kind)
        for section in (found.answer, found.authority):
            plain = [rrset for rrset in section if rrset.rdtype != dns.rdatatype.RRSIG]
            for rrset in plain:
                signatures = found.get_rrset(section, rrset.name, IN, dns.rdatatype.RRSIG, rrset.rdtype)
                assert signatures is not None, f"{rrset.name} has no signature"
                dns.dnssec.validate(rrset, signatures, keys)
        assert found.answer or any(rrset.rdtype == dns.rdatatype.NSEC for rrset in found.authority)
        return found
