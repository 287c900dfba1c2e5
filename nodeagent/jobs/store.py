"""Which jobs this node has and how far each is: a small SQLite file of its own. The agent's worker writes
what the panel wants, the runner and the jobs' own processes write how far they are."""

from __future__ import annotations

import dataclasses
import json
import os
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import apsw

from nodeagent.config import Jobs
from nodeagent.contract import Job, Progress

WAITING, RUNNING, PAUSED, DONE, FAILED = "waiting", "running", "paused", "done", "failed"
ENDED = (DONE, FAILED)
BUSY_MS = 5000
_TABLE = """
    CREATE TABLE IF NOT EXISTS jobs(
      id TEXT PRIMARY KEY, what TEXT NOT NULL, args TEXT NOT NULL, sealed TEXT NOT NULL,
      paused INTEGER NOT NULL, state TEXT NOT NULL, done INTEGER NOT NULL DEFAULT 0,
      total INTEGER NOT NULL DEFAULT 0, note TEXT NOT NULL DEFAULT '', facts TEXT NOT NULL DEFAULT '{}',
      kept TEXT NOT NULL DEFAULT '{}', tries INTEGER NOT NULL DEFAULT 0, not_before REAL NOT NULL DEFAULT 0,
      seq INTEGER NOT NULL DEFAULT 1, made REAL NOT NULL) WITHOUT ROWID
"""
_COLUMNS = "id, what, args, sealed, paused, state, done, total, note, facts, kept, tries, not_before, seq"
_PUT = """
    INSERT INTO jobs(id, what, args, sealed, paused, state, made) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
    ON CONFLICT(id) DO UPDATE SET
      state = CASE WHEN what <> excluded.what OR args <> excluded.args THEN excluded.state
                   WHEN state IN ('done', 'failed') THEN state
                   WHEN excluded.paused THEN 'paused'
                   WHEN state = 'paused' THEN 'waiting' ELSE state END,
      tries = CASE WHEN what <> excluded.what OR args <> excluded.args OR paused <> excluded.paused THEN 0
                   ELSE tries END,
      not_before = CASE WHEN args <> excluded.args OR paused <> excluded.paused THEN 0 ELSE not_before END,
      seq = seq + (paused <> excluded.paused OR args <> excluded.args),
      what = excluded.what, args = excluded.args, sealed = excluded.sealed, paused = excluded.paused
"""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One job. ``kept``: what the work keeps for itself, to go on from. ``tries``: how often it died since it
    last got anywhere. ``seq`` grows with all that the panel should hear."""

    id: str
    what: str
    args: dict[str, Any]
    sealed: str
    paused: bool
    state: str
    done: int
    total: int
    note: str
    facts: dict[str, Any]
    kept: dict[str, Any]
    tries: int
    not_before: float
    seq: int

    def progress(self) -> Progress:
        return Progress(
            id=self.id,
            state=self.state,
            done=self.done,
            total=self.total,
            note=self.note,
            facts=self.facts,
        )


class Store:
    """``path`` is made if it is not there, for its owner alone. One process, one thread each."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        if not path.exists():
            os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
        self.path = path
        self._file = apsw.Connection(str(path))
        self._file.set_busy_timeout(BUSY_MS)
        self._file.execute("PRAGMA journal_mode=WAL")
        self._file.execute("PRAGMA synchronous=NORMAL")
        self._file.execute(_TABLE)

    def put(self, job: Job) -> None:
        """As the panel wants it. Other ``args``: begun again, with what was kept."""
        values = (job.id, job.what, json.dumps(job.args, sort_keys=True), job.sealed, int(job.paused))
        state = PAUSED if job.paused else WAITING
        with self._writing():
            self._file.execute(_PUT, (*values, state, time.time()))

    def remove(self, job_id: str) -> None:
        with self._writing():
            self._file.execute("DELETE FROM jobs WHERE id = ?", (job_id,))

    def get(self, job_id: str) -> Row | None:
        return next(self._rows("WHERE id = ?", job_id), None)

    def all(self) -> list[Row]:
        return list(self._rows("ORDER BY made, id"))

    def due(self, now: float) -> list[Row]:
        """What may run now, those that waited longest first."""
        return list(self._rows("WHERE state = 'waiting' AND not_before <= ? ORDER BY made, id", now))

    def set_state(self, job_id: str, state: str, note: str | None = None) -> None:
        self._update(job_id, "state = ?2, note = coalesce(?3, note), seq = seq + 1", state, note)

    def begun(self, job_id: str) -> None:
        self._update(job_id, "state = CASE WHEN paused THEN 'paused' ELSE 'running' END, seq = seq + 1")

    def died(self, job_id: str, *, again_at: float) -> None:
        """Its process ended without a word, or asked to be tried again."""
        change = "state = CASE WHEN paused THEN 'paused' ELSE 'waiting' END, tries = tries + 1"
        self._update(job_id, f"{change}, not_before = ?2, seq = seq + 1", again_at)

    def tell(self, job_id: str, *, done: int, total: int, note: str, facts: Mapping[str, Any]) -> None:
        tries = "tries = CASE WHEN ?2 > done THEN 0 ELSE tries END"
        change = f"{tries}, done = ?2, total = ?3, note = ?4, facts = ?5, seq = seq + 1"
        self._update(job_id, change, done, total, note[:1000], json.dumps(facts))

    def keep(self, job_id: str, kept: Mapping[str, Any]) -> None:
        self._update(job_id, "kept = ?2", json.dumps(kept))

    def close(self) -> None:
        self._file.close()

    def _update(self, job_id: str, change: str, *values: Any) -> None:
        with self._writing():
            self._file.execute(f"UPDATE jobs SET {change} WHERE id = ?1", (job_id, *values))  # noqa: S608 (constants)

    def _rows(self, where: str, *values: Any) -> Iterator[Row]:
        found: list[Any] = self._file.execute(f"SELECT {_COLUMNS} FROM jobs {where}", values).fetchall()  # noqa: S608 (constants)
        for row in found:
            named = dict(zip(_COLUMNS.split(", "), row, strict=True))
            for name in ("args", "facts", "kept"):
                named[name] = json.loads(named[name])
            yield Row(**named | {"paused": bool(named["paused"])})

    @contextmanager
    def _writing(self) -> Iterator[None]:
        self._file.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._file.execute("ROLLBACK")
            raise
        self._file.execute("COMMIT")


def folder_of(jobs: Jobs, job_id: str) -> Path:
    """Where a job keeps its files."""
    return jobs.db.parent / "work" / job_id
