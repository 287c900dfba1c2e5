"""A PowerDNS that answers wrongly, late, or not at all: the old zone whole or the new zone whole, and the
next try brings the new one. Between the agent and the real server stands a door that misbehaves on demand."""

from __future__ import annotations

import http.client
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import dns.message
import dns.query
import pytest

from nodeagent.backends import http as node_http
from nodeagent.backends.base import BackendError
from nodeagent.backends.dnsproof import Prober
from nodeagent.backends.powerdns import PowerDnsBackend
from nodeagent.config import Address
from nodeagent.contract import RRset, Zone
from nodeagent.node import Node
from nodeagent.payload import Item, parse
from tests.nodeagent.conftest import Place, wanted
from tests.nodeagent.test_dns import zone

OWNERS = ("a", "b", "c", "www")


class Door(ThreadingHTTPServer):
    """Hands every request to the real server. ``trouble``: for writes from now on; None: none."""

    daemon_threads = True
    trouble: str | None = None

    def __init__(self, port: int) -> None:
        self.behind = port
        self.let_go = threading.Event()
        super().__init__(("127.0.0.1", 0), _Handler)


class _Handler(BaseHTTPRequestHandler):
    server: Door

    def _pass(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        trouble = self.server.trouble if self.command in {"PATCH", "POST", "DELETE"} else None
        if trouble == "cut before":
            self.close_connection = True
            return
        if trouble and trouble.isdecimal():
            self._answer(int(trouble), b'{"error": "as the test wants it"}')
            return
        behind = http.client.HTTPConnection("127.0.0.1", self.server.behind, timeout=10)
        behind.request(self.command, self.path, body or None, {"X-API-Key": self.headers["X-API-Key"]})
        response = behind.getresponse()
        answer = response.read()
        behind.close()
        if trouble == "cut after":  # done, and died before it could say so
            self.close_connection = True
            return
        if trouble == "slow":  # done, and nobody waits for the answer any more
            self.server.let_go.wait(30)
        self._answer(response.status, answer)

    def _answer(self, status: int, body: bytes) -> None:
        try:
            self.send_response(status)
            if status != 204:
                self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body if status != 204 else b"")
        except OSError:
            self.close_connection = True  # the agent has gone

    def __getattr__(self, name: str) -> Callable[[], None]:
        if name.startswith("do_"):  # the base class asks for do_GET, do_PATCH and their like
            return self._pass
        raise AttributeError(name)

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Quiet."""


@pytest.fixture
def door(node: Node, place: Place) -> Iterator[Door]:
    server = Door(place.ports["pdns"])
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.let_go.set()
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def backend(door: Door, place: Place, monkeypatch: pytest.MonkeyPatch) -> PowerDnsBackend:
    monkeypatch.setattr(node_http.request, "__kwdefaults__", {"body": b"", "timeout": 1.0})
    url = f"http://127.0.0.1:{door.server_address[1]}/api/v1/servers/localhost"
    prober = Prober(Address(host="127.0.0.1", port=place.ports["dns"]))
    return PowerDnsBackend(url, Path(place.environment["PDNS_API_KEY_FILE"]), prober)


@pytest.fixture
def served(place: Place) -> Callable[[str], tuple[int, set[str]]]:
    """Serial, and the addresses of OWNERS: those of one version only, or the set was torn."""

    def look(name: str) -> tuple[int, set[str]]:
        def ask(owner: str, kind: str) -> list[str]:
            query = dns.message.make_query(owner, kind)
            answer = dns.query.udp(query, "127.0.0.1", timeout=2, port=place.ports["dns"])
            return [rdata.to_text() for rrset in answer.answer for rdata in rrset]

        soa = ask(name, "SOA")
        found = {text for owner in OWNERS for text in ask(f"{owner}.{name}", "A") or ["none"]}
        return int(soa[0].split()[2]) if soa else 0, found

    return look


def version(name: str, serial: int) -> Zone:
    """All addresses say the serial."""
    return zone(
        name,
        serial,
        *(
            RRset(name=f"{owner}.{name}.", type="A", ttl=60, records=[f"192.0.2.{serial}"])
            for owner in OWNERS
        ),
    )


def item(state: Zone, rev: int) -> Item:
    return parse(wanted(state, rev))


@pytest.mark.parametrize("trouble", ["500", "422", "cut before", "cut after", "slow"])
def test_a_change_is_whole_or_not_at_all_and_the_next_try_brings_it(
    backend: PowerDnsBackend,
    door: Door,
    served: Callable[[str], tuple[int, set[str]]],
    domain: str,
    trouble: str,
) -> None:
    backend.apply(item(version(domain, 10), 1))
    assert served(domain) == (10, {"192.0.2.10"})
    door.trouble = trouble
    with pytest.raises(BackendError) as refused:
        backend.apply(item(version(domain, 11), 2))
    assert refused.value.permanent == (trouble == "422")
    assert "PowerDNS" in str(refused.value)
    assert served(domain) in ((10, {"192.0.2.10"}), (11, {"192.0.2.11"}))
    door.trouble = None
    proof = backend.apply(item(version(domain, 12), 3))
    assert proof.facts["serial"] == 12
    assert served(domain) == (12, {"192.0.2.12"})


@pytest.mark.parametrize("trouble", ["500", "cut before", "cut after", "slow"])
def test_a_new_zone_is_there_whole_or_not_and_the_next_try_brings_it(
    backend: PowerDnsBackend,
    door: Door,
    served: Callable[[str], tuple[int, set[str]]],
    domain: str,
    trouble: str,
) -> None:
    door.trouble = trouble
    with pytest.raises(BackendError):
        backend.apply(item(version(domain, 20), 1))
    door.trouble = None
    backend.apply(item(version(domain, 20), 1))
    assert served(domain) == (20, {"192.0.2.20"})


def test_an_older_state_that_comes_late_never_lowers_the_serial(
    backend: PowerDnsBackend, door: Door, served: Callable[[str], tuple[int, set[str]]], domain: str
) -> None:
    backend.apply(item(version(domain, 30), 1))
    door.trouble = "cut after"
    with pytest.raises(BackendError):
        backend.apply(item(version(domain, 31), 2))
    door.trouble = None
    with pytest.raises(BackendError) as refused:
        backend.apply(item(version(domain, 30), 3))
    assert refused.value.facts == {"serial": 31}
    assert served(domain) == (31, {"192.0.2.31"})
