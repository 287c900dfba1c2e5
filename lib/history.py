"""Who changed something, where no browser asked: Celery tasks and commands."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

import pghistory


class Person(Protocol):
    @property
    def pk(self) -> int: ...


@contextmanager
def acting(actor: Person | None, source: str) -> Iterator[None]:
    """Changes inside are kept as ``actor``'s, made by ``source`` (``task delivery.tidy``, ``command node``).

    In a request the middleware has done the same with the person and the path; never the query or the form.
    """
    with pghistory.context(user=actor.pk if actor else None, url=source):
        yield
