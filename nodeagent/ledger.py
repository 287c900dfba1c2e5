"""Which revision of each object this node holds, and whether it is proven. Absent objects keep theirs (a
tombstone).

Rows live in the directory's file (see directory.py); every function takes the connection of an open
transaction.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Collection, Iterable
from typing import Any

import apsw

from nodeagent.contract import MANIFEST_PAGE, ManifestPage


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """What the node holds for one key. ``proven`` False: written, and the servers have not shown it yet."""

    key: str
    kind: str
    rev: int
    present: bool
    proven: bool
    proof: str = ""
    facts: dict[str, Any] = dataclasses.field(default_factory=dict)


def held(connection: apsw.Connection, keys: Collection[str]) -> dict[str, Held]:
    rows = connection.execute(
        "SELECT key, kind, rev, present, proven, proof, facts FROM ledger"
        " WHERE key IN (SELECT value FROM json_each(?))",
        (json.dumps(list(keys)),),
    )
    return {row[0]: _held(row) for row in rows}


def revisions(connection: apsw.Connection, keys: Collection[str]) -> dict[str, int]:
    rows = connection.execute(
        "SELECT key, rev FROM ledger WHERE key IN (SELECT value FROM json_each(?))",
        (json.dumps(list(keys)),),
    )
    return {str(key): int(str(rev)) for key, rev in rows}


def put(connection: apsw.Connection, entries: Iterable[Held]) -> None:
    """Record what was applied. An entry older than what is held changes nothing."""
    connection.executemany(
        "INSERT INTO ledger(key, kind, rev, present, proven, proof, facts) VALUES (?, ?, ?, ?, ?, ?, ?)"
        " ON CONFLICT(key) DO UPDATE SET kind = excluded.kind, rev = excluded.rev,"
        " present = excluded.present, proven = excluded.proven, proof = excluded.proof,"
        " facts = excluded.facts"
        " WHERE excluded.rev >= ledger.rev",
        [
            (
                e.key,
                e.kind,
                e.rev,
                int(e.present),
                int(e.proven),
                e.proof,
                json.dumps(e.facts) if e.facts else "{}",
            )
            for e in entries
        ],
    )


def doubt(connection: apsw.Connection, keys: Iterable[str]) -> None:
    """Something else changed these objects on the node: they count as unproven until they are applied
    again."""
    connection.executemany("UPDATE ledger SET proven = 0, proof = '' WHERE key = ?", [(key,) for key in keys])


def of_kind(connection: apsw.Connection, kind: str) -> list[Held]:
    rows = connection.execute(
        "SELECT key, kind, rev, present, proven, proof, facts FROM ledger WHERE kind = ? ORDER BY key",
        (kind,),
    )
    return [_held(row) for row in rows]


def manifest(connection: apsw.Connection, after: str, limit: int = MANIFEST_PAGE) -> ManifestPage:
    """The page of at most ``limit`` keys after ``after``, in byte order. What is not proven has revision 0,
    so that the panel sends it again."""
    rows: list[tuple[Any, ...]] = connection.execute(
        "SELECT key, CASE WHEN proven THEN rev ELSE 0 END, present FROM ledger"
        " WHERE key > ? ORDER BY key LIMIT ?",
        (after, limit + 1),
    ).fetchall()
    more = len(rows) > limit
    entries = [(key, rev, bool(present)) for key, rev, present in rows[:limit]]
    return ManifestPage(after=after, upto=entries[-1][0] if more else None, entries=entries)


def _held(row: tuple[Any, ...]) -> Held:
    key, kind, rev, present, proven, proof, facts = row
    return Held(
        key=key,
        kind=kind,
        rev=rev,
        present=bool(present),
        proven=bool(proven),
        proof=proof,
        facts=json.loads(facts) if facts != "{}" else {},
    )
