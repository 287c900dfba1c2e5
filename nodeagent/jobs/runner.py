"""``python -m nodeagent jobs``: starts the jobs that wait, each in a process of its own (doing.py), and stops
those that are paused or gone. Runs for months, and so loads nothing that only a job needs."""

from __future__ import annotations

import contextlib
import logging
import os
import shutil
import signal
import subprocess
import sys
import time
from types import FrameType

from nodeagent.config import Config, ConfigError, Jobs, load
from nodeagent.jobs.store import FAILED, RUNNING, Store, folder_of

log = logging.getLogger(__name__)

AT_ONCE = 2
LOOK_EVERY = 0.25
STOP_SECONDS = 5.0
TRIES = 8
PAUSES = (1, 5, 15, 30, 60, 120, 300, 600)  # seconds before it is tried again
EX_AGAIN = 75  # sysexits.h: EX_TEMPFAIL


class Runner:
    """``command``: what starts one job, its id appended."""

    def __init__(self, config: Config, command: list[str] | None = None, *, at_once: int = AT_ONCE) -> None:
        self.jobs = jobs_of(config)
        self.store = Store(self.jobs.db)
        self.command = command or [sys.executable, "-m", "nodeagent", "job"]
        self.at_once = at_once
        self.children: dict[str, subprocess.Popen[bytes]] = {}
        self._stopping: dict[str, float] = {}
        self.running = True

    def recover(self) -> None:
        """What ran when the runner was killed goes on: its processes died with it (PR_SET_PDEATHSIG)."""
        for row in self.store.all():
            if row.state == RUNNING:
                self.store.died(row.id, again_at=0)

    def serve(self) -> None:
        self.recover()
        while self.running:
            self.turn()
            time.sleep(LOOK_EVERY)
        self.close()

    def close(self) -> None:
        """End them all; they go on when the runner is started again."""
        for child in self.children.values():
            child.terminate()
        end = time.monotonic() + STOP_SECONDS
        for child in self.children.values():
            with contextlib.suppress(subprocess.TimeoutExpired):
                child.wait(max(0.0, end - time.monotonic()))
            child.kill()
            child.wait()

    def turn(self) -> None:
        """One look: what ended, what must end, what may begin."""
        for job_id, child in list(self.children.items()):
            status = child.poll()
            if status is not None:
                del self.children[job_id]
                self._stopping.pop(job_id, None)
                self._ended(job_id, status)
        rows = {row.id: row for row in self.store.all()}
        for job_id, child in self.children.items():
            row = rows.get(job_id)
            if row is None or row.state != RUNNING:
                self._stop(job_id, child)
        for row in self.store.due(time.time()):
            if len(self.children) >= self.at_once:
                break
            if row.id not in self.children:
                self._begin(row.id)
        self._clear(set(rows))

    def stop(self, *_signal: int | FrameType | None) -> None:
        self.running = False

    def _begin(self, job_id: str) -> None:
        self.store.begun(job_id)
        self.children[job_id] = subprocess.Popen([*self.command, job_id], stdin=subprocess.DEVNULL)

    def _stop(self, job_id: str, child: subprocess.Popen[bytes]) -> None:
        since = self._stopping.setdefault(job_id, time.monotonic())
        if time.monotonic() - since > STOP_SECONDS:
            child.kill()
        else:
            child.terminate()

    def _ended(self, job_id: str, status: int) -> None:
        row = self.store.get(job_id)
        if row is None or row.state != RUNNING:
            return
        if row.tries >= TRIES and status != EX_AGAIN:
            text = (
                "It stopped again and again and was given up. Nothing that was done is lost; start it again."
            )
            self.store.set_state(job_id, FAILED, text)
            return
        log.warning("job %s ended with status %d and goes on later", job_id, status)
        pause = PAUSES[min(row.tries, len(PAUSES) - 1)]
        self.store.died(job_id, again_at=time.time() + pause)

    def _clear(self, known: set[str]) -> None:
        """Folders of jobs that are gone."""
        folder = folder_of(self.jobs, "x").parent
        with contextlib.suppress(FileNotFoundError):
            for path in folder.iterdir():
                if path.name not in known and path.name not in self.children:
                    shutil.rmtree(path, ignore_errors=True)


def jobs_of(config: Config) -> Jobs:
    if config.mail is None or config.jobs is None:
        raise ConfigError("JOBS_DB is not set in the node's environment")
    return config.jobs


def main() -> int:
    os.umask(0o077)
    runner = Runner(load())
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, runner.stop)
    runner.serve()
    return 0
