"""Looks at mail servers: addresses, port 25, and whom we do not connect to."""

from __future__ import annotations

import socket
import socketserver
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.core.cache import cache

from dnszone import reach
from dnszone.models import Record, Zone
from lib.addresses import is_public
from tests.factories import NodeFactory
from tests.fakedns import FakeDns, serving

pytestmark = pytest.mark.django_db


@contextmanager
def smtp(*replies: bytes) -> Iterator[int]:
    """A server that says these, one for each line it gets, on a port of 127.0.0.1."""

    class Talk(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            for reply in replies:
                self.wfile.write(reply)
                self.wfile.flush()
                if not self.rfile.readline():
                    return

    server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Talk)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=[0.02])
    thread.start()
    try:
        yield int(server.server_address[1])
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def world(settings: Any) -> Iterator[FakeDns]:
    cache.clear()
    with serving(FakeDns()) as found:
        settings.RESOLVERS = [found.place]
        yield found


def look(*hosts: str, seconds: float = 5, who: str = "") -> dict[str, reach.HostState]:
    return reach.look(hosts, time.monotonic() + seconds, who=who)


def our_node(port: int) -> None:
    NodeFactory.create(name="mail9", addresses=["127.0.0.1"], ports={"smtp": port})


def test_our_own_node_is_asked_at_its_port(world: FakeDns) -> None:
    world.records["mx.out.test", "A"] = ["127.0.0.1"]
    world.records["mx.out.test", "AAAA"] = ["2001:db8::25"]
    with smtp(
        b"220 mx9.out.test ESMTP\r\n", b"250-mx9\r\n250-SIZE 1\r\n250 STARTTLS\r\n", b"221 x\r\n"
    ) as port:
        our_node(port)
        state = look("MX.out.test.")["mx.out.test"]
    assert state.level == "ok"
    assert state.words == "Has A and AAAA; answers on port 25"
    assert (state.banner, state.starttls) == ("mx9.out.test", True)


@pytest.mark.parametrize(
    "address", ["10.0.0.1", "127.0.0.1", "169.254.169.254", "192.168.1.1", "100.64.0.1", "224.0.0.1"]
)
def test_no_private_address_is_connected_to(
    world: FakeDns, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried: list[Any] = []
    monkeypatch.setattr(socket, "create_connection", lambda *args, **kwargs: tried.append(args))
    world.records["mx.out.test", "A"] = [address]
    state = look("mx.out.test")["mx.out.test"]
    assert not tried
    assert (state.level, state.answers) == ("wait", reach.NOT_ASKED)
    assert state.why


@pytest.mark.parametrize("address", ["::1", "fe80::1", "::ffff:127.0.0.1", "64:ff9b::7f00:1", "fc00::1"])
def test_nor_one_in_ipv6_clothes(address: str) -> None:
    assert not is_public(address)


def test_a_name_without_address_and_an_alias(world: FakeDns) -> None:
    world.records["alias.out.test", "CNAME"] = ["real.out.test."]
    world.records["alias.out.test", "A"] = ["192.0.2.1"]
    found = look("nothing.out.test", "alias.out.test")
    assert found["nothing.out.test"].words == "Has no address: mail cannot reach it"
    assert found["nothing.out.test"].level == "bad"
    assert found["alias.out.test"].words == "Is a CNAME of real.out.test, which is not allowed for MX"


@pytest.mark.parametrize(
    "said", [[b"554 go away\r\n"], [b"SSH-2.0-x\r\n"], [b""], [b"\xff" * 5000], [b"220-never ends\r\n" * 400]]
)
def test_who_speaks_no_smtp_does_not_answer(world: FakeDns, said: list[bytes]) -> None:
    world.records["mx.out.test", "A"] = ["127.0.0.1"]
    with smtp(*said) as port:
        our_node(port)
        state = look("mx.out.test", seconds=2)["mx.out.test"]
    assert (state.answers, state.words) == (reach.NO, "Does not answer on port 25")


def test_a_closed_port_and_a_silent_server(world: FakeDns) -> None:
    world.records["mx.out.test", "A"] = ["127.0.0.1"]
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        our_node(silent.getsockname()[1])
        state = look("mx.out.test", seconds=0.5)["mx.out.test"]
    assert state.answers == reach.NO or not state.known
    cache.clear()
    assert look("mx.out.test")["mx.out.test"].answers == reach.NO


def test_not_known_is_said_and_is_no_false_alarm(world: FakeDns) -> None:
    world.broken.add("mx.out.test")
    state = look("mx.out.test")["mx.out.test"]
    assert (state.known, state.level) == (False, "wait")


def test_a_host_in_a_zone_of_ours_is_read_there(world: FakeDns, zone: Zone) -> None:
    Record.objects.create(zone=zone, owner="mx7", type="A", rdata="192.0.2.7")
    Record.objects.create(zone=zone, owner="mx8", type="CNAME", rdata="mx7.example.test.")
    world.broken |= {"mx7.example.test", "gone.example.test"}
    found = look("mx7.example.test", "mx8.example.test", "gone.example.test")
    assert found["mx7.example.test"].v4 == ("192.0.2.7",)
    assert found["mx8.example.test"].alias == "mx7.example.test"
    assert found["gone.example.test"].words == "Has no address: mail cannot reach it"


def test_a_reload_asks_nobody_again(world: FakeDns) -> None:
    world.records["mx.out.test", "A"] = ["10.0.0.1"]
    look("mx.out.test")
    asked = len(world.asked)
    assert look("mx.out.test")["mx.out.test"].v4 == ("10.0.0.1",)
    assert len(world.asked) == asked


def test_a_person_asks_for_so_many_an_hour(world: FakeDns, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reach, "HOSTS_AN_HOUR", 3)
    first = look("a.out.test", "b.out.test", who="7")
    second = look("c.out.test", "d.out.test", who="7")
    assert [state.known for state in [*first.values(), *second.values()]] == [True, True, True, False]
    assert "too many" in second["d.out.test"].words
    assert look("d.out.test", who="8")["d.out.test"].known


def test_hostile_names_are_no_error(world: FakeDns) -> None:
    found = look("a" * 70 + ".test", "..", ".", "x\x00y.test", "ü.test", "[::1]")
    assert all(isinstance(state, reach.HostState) for state in found.values())
