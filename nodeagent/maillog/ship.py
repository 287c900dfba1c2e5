"""``python -m nodeagent ship``: log lines to the panel, each once.

Per log: read lines → parse → post → on a 2xx move the cursor (follow.py). Killed at any point, the same lines
are sent again, and the panel, which knows (node, file, offset), takes each once. While the panel is away the
lines wait in the log file; this process holds a few batches at most.
"""

from __future__ import annotations

import contextlib
import fcntl
import gc
import json
import logging
import os
import random
import signal
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from pathlib import Path
from typing import Any

from nodeagent.config import ConfigError
from nodeagent.contract import CONTRACT
from nodeagent.maillog.convoy import POSTS, Convoy
from nodeagent.maillog.follow import Follower
from nodeagent.maillog.parse import DOVECOT, POSTFIX, RSPAMD
from nodeagent.maillog.post import AwayError, Panel

__all__ = ["Follower", "Health", "main", "run"]

log = logging.getLogger(__name__)

POLL = 0.05  # seconds between looks at the files
BACK_OFF = (0.25, 15.0)  # seconds: first pause and longest
CHANGED, SAME = 10.0, 60.0  # seconds between two reports on how it goes, when it changed and when not


class Health:
    """Tells the panel how far behind the logs are, beside the lines. Whether it listens does not matter."""

    def __init__(
        self,
        node: str,
        panel: Panel,
        followers: Sequence[Follower],
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._node, self._panel, self._followers, self._now = node, panel, followers, now
        self._told: dict[str, Any] | None = None
        self._at = 0.0

    def tell(self, pool: Executor) -> None:
        since = self._now() - self._at
        if self._told is not None and since < CHANGED:
            return
        logs = {follower.name: follower.health() for follower in self._followers}
        if self._told is not None and logs == self._told and since < SAME:
            return
        self._told, self._at = logs, self._now()
        body = json.dumps({"contract": CONTRACT, "node": self._node, "logs": logs}).encode()
        pool.submit(self._post, body)

    def _post(self, body: bytes) -> None:
        with contextlib.suppress(AwayError):
            self._panel.tell("health", body)


def run(followers: Sequence[Follower], stop: threading.Event, health: Health | None = None) -> None:
    """Ship until ``stop``. A panel that is away is asked again after a pause that grows and wavers."""
    pause, away = BACK_OFF[0], ""
    wake, convoy = threading.Event(), Convoy(followers)
    with ThreadPoolExecutor(POSTS + 1, thread_name_prefix="post") as pool:
        while not stop.is_set():
            wake.clear()
            try:
                if health is not None:
                    health.tell(pool)
                taken = sum(follower.settle() for follower in followers)
                started = convoy.fill(pool, wake.set)
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
            if taken and away:
                log.info("the panel is back")
                away = ""
            if taken:
                pause = BACK_OFF[0]
            if not taken and not started:
                wake.wait(POLL)
    for follower in followers:
        with contextlib.suppress(AwayError):
            follower.settle()


def main() -> int:
    # A batch is a hundred thousand objects without a circle: not to be searched each 700.
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)
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
                (RSPAMD, environment.get("RSPAMD_LOG")),
            )
            if path
        ]
        if not followers:
            raise ConfigError(
                "none of MAIL_LOG, DOVECOT_LOG and RSPAMD_LOG is set in the node's environment: "
                "nothing to follow"
            )
        run(followers, stop, Health(_variable(environment, "NODE_NAME"), panel, followers))
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
