"""Finds the addresses of an ALIAS for PowerDNS, which asks over UDP on a loopback port (``resolver`` there).

First it asks PowerDNS itself, which has the zones here, then the provider's resolvers. A question that waits
for its answer is not asked a second time: names that are an ALIAS of each other would have PowerDNS ask
itself for ever, and so have no answer, once.

    python -m nodeagent.aliases 127.0.0.1:18053 127.0.0.1:2053 192.0.2.53:53
"""

from __future__ import annotations

import asyncio
import secrets
import signal
import sys
from collections.abc import Sequence
from typing import cast

import dns.exception
import dns.message
import dns.rcode
import dns.rdatatype

ANSWER_SECONDS = 1.5
WAITING_MAX = 1000
_HEADER = 12  # octets, RFC 1035 §4.1.1

Place = tuple[str, int]


class Aliases(asyncio.DatagramProtocol):
    """``servers`` are asked in their order until one has an address."""

    def __init__(self, servers: Sequence[Place]) -> None:
        self.servers = servers
        self.waiting: dict[bytes, asyncio.Task[bytes | None]] = {}
        self.answering: set[asyncio.Task[None]] = set()
        self.transport: asyncio.DatagramTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, addr: Place) -> None:
        if len(data) <= _HEADER or data[2] & 0x80 or len(self.answering) >= WAITING_MAX:
            return
        task = asyncio.create_task(self._answer(data, addr))
        self.answering.add(task)
        task.add_done_callback(self.answering.discard)

    async def _answer(self, query: bytes, addr: Place) -> None:
        question = query[_HEADER:].lower()
        search = self.waiting.get(question)
        if search is None:
            search = self.waiting[question] = asyncio.create_task(self._search(query))
            search.add_done_callback(lambda _done: self.waiting.pop(question, None))
        reply = await asyncio.shield(search)
        answer = query[:2] + reply[2:] if reply else failed(query)
        if answer and self.transport is not None:
            self.transport.sendto(answer, addr)

    async def _search(self, query: bytes) -> bytes | None:
        """The first reply with an address; else the first that knows the name at all."""
        best = None
        for server in self.servers:
            reply = await asked(server, query)
            if reply is None:
                continue
            addresses, known = read(reply)
            if addresses:
                return reply
            best = best or (reply if known else None)
        return best


class _Asking(asyncio.DatagramProtocol):
    def __init__(self, number: bytes) -> None:
        self.number = number
        self.reply: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()

    def datagram_received(self, data: bytes, addr: Place) -> None:
        if data[:2] == self.number and len(data) > _HEADER and not self.reply.done():
            self.reply.set_result(data)

    def error_received(self, exc: Exception) -> None:
        if not self.reply.done():
            self.reply.set_exception(exc)


async def asked(server: Place, query: bytes) -> bytes | None:
    """The reply of ``server``; None when it does not answer in time."""
    number = secrets.token_bytes(2)
    loop = asyncio.get_running_loop()
    try:
        transport, asking = await loop.create_datagram_endpoint(lambda: _Asking(number), remote_addr=server)
    except OSError:
        return None
    try:
        transport.sendto(number + query[2:])
        return await asyncio.wait_for(asking.reply, ANSWER_SECONDS)
    except (OSError, TimeoutError):
        return None
    finally:
        transport.close()


def read(reply: bytes) -> tuple[bool, bool]:
    """Whether there is an address in it, and whether the name is known."""
    try:
        message = dns.message.from_wire(reply, ignore_trailing=True)
    except (dns.exception.DNSException, ValueError):
        return False, False
    wanted = (dns.rdatatype.A, dns.rdatatype.AAAA)
    addresses = any(rrset.rdtype in wanted for rrset in message.answer)
    return addresses, message.rcode() in (dns.rcode.NOERROR, dns.rcode.NXDOMAIN)


def failed(query: bytes) -> bytes:
    """SERVFAIL to this question; nothing to what is none."""
    try:
        reply = dns.message.make_response(dns.message.from_wire(query, ignore_trailing=True))
    except (dns.exception.DNSException, ValueError):
        return b""
    reply.set_rcode(dns.rcode.SERVFAIL)
    return reply.to_wire()


def place(text: str) -> Place:
    """``192.0.2.53:53`` or ``[2001:db8::53]:53``."""
    host, _colon, port = text.rpartition(":")
    return host.strip("[]"), int(port)


async def serve(listen: Place, servers: Sequence[Place]) -> None:
    loop = asyncio.get_running_loop()
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    transport, _protocol = await loop.create_datagram_endpoint(lambda: Aliases(servers), local_addr=listen)
    await stop.wait()
    transport.close()


if __name__ == "__main__":
    first, *others = map(place, sys.argv[1:])
    asyncio.run(serve(first, others))
