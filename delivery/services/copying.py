"""Many rows to PostgreSQL at once."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from django.db import connection
from psycopg2.extras import execute_values

from lib import timekey

_KEYS = "delivery_key_seq"
_stamps: dict[float, str] = {}


def stamp(seconds: float) -> str:
    """Unix seconds as PostgreSQL reads them. Log lines come many a second: the text is kept."""
    known = _stamps.get(seconds)
    if known is None:
        if len(_stamps) > 5000:
            _stamps.clear()
        known = _stamps[seconds] = datetime.fromtimestamp(seconds, UTC).isoformat()
    return known


def escaped(value: object) -> str:
    if value is None:
        return "\\N"
    if isinstance(value, str):
        if "\\" in value:
            value = value.replace("\\", "\\\\")
        if not value.isprintable():
            value = (
                value.replace("\t", "\\t").replace("\n", "\\n").replace("\r", "\\r").replace("\0", "\ufffd")
            )
        return value
    if value is True or value is False:
        return "t" if value else "f"
    if isinstance(value, bytes):
        return f"\\\\x{value.hex()}"
    return str(value)


def copy(table: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """COPY ``rows`` into ``table``; both names are constants of this package."""
    body = "".join(["\t".join([escaped(value) for value in row]) + "\n" for row in rows])
    if body:
        with connection.cursor() as cursor:
            # Escapes stand for what PostgreSQL would take as the end of a value or of the data.
            cursor.copy_expert(
                f"COPY {table} ({', '.join(columns)}) FROM STDIN", io.BytesIO(body.encode("utf-8", "replace"))
            )


def update(statement: str, rows: Sequence[Sequence[object]]) -> None:
    """Run a constant ``UPDATE … FROM (VALUES %s) …`` over ``rows``."""
    if rows:
        with connection.cursor() as cursor:
            execute_values(cursor.cursor, statement, rows, page_size=2000)


def new_keys(seconds: Sequence[float]) -> list[int]:
    """A fresh key (lib.timekey) for each of these Unix times."""
    if not seconds:
        return []
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval(%s::regclass) FROM generate_series(1, %s)", [_KEYS, len(seconds)])
        numbers = [number for (number,) in cursor.fetchall()]
    return [timekey.make(at, number) for at, number in zip(seconds, numbers, strict=True)]
