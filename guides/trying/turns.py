"""Few tests run at a time: each holds a thread of the panel for up to 20 seconds."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection

SEATS = 3  # of the panel's eight threads and more
_SEAT, _BOX = 0x74727931, 0x74727932  # advisory locks; second key: the seat, or the mailbox


class Busy(Exception):
    """Every seat is taken, or this mailbox is being tested."""


@contextmanager
def seat(mailbox: int) -> Iterator[None]:
    """Held by the database's session, not by a transaction: it ends with the process, too. Raises Busy."""
    taken: list[tuple[int, int]] = []
    try:
        if not _lock(_BOX, mailbox % 2**31, taken) or not any(_lock(_SEAT, n, taken) for n in range(SEATS)):
            raise Busy
        yield
    finally:
        with connection.cursor() as cursor:
            for keys in taken:
                cursor.execute("SELECT pg_advisory_unlock(%s, %s)", keys)


def _lock(first: int, second: int, taken: list[tuple[int, int]]) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [first, second])
        row = cursor.fetchone()
    if row is not None and row[0]:
        taken.append((first, second))
        return True
    return False
