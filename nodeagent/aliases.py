"""Finds the addresses of an ALIAS for PowerDNS, which asks over UDP on a loopback port (``resolver`` there).

First it asks PowerDNS itself, which has the zones here, then the provider's resolvers. A question that waits
for its answer is not asked a second time: names that are an ALIAS of each other would have PowerDNS ask
itself for ever, and so have no answer, once.

    python -m nodeagent.aliases 127.0.0.1:18053 127.0.0.1:2053 192.0.2.53:53

It stays for months and memory is counted, so what little it reads of a message it reads itself.
"""

from __future__ import annotations

import asyncio
import secrets
import signal
import struct
import sys
from collections.abc import Sequence
from typing import cast

ANSWER_SECONDS = 1.5
WAITING_MAX = 1000
_HEADER = 12  # octets, RFC 1035 §4.1.1
_ADDRESSES = (1, 28)  # A, AAAA
_NOERROR, _SERVFAIL, _NXDOMAIN = 0, 2, 3
_POINTER = 0xC0

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
    addresses = False
    try:
        questions, answers = struct.unpack_from("!HH", reply, 4)
        at = _HEADER
        for _ in range(questions):
            at = _past_name(reply, at) + 4
        for _ in range(answers):
            at = _past_name(reply, at)
            kind, _class, _ttl, size = struct.unpack_from("!HHIH", reply, at)
            at += 10 + size
            if at > len(reply):
                return False, False
            addresses = addresses or kind in _ADDRESSES
    except (IndexError, ValueError, struct.error):
        return False, False
    return addresses, reply[3] & 0x0F in (_NOERROR, _NXDOMAIN)


def _past_name(data: bytes, at: int) -> int:
    """Where what stands behind a name begins (RFC 1035 §4.1.4)."""
    while size := data[at]:
        if size & _POINTER == _POINTER:
            return at + 2
        if size & _POINTER:
            raise ValueError
        at += 1 + size
    return at + 1


def failed(query: bytes) -> bytes:
    """SERVFAIL to this question; nothing to what is none."""
    try:
        end = _past_name(query, _HEADER) + 4
    except (IndexError, ValueError):
        return b""
    if query[4:6] != b"\0\1" or end > len(query):
        return b""
    flags = bytes([0x80 | query[2] & 0x79, _SERVFAIL])  # a reply; opcode and RD as they were
    return query[:2] + flags + b"\0\1" + bytes(6) + query[_HEADER:end]


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
