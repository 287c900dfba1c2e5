"""Zones: the wanted zone is compared with what PowerDNS holds, the difference goes in one atomic PATCH, and a
DNS query shows it. The panel owns the serial; here it is never lowered."""

from __future__ import annotations

import json
import threading
import time
import urllib.parse
from collections.abc import Iterable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import dns.exception
import dns.rdata
import dns.rdataclass
import dns.rdatatype

from nodeagent.backends.base import BackendError, Proof
from nodeagent.backends.dnsproof import ALIAS, Prober
from nodeagent.backends.http import request
from nodeagent.backends.powerdns_catalog import Catalog
from nodeagent.backends.powerdns_keys import ZoneKeys, canonical, facts
from nodeagent.backends.spelling import as_powerdns
from nodeagent.contract import RRset, Zone
from nodeagent.contract.dns import CATALOG
from nodeagent.ledger import Held
from nodeagent.payload import Item

BUSY_TRIES = 3
BUSY_SECONDS = 0.05

Name = tuple[str, str]
"""Owner (absolute, lower case) and type of an RRset."""


class PowerDnsBackend:
    """``url`` ends in ``/servers/localhost``; ``prober`` asks the DNS server as the world does."""

    kind = Zone.KIND

    def __init__(self, url: str, key_file: Path, prober: Prober) -> None:
        self.url = url.rstrip("/")
        self.key_file = key_file
        self.prober = prober
        self._writing = threading.Lock()
        self.catalog = Catalog(self._call)

    def apply(self, item: Item) -> Proof:
        if not isinstance(item.state, Zone):
            return self._delete(item.parts[0])
        zone = item.state
        _refuse_catalog(zone.name)
        found = self._shown(zone.name)
        served = None if found is None else _rrsets(found)
        if served is None:
            self._create(zone)
            changed = list(zone.rrsets)
            gone: list[Name] = []
            self.catalog.other_members()
        else:
            if found is not None and not self.catalog.member(found):
                self.catalog.take_in(zone.name)
            changed, gone = _difference(zone, served)
            _refuse_lower(zone, served)
            if changed or gone:
                self._patch(zone.name, changed, gone)
        keys = self._sign(zone, found or {})
        if found is not None:
            self.catalog.changed(zone.name)
        self._read_back(zone, changed)
        self.prober.prove(zone, changed, gone)
        proof = Proof(text=f"serial {zone.serial} answered by the DNS server", facts={"serial": zone.serial})
        return self._proven_signed(zone, keys, proof) if keys is not None else proof

    def _sign(self, zone: Zone, found: dict[str, Any]) -> dict[int, str] | None:
        """The public keys that sign now, by generation; None: the zone is without DNSSEC, and was before."""
        leftover = found.get("dnssec") or any(one["type"] == "DNSKEY" for one in found.get("rrsets", ()))
        if not zone.signing and not leftover:
            return None
        keeper = ZoneKeys(self._call, zone.name)
        plain = not found.get("nsec3param")
        if zone.signing and not plain:
            keeper.plain_nsec()
        keys, changed = keeper.ensure(zone.signing)
        if not _same_keys(zone, found, keys):
            self._patch(zone.name, *_others(zone, keys))
            changed = True
        if changed or not plain:
            keeper.rectify()
        return keys

    def _proven_signed(self, zone: Zone, keys: dict[int, str], proof: Proof) -> Proof:
        if not keys:
            self.prober.prove_unsigned(zone.name)
            return proof
        beside = [text for text in zone.dnskeys if text not in keys.values()]
        self.prober.prove_signed(zone.name, list(keys.values()), beside)
        text = f"serial {zone.serial} answered by the DNS server, its signature is right"
        return Proof(text=text, facts=proof.facts | {"keys": facts(zone.name, keys)})

    def lost(self, entries: Sequence[Held]) -> Iterable[str]:
        status, body = self._call("GET", "/zones")
        if status != 200:
            raise BackendError(f"PowerDNS does not list its zones (status {status}).")
        zones = {f"{self.kind}/{zone['name'].rstrip('.')}": zone for zone in json.loads(body)}
        return [
            entry.key
            for entry in entries
            if entry.present != (entry.key in zones)
            or (entry.present and self._drifted(entry, zones[entry.key]))
        ]

    def _drifted(self, entry: Held, found: dict[str, Any]) -> bool:
        """Not handed on, another serial, DNSSEC switched by hand, or other keys than those reported."""
        keys = entry.facts.get("keys", {})
        if not self.catalog.leads(found):
            return True
        if int(found["serial"]) != entry.facts.get("serial") or bool(found.get("dnssec")) != bool(keys):
            return True
        if not keys:
            return False
        held = ZoneKeys(self._call, found["name"].rstrip(".")).held()
        texts = {number: canonical(str(key["dnskey"])) for number, key in held.items() if key["active"]}
        return texts != {int(number): key["dnskey"] for number, key in keys.items()}

    def _shown(self, name: str) -> dict[str, Any] | None:
        """The zone as PowerDNS has it; None: it has no such zone."""
        status, body = self._call("GET", f"/zones/{_path(name)}")
        if status == 404:
            return None
        if status != 200:
            raise _refusal(f"PowerDNS does not show the zone {name}", status, body)
        found: dict[str, Any] = json.loads(body)
        return found

    def _create(self, zone: Zone) -> None:
        payload = {
            "name": f"{zone.name}.",
            **self.catalog.wish(),
            "nameservers": [],
            "soa_edit_api": "",
            "rrsets": [_wire(rrset) for rrset in zone.rrsets],
        }
        status, body = self._call("POST", "/zones", payload)
        if status != 201:
            raise _refusal(f"PowerDNS refuses the zone {zone.name}", status, body)

    def _read_back(self, zone: Zone, changed: Sequence[RRset]) -> None:
        """An ALIAS is answered with what somebody else's servers say; that it is there, PowerDNS says."""
        if any(rrset.type == ALIAS for rrset in changed):
            unlike, _gone = _difference(zone, _rrsets(self._shown(zone.name) or {"rrsets": []}))
            if wrong := next((rrset for rrset in unlike if rrset.type == ALIAS), None):
                raise BackendError(f"PowerDNS does not hold {wrong.name} ALIAS as it was written.")

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
        _refuse_catalog(name)
        status, body = self._call("DELETE", f"/zones/{_path(name)}")
        if status not in (204, 404):
            raise _refusal(f"PowerDNS does not remove the zone {name}", status, body)
        if status == 204:
            self.catalog.other_members()
        self.prober.prove_gone(name)
        return Proof(text="no longer answered by the DNS server")

    def _call(self, method: str, path: str, payload: Any = None) -> tuple[int, bytes]:
        headers = {
            "X-API-Key": self.key_file.read_text(encoding="ascii").strip(),
            "Content-Type": "application/json",
        }
        body = b"" if payload is None else json.dumps(payload).encode()
        ask = partial(request, "PowerDNS", method, f"{self.url}{path}", headers=headers, body=body)
        if method == "GET":
            return ask()
        # Two changes at once, and SQLite refuses one. PowerDNS writes too, when others were told.
        with self._writing:
            for _again in range(BUSY_TRIES if method != "POST" else 0):
                status, answer = ask()
                if status != 500:
                    return status, answer
                time.sleep(BUSY_SECONDS)
            return ask()


def _rrsets(found: dict[str, Any]) -> dict[Name, dict[str, Any]]:
    """By owner and type; public keys of other name servers are looked after by _sign."""
    return {
        (rrset["name"].lower(), rrset["type"]): rrset
        for rrset in found["rrsets"]
        if rrset["type"] != "DNSKEY"
    }


def _same_keys(zone: Zone, found: dict[str, Any], keys: dict[int, str]) -> bool:
    """Whether PowerDNS publishes the keys of the other name servers already (direct-dnskey)."""
    wanted, _gone = _others(zone, keys)
    rrsets = [rrset for rrset in found.get("rrsets", []) if rrset["type"] == "DNSKEY"]
    there = {canonical(record["content"]) for rrset in rrsets for record in rrset["records"]}
    return there == {text for rrset in wanted for text in rrset.records}


def _others(zone: Zone, keys: dict[int, str]) -> tuple[list[RRset], list[Name]]:
    """What _patch needs for the keys of the other name servers. Their TTL is that of our own (RFC 2181
    §5.2): PowerDNS gives those the one of negative answers."""
    apex = f"{zone.name}."
    texts = sorted(set(zone.dnskeys) - set(keys.values())) if keys else []
    if not texts:
        return [], [(apex, "DNSKEY")]
    soa = next(rrset for rrset in zone.rrsets if rrset.type == "SOA")
    ttl = min(soa.ttl, int(soa.records[0].split()[6]))
    return [RRset(name=apex, type="DNSKEY", ttl=ttl, records=texts)], []


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
    if sorted(texts) == sorted(wanted.records):  # nearly always: no need to parse them all
        return True
    return {_canonical(wanted.type, text) for text in wanted.records} == {
        _canonical(wanted.type, t) for t in texts
    }


def _canonical(kind: str, text: str) -> bytes:
    """The record's DNSSEC-canonical wire form (RFC 4034 §6.2): two spellings of one record are equal."""
    try:
        return dns.rdata.from_text(dns.rdataclass.IN, kind, text).to_digestable()
    except (dns.exception.DNSException, ValueError):
        return text.encode()


def _refuse_catalog(name: str) -> None:
    if name == CATALOG:
        raise BackendError(f"{name} is the name servers’ own.", permanent=True)


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
    records = [{"content": as_powerdns(rrset.type, text), "disabled": False} for text in rrset.records]
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
