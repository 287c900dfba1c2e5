"""Zones: the wanted zone is compared with what PowerDNS holds, the difference goes in one atomic PATCH, and a
DNS query shows it. The panel owns the serial; here it is never lowered."""

from __future__ import annotations

import json
import urllib.parse
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import dns.exception
import dns.rdata
import dns.rdataclass
import dns.rdatatype

from nodeagent.backends.base import BackendError, Proof
from nodeagent.backends.dnsproof import Prober
from nodeagent.backends.http import request
from nodeagent.contract import RRset, Zone
from nodeagent.ledger import Held
from nodeagent.payload import Item

Name = tuple[str, str]
"""Owner (absolute, lower case) and type of an RRset."""


class PowerDnsBackend:
    """``url`` ends in ``/servers/localhost``; ``prober`` asks the DNS server as the world does."""

    kind = Zone.KIND

    def __init__(self, url: str, key_file: Path, prober: Prober) -> None:
        self.url = url.rstrip("/")
        self.key_file = key_file
        self.prober = prober

    def apply(self, item: Item) -> Proof:
        if not isinstance(item.state, Zone):
            return self._delete(item.parts[0])
        zone = item.state
        served = self._served(zone.name)
        if served is None:
            self._create(zone)
            changed = list(zone.rrsets)
            gone: list[Name] = []
        else:
            changed, gone = _difference(zone, served)
            _refuse_lower(zone, served)
            if changed or gone:
                self._patch(zone.name, changed, gone)
        self.prober.prove(zone, changed, gone)
        return Proof(text=f"serial {zone.serial} answered by the DNS server", facts={"serial": zone.serial})

    def lost(self, entries: Sequence[Held]) -> Iterable[str]:
        status, body = self._call("GET", "/zones")
        if status != 200:
            raise BackendError(f"PowerDNS does not list its zones (status {status}).")
        serials = {
            f"{self.kind}/{zone['name'].rstrip('.')}": int(zone["serial"]) for zone in json.loads(body)
        }
        return [
            entry.key
            for entry in entries
            if entry.present != (entry.key in serials)
            or (entry.present and serials[entry.key] != entry.facts.get("serial"))
        ]

    def _served(self, name: str) -> dict[Name, dict[str, Any]] | None:
        """What PowerDNS holds, by owner and type; None: it has no such zone."""
        status, body = self._call("GET", f"/zones/{_path(name)}")
        if status == 404:
            return None
        if status != 200:
            raise _refusal(f"PowerDNS does not show the zone {name}", status, body)
        return {(rrset["name"].lower(), rrset["type"]): rrset for rrset in json.loads(body)["rrsets"]}

    def _create(self, zone: Zone) -> None:
        payload = {
            "name": f"{zone.name}.",
            "kind": "Native",
            "nameservers": [],
            "soa_edit_api": "",
            "rrsets": [_wire(rrset) for rrset in zone.rrsets],
        }
        status, body = self._call("POST", "/zones", payload)
        if status != 201:
            raise _refusal(f"PowerDNS refuses the zone {zone.name}", status, body)
        # Names asked for before their zone existed stay refused in the packet cache for 20 s.
        for owner in sorted({rrset.name for rrset in zone.rrsets}):
            self._call("PUT", f"/cache/flush?domain={urllib.parse.quote(owner, safe='')}")

    def _patch(self, name: str, changed: Sequence[RRset], gone: Sequence[Name]) -> None:
        deletes = [
            {"name": owner, "type": kind, "changetype": "DELETE", "records": []} for owner, kind in gone
        ]
        replaces = [_wire(rrset) | {"changetype": "REPLACE"} for rrset in changed]
        # Deletions first: a CNAME may take the place of other records.
        status, body = self._call("PATCH", f"/zones/{_path(name)}", {"rrsets": deletes + replaces})
        if status != 204:
            raise _refusal(f"PowerDNS refuses the change of {name}", status, body)

    def _delete(self, name: str) -> Proof:
        status, body = self._call("DELETE", f"/zones/{_path(name)}")
        if status not in (204, 404):
            raise _refusal(f"PowerDNS does not remove the zone {name}", status, body)
        self.prober.prove_gone(name)
        return Proof(text="no longer answered by the DNS server")

    def _call(self, method: str, path: str, payload: Any = None) -> tuple[int, bytes]:
        headers = {
            "X-API-Key": self.key_file.read_text(encoding="ascii").strip(),
            "Content-Type": "application/json",
        }
        body = b"" if payload is None else json.dumps(payload).encode()
        return request("PowerDNS", method, f"{self.url}{path}", headers=headers, body=body)


def _difference(zone: Zone, served: dict[Name, dict[str, Any]]) -> tuple[list[RRset], list[Name]]:
    """The RRsets to replace and the ones to delete."""
    wanted = {(rrset.name, rrset.type): rrset for rrset in zone.rrsets}
    changed = [
        rrset for name, rrset in wanted.items() if name not in served or not _same(rrset, served[name])
    ]
    return changed, [name for name in served if name not in wanted]


def _same(wanted: RRset, served: dict[str, Any]) -> bool:
    texts = [record["content"] for record in served["records"] if not record["disabled"]]
    if wanted.ttl != served["ttl"] or len(texts) != len(served["records"]):
        return False
    return {_canonical(wanted.type, text) for text in wanted.records} == {
        _canonical(wanted.type, t) for t in texts
    }


def _canonical(kind: str, text: str) -> bytes:
    """The record's DNSSEC-canonical wire form (RFC 4034 §6.2): two spellings of one record are equal."""
    try:
        return dns.rdata.from_text(dns.rdataclass.IN, kind, text).to_digestable()
    except (dns.exception.DNSException, ValueError):
        return text.encode()


def _refuse_lower(zone: Zone, served: dict[Name, dict[str, Any]]) -> None:
    soa = served.get((f"{zone.name}.", "SOA"))
    serial = int(soa["records"][0]["content"].split()[2]) if soa and soa["records"] else 0
    if serial > zone.serial:
        raise BackendError(
            f"The DNS server already answers serial {serial} for {zone.name}, newer than {zone.serial};"
            " the zone must be sent with a higher one.",
            facts={"serial": serial},
        )


def _wire(rrset: RRset) -> dict[str, Any]:
    records = [{"content": text, "disabled": False} for text in rrset.records]
    return {"name": rrset.name, "type": rrset.type, "ttl": rrset.ttl, "records": records}


def _path(name: str) -> str:
    return urllib.parse.quote(f"{name}.", safe="")


def _refusal(what: str, status: int, body: bytes) -> BackendError:
    """422: the records themselves are wrong, and will be the next time."""
    try:
        reason = json.loads(body)["error"]
    except (ValueError, KeyError, TypeError):
        reason = f"status {status}"
    return BackendError(f"{what}: {reason}", permanent=status == 422)
