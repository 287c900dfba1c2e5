"""``python -m nodeagent job ID``: the process of one job."""

from __future__ import annotations

import ctypes
import importlib
import logging
import os
import signal

from nodeagent.config import load
from nodeagent.jobs import JOBS
from nodeagent.jobs.runner import EX_AGAIN, TRIES, jobs_of
from nodeagent.jobs.store import DONE, FAILED, RUNNING, Store
from nodeagent.jobs.work import JobFailedError, TryLaterError, Work

log = logging.getLogger(__name__)

NICENESS = 10
PR_SET_PDEATHSIG = 1


def one(job_id: str) -> int:
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    os.umask(0o077)
    os.nice(NICENESS)
    config = load()
    jobs, mail = jobs_of(config), config.mail
    store = Store(jobs.db)
    row = store.get(job_id)
    if row is None or mail is None:
        return 0
    work = Work(row=row, store=store, config=config, mail=mail, jobs=jobs)
    return run(work)


def run(work: Work) -> int:
    """Do it, and note how it ended; the exit status."""
    try:
        target = JOBS.get(work.row.what)
        if target is None:
            raise JobFailedError("The node's agent does not know this kind of work; update it.")
        module, _, function = target.partition(":")
        getattr(importlib.import_module(module), function)(work)
    except JobFailedError as error:
        work.store.set_state(work.id, FAILED, str(error)[:1000])
    except TryLaterError as error:
        log.warning("job %s: %s (%r)", work.id, error, error.__cause__)
        row = work.store.get(work.id)
        if row and row.tries >= TRIES:
            work.store.set_state(work.id, FAILED, str(error)[:1000])
            return 0
        work.store.set_state(work.id, RUNNING, str(error)[:1000])
        return EX_AGAIN
    else:
        work.store.set_state(work.id, DONE)
    return 0
