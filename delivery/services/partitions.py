"""One partition of delivery_event per UTC day, made when it is first needed and a day ahead."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.db import connection, transaction
from psycopg2 import sql

PARENT = "delivery_event"
_LOCK = 0x64656C76  # advisory lock "delv": one maker of partitions at a time
_known: set[date] = set()


def partition_name(day: date) -> str:
    return f"{PARENT}_{day:%Y%m%d}"


def partitions_ensure(days: Iterable[date]) -> None:
    """Make the partitions of ``days`` that are missing. Safe in a race. Readers and writers of other days are
    not held up: ATTACH takes a lock on the parent that lets both go on."""
    missing = sorted(set(days) - _known)
    if not missing:
        return
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
        cursor.execute(
            "SELECT child.relname FROM pg_inherits JOIN pg_class child ON child.oid = inhrelid"
            " WHERE inhparent = %s::regclass AND child.relname = ANY(%s)",
            [PARENT, [partition_name(day) for day in missing]],
        )
        there = {name for (name,) in cursor.fetchall()}
        for day in missing:
            if partition_name(day) not in there:
                _make(cursor, day)
    if not connection.in_atomic_block:
        _known.update(missing)


def partitions_ahead(days: int = 2) -> None:
    """Today's partition and those of the next ``days``."""
    today = datetime.now(UTC).date()
    partitions_ensure([today + timedelta(days=ahead) for ahead in range(days + 1)])


def _make(cursor: Any, day: date) -> None:
    names = {
        "part": sql.Identifier(partition_name(day)),
        "parent": sql.Identifier(PARENT),
        "first": sql.Literal(f"{day:%Y-%m-%d} 00:00:00+00"),
        "last": sql.Literal(f"{day + timedelta(days=1):%Y-%m-%d} 00:00:00+00"),
    }
    for statement in (
        "CREATE TABLE {part} (LIKE {parent} INCLUDING ALL)",
        "ALTER TABLE {parent} ATTACH PARTITION {part} FOR VALUES FROM ({first}) TO ({last})",
    ):
        # As text: pghistory looks into every statement and knows strings alone.
        cursor.execute(sql.SQL(statement).format(**names).as_string(cursor.cursor))
