"""A name server on loopback that hands out what a test wants, over TCP."""

from __future__ import annotations

import socketserver
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import dns.flags
import dns.message
import dns.rcode
import dns.rrset

Answer = Callable[[dns.message.Message], Iterator[bytes]]
"""From the query to the messages that are sent, without their lengths."""


@contextmanager
def serving(answer: Answer) -> Iterator[int]:
    """The port."""

    class Tcp(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            size = int.from_bytes(self.request.recv(2), "big")
            query = dns.message.from_wire(self.request.recv(size))
            try:
                for wire in answer(query):
                    self.request.sendall(len(wire).to_bytes(2, "big") + wire)
            except OSError:
                return  # who asked has gone

    server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Tcp)
    server.daemon_threads = True
    server.block_on_close = False
    thread = threading.Thread(target=server.serve_forever, args=[0.02])
    thread.start()
    try:
        yield int(server.server_address[1])
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


SOA = "example.test. 3600 IN SOA ns1.old.test. host.old.test. 5 1 2 3 4"


def zone(*lines: str, split: int = 100) -> Answer:
    """A server that has these records, ``split`` of them a message."""

    def answer(query: dns.message.Message) -> Iterator[bytes]:
        records = [SOA, *lines, SOA]
        for at in range(0, len(records), split):
            yield message(query, *records[at : at + split])

    return answer


def message(query: dns.message.Message, *lines: str, code: dns.rcode.Rcode = dns.rcode.NOERROR) -> bytes:
    reply = dns.message.make_response(query)
    reply.flags |= dns.flags.AA
    reply.set_rcode(code)
    for line in lines:
        owner, ttl, in_class, kind, value = line.split(None, 4)
        reply.answer.append(dns.rrset.from_text(owner, int(ttl), in_class, kind, value))
    return reply.to_wire(max_size=65_535)


def refusing(code: dns.rcode.Rcode) -> Answer:
    def answer(query: dns.message.Message) -> Iterator[bytes]:
        yield message(query, code=code)

    return answer
