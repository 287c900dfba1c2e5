"""Whether this machine's copy of a program does its work: ``python -m panel.alive worker|beat|web``, for the
healthchecks of containers. No Django: it runs every few seconds.

Exit code 0: yes. 1: no, and standard error says why. The worker and Beat say in Redis that they work;
CELERY_BROKER_URL leads there. gunicorn is asked at GUNICORN_BIND, as the host of PANEL_URL.
"""

from __future__ import annotations

import http.client
import os
import socket
import sys
import time
from collections.abc import Callable
from typing import Any, cast
from urllib.parse import urlsplit

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

WORKER, BEAT = "worker", "beat"
EVERY = 5.0  # seconds between two words to Redis
LIFE = {WORKER: 60.0, BEAT: 30.0}
"""Seconds that a word holds. A worker's: while all its threads are at long work it takes nothing from its
queues."""

IDLE = 20  # seconds; who waits on queues asks Redis anew every second
SECONDS = 3.0


class NotAliveError(Exception):
    """The message says why."""


class Pulse:
    """Says in Redis, now and then, that this machine's copy of a program works."""

    def __init__(self, program: str) -> None:
        self._program = program
        self._next = 0.0

    def due(self) -> bool:
        return time.monotonic() >= self._next

    def beat(self, client: Any) -> None:
        """Raises redis.RedisError."""
        self._next = time.monotonic() + EVERY
        client.set(_key(self._program), b"1", px=int(LIFE[self._program] * 1000))


def _key(program: str) -> str:
    return f"alive:{program}:{socket.gethostname()}"


def client(url: str, seconds: float = SECONDS) -> redis.Redis:
    """Asks once: whoever is told that Redis is away asks again when it is time."""
    return redis.Redis.from_url(
        url, socket_timeout=seconds, socket_connect_timeout=seconds, retry=Retry(NoBackoff(), 0)
    )


def _broker() -> redis.Redis:
    return client(os.environ["CELERY_BROKER_URL"])


def beat() -> None:
    """Beat looked at its schedule a moment ago."""
    with _broker() as asked:
        if not asked.exists(_key(BEAT)):
            raise NotAliveError("Beat has not looked at its schedule for half a minute")


def worker() -> None:
    """From this machine's address somebody waits on queues, or the worker here ended a task lately."""
    with _broker() as asked:
        here = _host(cast("dict[str, Any]", asked.client_info()))
        clients = cast("list[dict[str, Any]]", asked.client_list())
        waits = any(
            _host(one) == here and one["cmd"] == "brpop" and int(one["idle"]) <= IDLE for one in clients
        )
        if not waits and not asked.exists(_key(WORKER)):
            raise NotAliveError("no worker of this machine waits on its queues")


def _host(client: dict[str, Any]) -> str:
    return str(client["addr"]).rpartition(":")[0]


def web() -> None:
    """gunicorn answers, and so does its database."""
    bind = os.environ.get("GUNICORN_BIND") or f"unix:{os.environ['GUNICORN_SOCKET']}"
    host, _colon, port = bind.rpartition(":")
    connection = http.client.HTTPConnection(
        host.strip("[]").replace("0.0.0.0", "127.0.0.1") or "127.0.0.1",  # noqa: S104 - asked, not bound
        int(port) if port.isdecimal() else None,
        timeout=SECONDS,
    )
    if bind.startswith("unix:"):
        connection.sock = socket.socket(socket.AF_UNIX)
        connection.sock.settimeout(SECONDS)
        connection.sock.connect(bind.removeprefix("unix:"))
    connection.request("GET", "/health/ready/", headers={"Host": urlsplit(os.environ["PANEL_URL"]).netloc})
    answer = connection.getresponse()
    if answer.status != http.client.OK:
        raise NotAliveError(f"it answers {answer.status}: {answer.read(200)!r}")


CHECKS: dict[str, Callable[[], None]] = {WORKER: worker, BEAT: beat, "web": web}


def main(arguments: list[str]) -> int:
    if len(arguments) != 1 or arguments[0] not in CHECKS:
        sys.stderr.write(f"{__doc__}\n")
        return 2
    try:
        CHECKS[arguments[0]]()
    except (NotAliveError, redis.RedisError, OSError, http.client.HTTPException) as error:
        sys.stderr.write(f"{arguments[0]}: {error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
