"""One at a time, across all copies of the panel and its worker."""

from __future__ import annotations

import functools
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from django.db import Error, connection

_ALONE = 0x616C6F6E  # first key of the advisory locks; the second is the name's


@contextmanager
def alone(name: str) -> Iterator[bool]:
    """Whether nobody else is inside with the same ``name``; whoever hears False does nothing. Held by the
    database connection: it ends with the process, however that ends. In a transaction it works as well, and
    holds until the end of the block, not of the transaction."""
    keys = [_ALONE, zlib.crc32(name.encode()) - 2**31]
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", keys)
        mine = bool(cursor.fetchone()[0])
    try:
        yield mine
    finally:
        if mine:
            with suppress(Error), connection.cursor() as cursor:  # the connection ended, and the lock with it
                cursor.execute("SELECT pg_advisory_unlock(%s, %s)", keys)


def once(name: str) -> Callable[[Callable[[], None]], Callable[[], None]]:
    """For work that comes again by itself: while it is done anywhere, a second start does nothing."""

    def wrap(work: Callable[[], None]) -> Callable[[], None]:
        @functools.wraps(work)
        def wrapped() -> None:
            with alone(name) as mine:
                if mine:
                    work()

        return wrapped

    return wrap
