"""Dovecot's word on whether a mailbox has room for a mail (its quota-status service), over a few connections
that are kept."""

from __future__ import annotations

import contextlib
import queue
import socket
import time
from pathlib import Path

CONNECTIONS = 8
PATIENCE = 4.0  # seconds for one answer of Dovecot's, and before it is asked again when none came


class Quota:
    """Dovecot's quota-status at ``path``, asked over a few connections that stay open: a process there serves
    one of them."""

    def __init__(self, path: Path, most: int = CONNECTIONS, patience: float = PATIENCE) -> None:
        self._path = path
        self._patience = patience
        self._away_until = 0.0
        self._free: queue.LifoQueue[socket.socket | None] = queue.LifoQueue()
        for _each in range(most):
            self._free.put(None)

    def has_room(self, mailbox: str, size: int) -> bool:
        """Raises OSError when Dovecot does not answer, and for a while after: those who wait behind this
        question must not each wait as long."""
        question = f"recipient={mailbox}\nsize={size}\n\n".encode()
        try:
            kept = self._free.get(timeout=self._patience)
        except queue.Empty:
            raise TimeoutError("all connections to Dovecot are busy") from None
        if time.monotonic() < self._away_until:
            self._free.put(kept)
            raise TimeoutError("Dovecot did not answer a moment ago")
        line = kept
        try:
            reply, line = self._say(kept, question)
        except TimeoutError:
            line = None
            self.rest()
            raise
        except OSError:
            line = None
            raise
        finally:
            self._free.put(line)
        return not reply.startswith("action=5")

    def rest(self) -> None:
        """Ask nothing for a while."""
        self._away_until = time.monotonic() + self._patience

    def _say(self, line: socket.socket | None, question: bytes) -> tuple[str, socket.socket]:
        """On a new connection when the kept one is dead: Dovecot was started anew."""
        if line is not None:
            with contextlib.suppress(OSError):
                return _exchange(line, question), line
            line.close()
        line = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        line.settimeout(self._patience)
        try:
            line.connect(str(self._path))
            return _exchange(line, question), line
        except OSError:
            line.close()
            raise


def _exchange(line: socket.socket, question: bytes) -> str:
    line.sendall(question)
    reply = b""
    while b"\n\n" not in reply:
        more = line.recv(4096)
        if not more:
            raise ConnectionError("Dovecot hung up")
        reply += more
    return reply.decode("utf-8", "replace")
