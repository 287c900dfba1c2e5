"""``python -m nodeagent ship``: log lines to the panel, in order, each once.

Per log: read lines → parse → post → on a 2xx move the cursor. Killed at any point, the same lines are sent
again, and the panel, which knows (node, file, offset), takes each once. While the panel is away the lines
wait in the log file; this process holds one batch at most.
"""

from __future__ import annotations

import contextlib
import fcntl
import logging
import os
import random
import signal
import threading
import time
from collections.abc import Callable, Mapping
from datetime import tzinfo
from functools import partial
from pathlib import Path
from typing import Any, Protocol

from nodeagent.config import ConfigError
from nodeagent.contract import CONTRACT
from nodeagent.maillog.cursor import Cursor
from nodeagent.maillog.parse import DOVECOT, POSTFIX, Parser
from nodeagent.maillog.post import AwayError, Panel
from nodeagent.maillog.tail import Lines, Tail

log = logging.getLogger(__name__)

POLL = 0.1  # seconds between looks at the files
BACK_OFF = (0.25, 15.0)  # seconds: first pause and longest
BATCH_LINES = 10_000
BATCH_BYTES = 2 << 20


class Taker(Protocol):
    def post(self, batch: dict[str, Any]) -> None: ...


class Follower:
    """One log on its way to the panel. ``step`` sends at most one batch."""

    def __init__(
        self,
        *,
        node: str,
        name: str,
        path: Path,
        cursors: Path,
        panel: Taker,
        tz: tzinfo | None = None,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._node, self._name, self._panel = node, name, panel
        self._tail = Tail(path, Cursor(cursors / f"{name}.json"))
        self._parsers: dict[str, Parser] = {}
        self._new_parser = partial(Parser, name, tz=tz, now=now)
        self._most = BATCH_LINES

    def step(self) -> int:
        """How many lines went over: 0 means nothing new. Raises AwayError, with nothing remembered."""
        lines = self._tail.read(max_lines=self._most, max_bytes=BATCH_BYTES)
        if lines is None:
            return 0
        try:
            self._panel.post(self._batch(lines))
        except AwayError as error:
            if error.status == 413 and self._most > 1:
                self._most //= 2
            raise
        self._most = min(BATCH_LINES, self._most * 2)
        self._tail.commit(lines)
        return len(lines.lines)

    def close(self) -> None:
        self._tail.close()

    def _batch(self, lines: Lines) -> dict[str, Any]:
        parser = self._parsers.get(lines.identity)
        if parser is None:
            if len(self._parsers) >= 4:
                self._parsers.clear()
            parser = self._parsers[lines.identity] = self._new_parser()
        events = [[offset, *parser(line)] for offset, line in lines.lines]
        return {
            "contract": CONTRACT,
            "node": self._node,
            "log": self._name,
            "file": lines.identity,
            "start": lines.start,
            "end": lines.end,
            "events": events,
        }


def run(followers: list[Follower], stop: threading.Event) -> None:
    """Ship until ``stop``. A panel that is away is asked again after a pause that grows and wavers."""
    pause, away = BACK_OFF[0], ""
    while not stop.is_set():
        try:
            moved = sum(follower.step() for follower in followers)
        except AwayError as error:
            if str(error) != away:
                log.warning("%s; lines wait in the log", error)
            away = str(error)
            stop.wait(pause * random.uniform(0.75, 1.25))  # noqa: S311 - so that nodes do not come back in step
            pause = min(BACK_OFF[1], pause * 2)
            continue
        except OSError:
            log.exception("a log or the cursor folder cannot be read or written")
            stop.wait(BACK_OFF[1])
            continue
        if away:
            log.info("the panel is back")
        pause, away = BACK_OFF[0], ""
        if not moved:
            stop.wait(POLL)


def main() -> int:
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    environment = os.environ
    cursors = Path(_variable(environment, "CURSOR_DIR"))
    cursors.mkdir(parents=True, exist_ok=True)
    with _only_one(cursors / "lock"):
        panel = _panel(environment)
        followers = [
            Follower(
                node=_variable(environment, "NODE_NAME"),
                name=name,
                path=Path(path),
                cursors=cursors,
                panel=panel,
            )
            for name, path in (
                (POSTFIX, environment.get("MAIL_LOG")),
                (DOVECOT, environment.get("DOVECOT_LOG")),
            )
            if path
        ]
        if not followers:
            raise ConfigError(
                "neither MAIL_LOG nor DOVECOT_LOG is set in the node's environment: nothing to follow"
            )
        run(followers, stop)
        for follower in followers:
            follower.close()
        panel.close()
    return 0


def _variable(environment: Mapping[str, str], name: str) -> str:
    value = environment.get(name, "").strip()
    if not value:
        raise ConfigError(f"{name} is not set in the node's environment")
    return value


def _panel(environment: Mapping[str, str]) -> Panel:
    token_file = Path(_variable(environment, "INGEST_TOKEN_FILE"))
    ca_file = environment.get("INGEST_CA_FILE")
    try:
        token = token_file.read_text("ascii").strip()
        return Panel(_variable(environment, "INGEST_URL"), token, Path(ca_file) if ca_file else None)
    except (OSError, ValueError) as error:
        raise ConfigError(f"the ingest token or the CA file cannot be read: {error}") from error


@contextlib.contextmanager
def _only_one(path: Path) -> Any:
    """Two shippers with one cursor would undo each other's progress (never the panel's)."""
    with path.open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise ConfigError(f"another shipper runs with {path.parent}") from error
        yield
