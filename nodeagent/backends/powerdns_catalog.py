"""The zones' way to the secondary name servers: each is a member of the catalog (RFC 9432), and what changes
is told at once (RFC 1996) instead of at PowerDNS's next look.

Whether there are secondaries PowerDNS knows: then deploy has made the catalog's zone. Without one all this
does nothing. To tell is a courtesy: that it failed is logged, and PowerDNS finds the change by itself.
"""

from __future__ import annotations

import json
import logging
import threading
import time
import urllib.parse
from typing import Any

from nodeagent.backends.base import BackendError
from nodeagent.backends.powerdns_keys import Call
from nodeagent.contract.dns import CATALOG, TRANSFER_KEY

log = logging.getLogger(__name__)

PAUSE_SECONDS = 1.0  # the catalog's serial is the clock, which PowerDNS also takes: never ahead of it
NATIVE = {"kind": "Native"}
MEMBER = {"kind": "Master", "catalog": f"{CATALOG}.", "master_tsig_key_ids": [f"{TRANSFER_KEY}."]}
SOA = "invalid. hostmaster.invalid. {} 60 60 604800 3600"


class Catalog:
    """``call`` speaks to PowerDNS's API."""

    def __init__(self, call: Call) -> None:
        self._call = call
        self._there: bool | None = None
        self._lock = threading.Lock()
        self._serial = 0
        self._told = 0.0
        self._timer: threading.Timer | None = None

    def there(self) -> bool:
        """Whether zones are handed on. Asked once: it changes when the server is set up anew."""
        if self._there is None:
            status, body = self._call("GET", f"/zones/{_path(CATALOG)}?rrsets=false")
            if status not in (200, 404):
                raise BackendError(f"PowerDNS does not show its catalog (status {status}).")
            self._there = status == 200 and json.loads(body)["kind"] == "Producer"
        return self._there

    def wish(self) -> dict[str, Any]:
        """What a new zone is made with."""
        return MEMBER if self.there() else NATIVE

    def member(self, found: dict[str, Any]) -> bool:
        """Whether the zone is handed on as it should be: ``found`` is PowerDNS's view of it."""
        return self.leads(found) and (not self.there() or found.get("catalog") == MEMBER["catalog"])

    def leads(self, found: dict[str, Any]) -> bool:
        """As far as PowerDNS's list of its zones says that: it leaves out the catalog."""
        return not self.there() or found.get("kind") == MEMBER["kind"]

    def take_in(self, name: str) -> None:
        status, _body = self._call("PUT", f"/zones/{_path(name)}", MEMBER)
        if status != 204:
            raise BackendError(f"PowerDNS does not take {name} into its catalog (status {status}).")
        self.other_members()

    def changed(self, name: str) -> None:
        """The zone has another content."""
        if self.there():
            self._notify(name)

    def other_members(self) -> None:
        """A zone came or went. Many at once are told of together."""
        if not self.there():
            return
        with self._lock:
            if self._timer is not None:
                return
            wait = self._told + PAUSE_SECONDS - time.monotonic()
            if wait > 0:
                self._timer = threading.Timer(wait, self._later)
                self._timer.daemon = True
                self._timer.start()
                return
            self._tell()

    def _later(self) -> None:
        with self._lock:
            self._timer = None
            self._tell()

    def _tell(self) -> None:
        """PowerDNS makes the catalog from its members, and its serial from the clock."""
        self._told = time.monotonic()
        self._serial = max(int(time.time()), self._serial + 1)
        soa = {"content": SOA.format(self._serial), "disabled": False}
        rrset = {
            "name": f"{CATALOG}.", "type": "SOA", "ttl": 3600, "changetype": "REPLACE", "records": [soa]
        }  # fmt: skip
        try:
            status, _body = self._call("PATCH", f"/zones/{_path(CATALOG)}", {"rrsets": [rrset]})
        except (BackendError, OSError) as error:
            log.warning("the catalog's serial was not raised: %s", error)
            return
        if status != 204:
            log.warning("the catalog's serial was not raised (status %d)", status)
        self._notify(CATALOG)

    def _notify(self, name: str) -> None:
        try:
            status, _body = self._call("PUT", f"/zones/{_path(name)}/notify")
        except (BackendError, OSError) as error:
            log.warning("%s: the secondaries were not told: %s", name, error)
            return
        if status != 200:
            log.warning("%s: the secondaries were not told (status %d)", name, status)


def _path(name: str) -> str:
    return urllib.parse.quote(f"{name}.", safe="")
