"""A DNS server on loopback that says what a test wants: a resolver, and the servers of every zone above, in
one. Questions with RD set are answered from ``records``, those without get the referral in
``delegations``."""

from __future__ import annotations

import socket
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rrset

UDP_BYTES = 512


@dataclass
class FakeDns:
    """Names without a last dot. ``silent``, ``broken``: names that get no answer, or SERVFAIL. ``garbage``:
    bytes instead of a message. ``authority``: what the source itself answers, (name, type) → values."""

    records: dict[tuple[str, str], list[str]] = field(default_factory=dict)
    delegations: dict[str, list[str]] = field(default_factory=dict)
    authority: dict[tuple[str, str], list[str]] = field(default_factory=dict)
    silent: set[str] = field(default_factory=set)
    broken: set[str] = field(default_factory=set)
    garbage: set[str] = field(default_factory=set)
    asked: list[tuple[str, str, bool]] = field(default_factory=list)
    place: str = ""

    def zone(self, name: str, server: str = "ns.registry.test", address: str = "127.0.0.1") -> None:
        """``name`` is a zone, served at ``address``."""
        self.records[name, "NS"] = [f"{server}."]
        self.records[server, "A"] = [address]

    def txt(self, name: str, *values: str) -> None:
        self.records[name, "TXT"] = [" ".join(_quoted(value)) for value in values]

    def reply(self, data: bytes) -> bytes | None:
        query = dns.message.from_wire(data)
        question = query.question[0]
        name, kind = question.name.to_text(omit_final_dot=True).lower(), question.rdtype.name
        recursive = bool(query.flags & dns.flags.RD)
        self.asked.append((name, kind, recursive))
        if name in self.silent:
            return None
        if name in self.garbage:
            return data[:2] + b"\xff" * 40
        answer = dns.message.make_response(query)
        if name in self.broken:
            answer.set_rcode(dns.rcode.SERVFAIL)
        elif recursive:
            _put(answer, name, kind, self.records.get((name, kind)))
        else:
            self._refer(answer, name, kind)
        return answer.to_wire()

    def _refer(self, answer: dns.message.Message, name: str, kind: str) -> None:
        if (name, kind) in self.authority:
            answer.flags |= dns.flags.AA
            _put(answer, name, kind, self.authority[name, kind])
        elif name in self.delegations:
            servers = [f"{server}." for server in self.delegations[name]]
            answer.authority.append(dns.rrset.from_text(f"{name}.", 60, "IN", "NS", *servers))
        else:
            answer.flags |= dns.flags.AA
            answer.set_rcode(dns.rcode.NXDOMAIN)


def _quoted(value: str) -> list[str]:
    return [f'"{value[at : at + 255]}"' for at in range(0, len(value), 255)] or ['""']


def _put(answer: dns.message.Message, name: str, kind: str, values: list[str] | None) -> None:
    if values:
        answer.answer.append(dns.rrset.from_text(f"{name}." if name else ".", 60, "IN", kind, *values))
    elif values is None:
        answer.set_rcode(dns.rcode.NXDOMAIN)


def _cut(wire: bytes) -> bytes:
    if len(wire) <= UDP_BYTES:
        return wire
    short = dns.message.from_wire(wire)
    short.answer.clear()
    short.flags |= dns.flags.TC
    return short.to_wire()


@contextmanager
def serving(world: FakeDns, address: str = "127.0.0.1") -> Iterator[FakeDns]:
    """UDP and TCP on one port of ``address`` (loopback), noted in ``world.place``."""

    class Udp(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            data, sock = self.request
            wire = world.reply(data)
            if wire is not None:
                sock.sendto(_cut(wire), self.client_address)

    class Tcp(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            size = int.from_bytes(self.request.recv(2), "big")
            wire = world.reply(self.request.recv(size))
            if wire is not None:
                self.request.sendall(len(wire).to_bytes(2, "big") + wire)

    tcp = socketserver.ThreadingTCPServer((address, 0), Tcp)
    port = int(tcp.server_address[1])
    udp = socketserver.ThreadingUDPServer((address, port), Udp)
    world.place = f"{address}:{port}"
    servers: list[socketserver.BaseServer] = [tcp, udp]
    threads = [threading.Thread(target=server.serve_forever, args=[0.02]) for server in servers]
    for thread in threads:
        thread.start()
    try:
        yield world
    finally:
        for server, thread in zip(servers, threads, strict=True):
            server.shutdown()
            thread.join()
            server.server_close()


def free_port() -> int:
    """One where nobody listens."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])
