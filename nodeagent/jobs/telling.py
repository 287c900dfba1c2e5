"""The agent's worker tells the panel how far jobs are: when something changed, at most once a second; how one
ended again each minute, until the panel takes the job away."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from pathlib import Path

import apsw

from nodeagent.contract import Progress
from nodeagent.jobs.store import ENDED, Store

log = logging.getLogger(__name__)

LOOK_EVERY = 0.5
AGAIN_EVERY = 60.0
AT_ONCE = 200


class Teller(threading.Thread):
    """``send``: hands one report's part to the panel."""

    def __init__(self, path: Path, send: Callable[[list[Progress]], None]) -> None:
        super().__init__(name="jobs", daemon=True)
        self.path = path
        self.send = send
        self._told: dict[str, tuple[int, float]] = {}

    def run(self) -> None:
        store = Store(self.path)
        while True:
            try:
                self.look(store)
            except apsw.Error as error:
                log.warning("jobs: not looked at: %s", error)
            time.sleep(LOOK_EVERY)

    def look(self, store: Store) -> None:
        now = time.monotonic()
        rows = store.all()
        news = []
        for row in rows:
            seq, at = self._told.get(row.id, (0, 0.0))
            if row.seq != seq or (row.state in ENDED and now - at > AGAIN_EVERY):
                news.append(row)
        for start in range(0, len(news), AT_ONCE):
            some = news[start : start + AT_ONCE]
            self.send([row.progress() for row in some])
            self._told.update({row.id: (row.seq, now) for row in some})
        if len(self._told) > len(rows):
            there = {row.id for row in rows}
            self._told = {known: told for known, told in self._told.items() if known in there}
