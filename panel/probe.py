"""Does a node's port take connections right now? All ports at once, at most 200 ms, remembered for a while.

A page may wait for this because it is bounded; a port that does not answer in time counts as not answering.
"""

from __future__ import annotations

import errno
import selectors
import socket
import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass

CAP = 0.2  # seconds for all ports together
REMEMBER = 20.0  # seconds

Target = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Answer:
    """``at``: Unix seconds of the probe; ``since``: when this answer was first seen by this process."""

    ok: bool
    at: float
    since: float


_answers: dict[Target, Answer] = {}
_lock = threading.Lock()


def answers(targets: Iterable[Target]) -> dict[Target, Answer]:
    """An answer for each (address, port); from memory when it is fresh."""
    wanted, now = set(targets), time.time()
    with _lock:
        stale = {
            target for target in wanted if target not in _answers or now - _answers[target].at > REMEMBER
        }
    open_ = _connect(stale)
    with _lock:
        for target in stale:
            before, ok = _answers.get(target), target in open_
            same = before is not None and before.ok == ok
            _answers[target] = Answer(ok, now, before.since if before is not None and same else now)
        return {target: _answers[target] for target in wanted}


def forget() -> None:
    """For tests, and for whoever knows that something has changed."""
    with _lock:
        _answers.clear()


def _connect(targets: Iterable[Target]) -> set[Target]:
    """Those that accept a connection within CAP; nothing is said on it."""
    answered: set[Target] = set()
    with selectors.DefaultSelector() as waiting:
        try:
            for target in targets:
                _start(waiting, target, answered)
            until = time.monotonic() + CAP
            while waiting.get_map() and (left := until - time.monotonic()) > 0:
                for key, _events in waiting.select(left):
                    _finish(waiting, key, answered)
        finally:
            for key in list(waiting.get_map().values()):
                _close(waiting, key)
    return answered


def _start(waiting: selectors.BaseSelector, target: Target, answered: set[Target]) -> None:
    family = socket.AF_INET6 if ":" in target[0] else socket.AF_INET
    sock = socket.socket(family, socket.SOCK_STREAM)
    sock.setblocking(False)
    try:
        code = sock.connect_ex(target)
    except OSError:  # not an address: no look-up here, it could take long
        code = errno.EINVAL
    if code == 0:
        answered.add(target)
    if code in {errno.EINPROGRESS, errno.EWOULDBLOCK}:
        waiting.register(sock, selectors.EVENT_WRITE, target)
    else:
        sock.close()


def _finish(waiting: selectors.BaseSelector, key: selectors.SelectorKey, answered: set[Target]) -> None:
    sock = key.fileobj
    if isinstance(sock, socket.socket) and sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR) == 0:
        answered.add(key.data)
    _close(waiting, key)


def _close(waiting: selectors.BaseSelector, key: selectors.SelectorKey) -> None:
    waiting.unregister(key.fileobj)
    if isinstance(key.fileobj, socket.socket):
        key.fileobj.close()
