"""Answers Postfix's policy questions on a Unix socket (SMTPD_POLICY_README)."""

from __future__ import annotations

import os
import selectors
import socket
from collections.abc import Callable, Mapping
from pathlib import Path
from types import FrameType

Answer = Callable[[Mapping[str, str]], str]
QUESTION_BYTES = 16 * 1024  # Postfix's own questions have about 600


class Server:
    """One question after the other: each takes a fraction of a millisecond. ``group``: who may ask besides
    the owner; -1: the folder's group. ``most``: bytes of one question."""

    def __init__(self, path: Path, answer: Answer, *, group: int = -1, most: int = QUESTION_BYTES) -> None:
        self._answer = answer
        self._most = most
        self._selector = selectors.DefaultSelector()
        self._asked: dict[socket.socket, bytes] = {}
        path.unlink(missing_ok=True)
        self._listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        mask = os.umask(0o117)  # owner and group alone
        try:
            self._listener.bind(str(path))
        finally:
            os.umask(mask)
        if group >= 0:
            os.chown(path, -1, group)
        self._listener.listen(1024)
        self._listener.setblocking(False)
        self._selector.register(self._listener, selectors.EVENT_READ)
        self.running = True

    def serve(self, seconds: float | None = None) -> None:
        """Until ``stop``; or until nobody asked for ``seconds``."""
        while self.running:
            ready = self._selector.select(1.0 if seconds is None else seconds)
            if not ready and seconds is not None:
                return
            for key, _events in ready:
                if key.fileobj is self._listener:
                    self._welcome()
                elif isinstance(key.fileobj, socket.socket):
                    self._read(key.fileobj)

    def stop(self, *_signal: int | FrameType | None) -> None:
        self.running = False

    def close(self) -> None:
        for client in list(self._asked):
            self._leave(client)
        self._selector.close()
        self._listener.close()

    def _welcome(self) -> None:
        try:
            client, _address = self._listener.accept()
        except OSError:
            return
        client.settimeout(5)
        self._asked[client] = b""
        self._selector.register(client, selectors.EVENT_READ)

    def _read(self, client: socket.socket) -> None:
        try:
            more = client.recv(self._most)
            self._asked[client] += more
            while more and b"\n\n" in self._asked[client]:
                question, _, self._asked[client] = self._asked[client].partition(b"\n\n")
                client.sendall(f"action={self._answer(parse(question))}\n\n".encode())
        except OSError:
            more = b""
        if not more or len(self._asked[client]) > self._most:
            self._leave(client)

    def _leave(self, client: socket.socket) -> None:
        self._selector.unregister(client)
        del self._asked[client]
        client.close()


def parse(question: bytes) -> dict[str, str]:
    """``name=value`` lines; what is no such line is left out."""
    lines = (line.partition("=") for line in question.decode("utf-8", "replace").split("\n"))
    return {name: value for name, equals, value in lines if equals}
