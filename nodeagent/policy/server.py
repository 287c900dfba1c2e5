"""Answers the questions of Postfix and rspamd on Unix sockets: Postfix's policy questions
(SMTPD_POLICY_README) and other protocols of one answer to each question."""

from __future__ import annotations

import os
import selectors
import socket
from collections import deque
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any

QUESTION_BYTES = 16 * 1024  # Postfix's own questions have about 600
THREADS = 8


@dataclass(frozen=True, slots=True)
class Later:
    """An answer that must be waited for: ``work`` runs in a thread and never raises; what ``then`` makes of
    its result, back in the server's own thread, is the answer."""

    work: Callable[[], str]
    then: Callable[[str], str]


Answer = Callable[[Any], str | Later]


def parse(question: bytes) -> dict[str, str]:
    """``name=value`` lines; what is no such line is left out."""
    lines = (line.partition("=") for line in question.decode("utf-8", "replace").split("\n"))
    return {name: value for name, equals, value in lines if equals}


class PolicyForm:
    """How questions and answers are written. ``split``: the first question and the rest; None: it is not
    whole yet; raises ValueError for what is no question."""

    @staticmethod
    def split(data: bytes) -> tuple[Mapping[str, str] | None, bytes]:
        question, end, rest = data.partition(b"\n\n")
        return (parse(question), rest) if end else (None, data)

    @staticmethod
    def reply(answer: str) -> bytes:
        return f"action={answer}\n\n".encode()


@dataclass(slots=True)
class _Listener:
    socket: socket.socket
    answer: Answer
    form: Any
    most: int


@dataclass(slots=True)
class _Client:
    socket: socket.socket
    of: _Listener
    data: bytes = b""


class Server:
    """One question after the other: each takes a fraction of a millisecond; what must be waited for holds
    nobody else up (Later)."""

    def __init__(self, path: Path, answer: Answer, *, most: int = QUESTION_BYTES) -> None:
        self._selector = selectors.DefaultSelector()
        self._listeners: list[_Listener] = []
        self._pool: ThreadPoolExecutor | None = None
        self._done: deque[tuple[_Client, Later, str]] = deque()
        self._wake, self._woken = socket.socketpair()
        self._wake.setblocking(False)
        self._woken.setblocking(False)
        self._selector.register(self._woken, selectors.EVENT_READ)
        self.running = True
        self.listen(path, answer, most=most)

    def listen(
        self, path: Path, answer: Answer, *, form: Any = PolicyForm, most: int = QUESTION_BYTES
    ) -> None:
        """At ``path``, for its owner and its group (the folder's). ``most``: bytes of one question."""
        path.unlink(missing_ok=True)
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        mask = os.umask(0o117)
        try:
            listener.bind(str(path))
        finally:
            os.umask(mask)
        listener.listen(1024)
        listener.setblocking(False)
        self._listeners.append(_Listener(listener, answer, form, most))
        self._selector.register(listener, selectors.EVENT_READ, self._listeners[-1])

    def serve(self, seconds: float | None = None) -> None:
        """Until ``stop``; or until nobody asked for ``seconds``."""
        while self.running:
            ready = self._selector.select(1.0 if seconds is None else seconds)
            if not ready and seconds is not None:
                return
            for key, _events in ready:
                if isinstance(key.data, _Listener):
                    self._welcome(key.data)
                elif isinstance(key.data, _Client):
                    self._read(key.data)
                else:
                    self._finish()

    def stop(self, *_signal: int | FrameType | None) -> None:
        self.running = False

    def close(self) -> None:
        if self._pool:
            self._pool.shutdown(wait=False, cancel_futures=True)
        for key in list(self._selector.get_map().values()):
            if isinstance(key.fileobj, socket.socket):
                key.fileobj.close()
        self._selector.close()
        self._wake.close()

    def _welcome(self, listener: _Listener) -> None:
        try:
            client, _address = listener.socket.accept()
        except OSError:
            return
        client.settimeout(5)
        self._selector.register(client, selectors.EVENT_READ, _Client(client, listener))

    def _read(self, client: _Client) -> None:
        try:
            more = client.socket.recv(client.of.most)
        except OSError:
            more = b""
        client.data += more
        if not more or not self._answer(client):
            self._leave(client)

    def _answer(self, client: _Client) -> bool:
        """What was asked so far. False: there is no use in going on with this client."""
        try:
            while True:
                question, client.data = client.of.form.split(client.data)
                if question is None:
                    return len(client.data) <= client.of.most
                found = client.of.answer(question)
                if isinstance(found, Later):
                    self._selector.unregister(client.socket)
                    self._begin(client, found)
                    return True
                client.socket.sendall(client.of.form.reply(found))
        except (OSError, ValueError):
            return False

    def _begin(self, client: _Client, later: Later) -> None:
        if self._pool is None:
            self._pool = ThreadPoolExecutor(THREADS)

        def work() -> None:
            self._done.append((client, later, later.work()))
            try:
                self._wake.send(b"x")
            except OSError:
                return  # as many wake-ups as fit are under way; or it is closed

        self._pool.submit(work)

    def _finish(self) -> None:
        self._woken.recv(4096)
        while self._done:
            client, later, result = self._done.popleft()
            try:
                client.socket.sendall(client.of.form.reply(later.then(result)))
            except OSError:
                client.socket.close()
                continue
            self._selector.register(client.socket, selectors.EVENT_READ, client)
            if not self._answer(client):
                self._leave(client)

    def _leave(self, client: _Client) -> None:
        self._selector.unregister(client.socket)
        client.socket.close()
