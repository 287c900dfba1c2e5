"""One partition of each bulk table per UTC day, made when it is first needed and a day ahead; dropped whole
when nobody may look back that far."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.db import OperationalError, connection, transaction
from django.db.models import Max
from psycopg2 import sql

from accounts.models import Account
from lib import timekey

TABLES = (
    "delivery_chunk",
    "delivery_message",
    "delivery_entry",
    "delivery_filed",
    "delivery_signin",
    "delivery_unparsed",
)
LEAST = timedelta(days=7)  # kept whatever the plans say: a mail may stay in the queue for so long
_LOCK = 0x64656C76  # advisory lock "delv": one maker of partitions at a time
_known: set[date] = set()


def partition_name(table: str, day: date) -> str:
    return f"{table}_{day:%Y%m%d}"


def partitions_ensure(days: Iterable[date]) -> None:
    """Make the partitions of ``days`` that are missing. Safe in a race. Readers and writers of other days are
    not held up: ATTACH takes a lock on the parent that lets both go on."""
    missing = sorted(set(days) - _known)
    if not missing:
        return
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
        for table in TABLES:
            there = _there(cursor, table)
            for day in missing:
                if partition_name(table, day) not in there:
                    _make(cursor, table, day)
    if not connection.in_atomic_block:
        _known.update(missing)


def partitions_ahead(days: int = 2) -> None:
    """Today's partitions and those of the next ``days``."""
    today = datetime.now(UTC).date()
    partitions_ensure([today + timedelta(days=ahead) for ahead in range(days + 1)])


def partitions_drop(now: datetime | None = None) -> list[str]:
    """Drop what is older than any account may look back. Returns the names of what is gone."""
    longest = Account.objects.aggregate(most=Max("log_days"))["most"] or 0
    last = (now or datetime.now(UTC)).astimezone(UTC).date() - max(LEAST, timedelta(days=longest + 1))
    gone = []
    for table in TABLES:
        with connection.cursor() as cursor:
            old = [name for name in sorted(_there(cursor, table)) if name < partition_name(table, last)]
        for name in old:
            # Somebody reads it for long: the next hour does.
            with contextlib.suppress(OperationalError):
                _drop(name)
                gone.append(name)
    _known.difference_update({day for day in _known if day < last})
    return gone


def _there(cursor: Any, table: str) -> set[str]:
    cursor.execute(
        "SELECT child.relname FROM pg_inherits JOIN pg_class child ON child.oid = inhrelid"
        " WHERE inhparent = %s::regclass",
        [table],
    )
    return {name for (name,) in cursor.fetchall()}


def _make(cursor: Any, table: str, day: date) -> None:
    first, last = timekey.bounds(day)
    names = {
        "part": sql.Identifier(partition_name(table, day)),
        "parent": sql.Identifier(table),
        "first": sql.Literal(first),
        "last": sql.Literal(last),
    }
    for statement in (
        "CREATE TABLE {part} (LIKE {parent} INCLUDING ALL)",
        "ALTER TABLE {parent} ATTACH PARTITION {part} FOR VALUES FROM ({first}) TO ({last})",
    ):
        # As text: pghistory looks into every statement and knows strings alone.
        cursor.execute(sql.SQL(statement).format(**names).as_string(cursor.cursor))


def _drop(name: str) -> None:
    """One at a time: each takes a lock on its table for a moment. Whoever comes while it waits for that lock
    waits too, so it waits for nobody for long."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL lock_timeout = '300ms'")
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
        statement = sql.SQL("DROP TABLE IF EXISTS {name}").format(name=sql.Identifier(name))
        cursor.execute(statement.as_string(cursor.cursor))
