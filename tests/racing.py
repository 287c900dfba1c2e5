"""Many at once, each on a database connection of its own."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

from django.db import connections

from lib.errors import Refused


def race(count: int, work: Any) -> list[str]:
    """``work(i)`` in ``count`` threads at once: "" or what was refused."""
    barrier = Barrier(count)

    def one(i: int) -> str:
        try:
            barrier.wait(10)
            work(i)
        except Refused as refused:
            return refused.message
        finally:
            connections.close_all()
        return ""

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(one, range(count)))
