"""Two copies that start at once prepare one after the other."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest
from django.db import connection, connections

from deploy.prepare import alone


@pytest.mark.django_db(transaction=True)
def test_the_second_waits_for_the_first() -> None:
    order: list[str] = []
    begun = Event()

    def second() -> None:
        begun.set()
        with alone():
            order.append("second")
        connections.close_all()

    with ThreadPoolExecutor(1) as pool:
        with alone():
            other = pool.submit(second)
            assert begun.wait(10)
            while not _somebody_waits():
                pass
            connection.close()  # as a command may
            order.append("first")
        other.result(10)
    assert order == ["first", "second"]


def _somebody_waits() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT FROM pg_locks JOIN pg_database AS d ON d.oid = database"
            " WHERE locktype = 'advisory' AND NOT granted AND d.datname = current_database())"
        )
        return bool(cursor.fetchone()[0])
