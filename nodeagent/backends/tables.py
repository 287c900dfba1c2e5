"""Kinds that are one row each of a table of the directory: written, read back as the servers read them, and
where a server can be asked, asked."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Executor
from typing import Any

import apsw

from nodeagent.backends.base import BackendError, Proof, Result
from nodeagent.contract import State
from nodeagent.directory import Directory
from nodeagent.ledger import Held
from nodeagent.payload import Item

Kick = Callable[[Sequence[str]], Mapping[str, BackendError]]
Ask = Callable[[Sequence[Item]], Mapping[str, Result]]
"""Asks a server about rows that are written: what it says of some of them, or of all."""

READ_BACK = "read back from the node's directory"


def _never(before: tuple[Any, ...], after: tuple[Any, ...] | None) -> bool:
    return False


@dataclasses.dataclass(frozen=True, kw_only=True)
class Table:
    """``columns``: fields of the state by their names, a list as texts with commas between. ``key``: those
    that the key's parts are, in the parts' order. ``ends_sessions``: whether a row that changes so ends the
    sessions of the user in the column ``login``."""

    kind: str
    name: str
    columns: tuple[str, ...]
    key: tuple[str, ...]
    ends_sessions: Callable[[tuple[Any, ...], tuple[Any, ...] | None], bool] = _never

    @property
    def place(self) -> str:
        """The rows' key as the ledger writes it, without the kind."""
        return " || '/' || ".join(self.key)

    def row(self, state: State) -> tuple[Any, ...]:
        return tuple(_value(getattr(state, column)) for column in self.columns)


def _value(value: Any) -> Any:
    if isinstance(value, list):
        return ",".join(value)
    return int(value) if isinstance(value, bool) else value


class TableBackend:
    """``kick`` ends the sessions of users and says where that failed, in ``executor``, while the proof is
    made. Names of tables and columns are constants of nodeagent.node."""

    def __init__(
        self, table: Table, directory: Directory, kick: Kick, executor: Executor, ask: Ask | None = None
    ) -> None:
        self.kind = table.kind
        self.table = table
        self.directory = directory
        self.kick = kick
        self.executor = executor
        self.ask = ask

    def write(self, connection: apsw.Connection, items: Sequence[Item]) -> set[str]:
        table = self.table
        before = self._rows(connection, items)
        wanted = {item.key: table.row(item.state) for item in items if item.state is not None}
        marks = ", ".join("?" * len(table.columns))
        connection.executemany(
            f"INSERT OR REPLACE INTO {table.name}({', '.join(table.columns)}) VALUES ({marks})",  # noqa: S608 (constant)
            list(wanted.values()),
        )
        where = " AND ".join(f"{column} = ?" for column in table.key)
        connection.executemany(
            f"DELETE FROM {table.name} WHERE {where}",  # noqa: S608 (constant)
            [item.parts for item in items if item.state is None],
        )
        return {
            item.key
            for item in items
            if item.key in before and table.ends_sessions(before[item.key], wanted.get(item.key))
        }

    def prove(self, items: Sequence[Item], disturbed: set[str]) -> Mapping[str, Result]:
        kicked = {item.key: item.parts[0] for item in items if item.key in disturbed and self._kicks}
        kicks = self.executor.submit(self.kick, sorted(set(kicked.values()))) if kicked else None
        results = self._read_back(items)
        if self.ask is not None:
            shown = [item for item in items if isinstance(results[item.key], Proof)]
            results |= self.ask(shown) if shown else {}
        failed = kicks.result() if kicks else {}
        for key, user in kicked.items():
            if user in failed and isinstance(results[key], Proof):
                results[key] = failed[user]
        return results

    def lost(self, entries: Sequence[Held]) -> Iterable[str]:
        with self.directory.reading() as connection:
            rows = connection.execute(f"SELECT {self.table.place} FROM {self.table.name}")  # noqa: S608 (constant)
            there = {f"{self.kind}/{place}" for (place,) in rows}
        return [entry.key for entry in entries if entry.present != (entry.key in there)]

    @property
    def _kicks(self) -> bool:
        return self.table.ends_sessions is not _never

    def _rows(self, connection: apsw.Connection, items: Sequence[Item]) -> dict[str, tuple[Any, ...]]:
        """By the keys of ``items``."""
        table = self.table
        head = [item.parts[0] for item in items]
        rows = connection.execute(
            f"SELECT {table.place}, {', '.join(table.columns)} FROM {table.name}"  # noqa: S608 (constant)
            f" WHERE {table.key[0]} IN (SELECT value FROM json_each(?))",
            (json.dumps(head),),
        )
        return {f"{self.kind}/{row[0]}": tuple(row[1:]) for row in rows}

    def _read_back(self, items: Sequence[Item]) -> dict[str, Result]:
        """Each row as another process sees it, through a connection of its own."""
        reader = self.directory.reader()
        try:
            rows = self._rows(reader, items)
        finally:
            reader.close()
        results: dict[str, Result] = {}
        for item in items:
            wanted = None if item.state is None else self.table.row(item.state)
            if rows.get(item.key) == wanted:
                results[item.key] = Proof(text=READ_BACK)
            else:
                text = "The node's directory does not show this as it was written."
                results[item.key] = BackendError(text)
        return results
