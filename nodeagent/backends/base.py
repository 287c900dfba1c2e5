"""What a backend is to nodeagent.apply. A new kind of object is one of these, registered in
nodeagent/node.py."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Protocol

import apsw

from nodeagent.ledger import Held
from nodeagent.payload import Item

SAMPLE = 8


class BackendError(Exception):
    """A server refused or is away. The message is shown to people: what happened and why, in plain words.

    ``permanent``: the same state will be refused again. ``facts`` travel in the outcome."""

    def __init__(self, message: str, *, permanent: bool = False, facts: dict[str, Any] | None = None) -> None:
        super().__init__(message)
        self.permanent = permanent
        self.facts = facts or {}


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """How the servers showed the state, at most 200 characters, and what the panel wants to know of it."""

    text: str
    facts: dict[str, Any] = dataclasses.field(default_factory=dict)


Result = Proof | BackendError


class Backend(Protocol):
    """``lost``: of what the ledger says is proven, the keys that the servers no longer have so."""

    kind: str

    def lost(self, entries: Sequence[Held]) -> Iterable[str]: ...


class RowBackend(Backend, Protocol):
    """A kind that is rows of the directory.

    ``write`` runs in the transaction that also moves the ledger and answers the keys whose live sessions must
    end; ``prove`` runs after the commit. Both take at most one batch.
    """

    def write(self, connection: apsw.Connection, items: Sequence[Item]) -> set[str]: ...

    def prove(self, items: Sequence[Item], disturbed: set[str]) -> Mapping[str, Result]: ...


class EffectBackend(Backend, Protocol):
    """A kind that lives in another server or in files: applied and proven first, recorded after."""

    def apply(self, item: Item) -> Proof: ...


def sample(items: Sequence[Item]) -> list[Item]:
    """The first, the last and some between: all of a small batch, at most SAMPLE of a large one."""
    if len(items) <= SAMPLE:
        return list(items)
    step = (len(items) - 1) / (SAMPLE - 1)
    return [items[round(place * step)] for place in range(SAMPLE)]
