"""Look-ups through the resolvers of the settings, against a small DNS server in this process."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from typing import Any

import dns.flags
import dns.message
import dns.rcode
import dns.rrset
import pytest

from lib import resolver

ANSWERS = {
    ("mail.example.test.", "A"): ["192.0.2.1", "192.0.2.2"],
    ("pr1._domainkey.example.test.", "TXT"): ['"v=DKIM1; p=AA" "BB"'],
    ("mail.example.test.", "TXT"): [],
}


def reply(query: dns.message.QueryMessage) -> dns.message.Message:
    answer = dns.message.make_response(query)
    answer.flags |= dns.flags.AA
    question = query.question[0]
    name, kind = question.name.to_text(), question.rdtype.name
    if name.startswith("broken."):
        answer.set_rcode(dns.rcode.SERVFAIL)
    elif (name, kind) not in ANSWERS:
        answer.set_rcode(dns.rcode.NXDOMAIN)
    elif ANSWERS[name, kind]:
        answer.answer.append(dns.rrset.from_text(name, 60, "IN", kind, *ANSWERS[name, kind]))
    return answer


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind(("127.0.0.1", 0))

        def serve() -> None:
            while True:
                data, peer = sock.recvfrom(4096)
                if data == b"stop":
                    return
                query = dns.message.from_wire(data)
                assert isinstance(query, dns.message.QueryMessage)
                sock.sendto(reply(query).to_wire(), peer)

        thread = threading.Thread(target=serve)
        thread.start()
        host, port = sock.getsockname()
        yield f"{host}:{port}"
        sock.sendto(b"stop", (host, port))
        thread.join()


@pytest.fixture
def asked(server: str, settings: Any) -> None:
    settings.RESOLVERS = [server]


@pytest.mark.usefixtures("asked")
@pytest.mark.parametrize(
    ("name", "kind", "values"),
    [
        ("mail.example.test", "A", ["192.0.2.1", "192.0.2.2"]),
        ("mail.example.test.", "A", ["192.0.2.1", "192.0.2.2"]),
        ("pr1._domainkey.example.test", "TXT", ["v=DKIM1; p=AABB"]),
        ("mail.example.test", "TXT", []),
        ("nowhere.example.test", "A", []),
        ("x" * 64 + ".test", "A", []),
        ("a..b", "A", []),
    ],
)
def test_lookup(name: str, kind: str, values: list[str]) -> None:
    assert sorted(resolver.lookup(name, kind)) == values


@pytest.mark.usefixtures("asked")
def test_a_server_that_fails_is_not_an_answer() -> None:
    with pytest.raises(resolver.ResolverAway):
        resolver.lookup("broken.example.test", "A")


def test_nobody_there_is_not_an_answer(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent:
        silent.bind(("127.0.0.1", 0))
        settings.RESOLVERS = [f"127.0.0.1:{silent.getsockname()[1]}"]
        monkeypatch.setattr(resolver, "TRY_SECONDS", 0.1)
        monkeypatch.setattr(resolver, "IN_ALL_SECONDS", 0.3)
        with pytest.raises(resolver.ResolverAway):
            resolver.lookup("mail.example.test", "A")


@pytest.mark.parametrize(
    ("text", "address", "port"),
    [
        ("127.0.0.1:5353", "127.0.0.1", 5353),
        ("127.0.0.1", "127.0.0.1", 53),
        ("[::1]:5353", "::1", 5353),
        ("::1", "::1", 53),
    ],
)
def test_how_resolvers_are_written(text: str, address: str, port: int) -> None:
    (server,) = resolver._servers(text)
    assert (getattr(server, "address", ""), getattr(server, "port", 0)) == (address, port)
