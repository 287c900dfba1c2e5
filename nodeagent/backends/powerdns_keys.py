"""The signing keys of a zone at PowerDNS: made here, kept here, never shown.

Which key is of which generation stands in the zone's own metadata, so that it goes when the zone goes. A key
that stands in no generation (a crash between two calls, a hand at pdnsutil) is removed: nobody was ever given
its DS. One key signs all (CSK), ECDSAP256SHA256 (RFC 8624 §3.1), over NSEC (RFC 9276 §2.1): a zone's
names are no secret that a hash would keep, and NSEC has no parameters to get wrong."""

from __future__ import annotations

import json
import urllib.parse
from collections.abc import Callable
from typing import Any

import dns.dnssec
import dns.exception
import dns.name
import dns.rdata
import dns.rdataclass
import dns.rdatatype
from dns.rdtypes.ANY.DNSKEY import DNSKEY

from nodeagent.backends.base import BackendError

METADATA = "X-POSTROOM-KEYS"
ALGORITHM = "ECDSAP256SHA256"
DIGESTS = ("SHA256", "SHA384")

Call = Callable[..., tuple[int, bytes]]
"""Method, path and JSON → status and body."""


class ZoneKeys:
    """``call`` speaks to PowerDNS's API."""

    def __init__(self, call: Call, zone: str) -> None:
        self.zone = zone
        self._call = call
        self._path = f"/zones/{urllib.parse.quote(f'{zone}.', safe='')}"

    def held(self) -> dict[int, dict[str, Any]]:
        """What signs now, by generation; what is inactive or hidden is there too."""
        by_id = {str(key["id"]): key for key in self._json("GET", "/cryptokeys")}
        return {number: by_id[key] for number, key in self._numbers().items() if key in by_id}

    def ensure(self, wanted: list[int]) -> tuple[dict[int, str], bool]:
        """Makes the keys of the generations ``wanted`` the only ones. Their public halves (rdata text), and
        whether anything was different."""
        there = {str(key["id"]): key for key in self._json("GET", "/cryptokeys")}
        numbers = {number: key for number, key in self._numbers().items() if key in there}
        keys: dict[int, str] = {}
        changed = False
        for number in wanted:
            key = there.get(numbers.get(number, ""))
            if key is None:
                key = self._make()
                numbers[number] = str(key["id"])
                self._note(numbers)
                changed = True
            elif not key["active"] or not key["published"]:
                self._ask("PUT", f"/cryptokeys/{key['id']}", {"active": True, "published": True})
                changed = True
            keys[number] = canonical(str(key["dnskey"]))
        kept = {numbers[number] for number in wanted}
        gone = [key for key in there if key not in kept]
        for key_id in gone:
            self._ask("DELETE", f"/cryptokeys/{key_id}")
        if gone or set(numbers) != set(wanted):
            self._note({number: numbers[number] for number in wanted})
        return keys, changed or bool(gone)

    def rectify(self) -> None:
        """The order of names for NSEC, and answers of before out of the caches: a change of nothing does
        both."""
        self._ask("PUT", "/rectify")
        self._ask("PATCH", "", {"rrsets": []})

    def plain_nsec(self) -> None:
        """Takes back NSEC3 that somebody set by hand."""
        self._ask("PUT", "", {"nsec3param": ""})

    def _make(self) -> dict[str, Any]:
        wish = {"keytype": "csk", "active": True, "published": True, "algorithm": ALGORITHM}
        made: dict[str, Any] = self._json("POST", "/cryptokeys", wish)
        return made

    def _numbers(self) -> dict[int, str]:
        lines = self._json("GET", f"/metadata/{METADATA}")["metadata"]
        pairs = [line.split() for line in lines]
        return {int(pair[0]): pair[1] for pair in pairs if len(pair) == 2 and pair[0].isdecimal()}

    def _note(self, numbers: dict[int, str]) -> None:
        lines = [f"{number} {key}" for number, key in sorted(numbers.items())]
        self._ask("PUT", f"/metadata/{METADATA}", {"metadata": lines})

    def _json(self, method: str, path: str, payload: Any = None) -> Any:
        return json.loads(self._ask(method, path, payload))

    def _ask(self, method: str, path: str, payload: Any = None) -> bytes:
        status, body = self._call(method, f"{self._path}{path}", payload)
        if status not in (200, 201, 204):
            raise BackendError(
                f"PowerDNS does not look after the signing keys of {self.zone} (status {status})."
            )
        return body


def canonical(text: str) -> str:
    """A DNSKEY as contract.Zone spells it: one blank between fields, none in the key."""
    flags, protocol, algorithm, *key = text.split()
    return f"{flags} {protocol} {algorithm} {''.join(key)}"


def rdata_of(text: str) -> DNSKEY:
    """Raises BackendError for what is no DNSKEY."""
    try:
        found = dns.rdata.from_text(dns.rdataclass.IN, dns.rdatatype.DNSKEY, text)
    except (dns.exception.DNSException, ValueError) as error:
        raise BackendError("A public key of this zone cannot be read.") from error
    assert isinstance(found, DNSKEY)  # noqa: S101 - what from_text makes of this type
    return found


def facts(zone: str, keys: dict[int, str]) -> dict[str, dict[str, Any]]:
    """For the report: what the zone above must know of each generation."""
    name = dns.name.from_text(zone)
    result: dict[str, dict[str, Any]] = {}
    for number, text in keys.items():
        key = rdata_of(text)
        ds = [dns.dnssec.make_ds(name, key, digest).to_text() for digest in DIGESTS]
        result[str(number)] = {"dnskey": text, "tag": dns.dnssec.key_id(key), "ds": ds}
    return result
