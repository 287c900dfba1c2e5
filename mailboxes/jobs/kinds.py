"""What kinds of long work there are. Each subject registers its own in ``AppConfig.ready``."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from mailboxes.models import Job


def _nothing(job: Job) -> None:
    """Most need no more than the row."""


@dataclass(frozen=True, kw_only=True)
class JobKind:
    """``name``: as in nodeagent.jobs.JOBS. ``title``: translated lazily ("Import of mail"). ``on_end`` runs
    in the transaction that notes how it ended (``job.state``: done or failed, ``job.facts``: what the node
    told last). ``stays``: what is done waits on the node, with what it kept, for another round
    (services.job_again) until it is cancelled or finished; else it is taken from the node at its end."""

    name: str
    title: Any
    on_end: Callable[[Job], None] = _nothing
    stays: bool = False


_kinds: dict[str, JobKind] = {}


def register(kind: JobKind) -> None:
    _kinds[kind.name] = kind


def get(name: str) -> JobKind:
    """Raises KeyError."""
    return _kinds[name]
