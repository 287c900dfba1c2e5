"""Jobs: noted for the runner, which starts and stops them (nodeagent.jobs)."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Sequence
from pathlib import Path

import apsw

from nodeagent.backends.base import BackendError, Proof
from nodeagent.contract import Job
from nodeagent.jobs import JOBS
from nodeagent.jobs.store import Store
from nodeagent.ledger import Held
from nodeagent.payload import Item


class JobBackend:
    """``path``: JOBS_DB."""

    kind = Job.KIND

    def __init__(self, path: Path) -> None:
        self.path = path
        self._store: Store | None = None
        self._lock = threading.Lock()

    def apply(self, item: Item) -> Proof:
        (job_id,) = item.parts
        try:
            with self._lock:
                if isinstance(item.state, Job):
                    if item.state.what not in JOBS:
                        text = "The node's agent does not know this kind of work; update it."
                        raise BackendError(text, permanent=True)
                    self.store().put(item.state)
                    return Proof(text="noted by the node's runner of jobs")
                self.store().remove(job_id)
        except apsw.Error as error:
            raise BackendError(f"The node cannot note this job: {error}") from error
        return Proof(text="not with the node's runner of jobs, as it should be")

    def lost(self, entries: Sequence[Held]) -> Iterable[str]:
        with self._lock:
            there = {f"{self.kind}/{row.id}" for row in self.store().all()}
        return [entry.key for entry in entries if entry.present != (entry.key in there)]

    def store(self) -> Store:
        """Opened in the process that uses it."""
        if self._store is None:
            self._store = Store(self.path)
        return self._store
