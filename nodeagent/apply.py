"""A batch of states becomes facts on the servers, and outcomes that say so.

Rows first: everything that lives in the directory is committed in one transaction within milliseconds. Then
the proofs and the slower effects run side by side. What one state meets never hurts another one of its batch.
"""

from __future__ import annotations

import dataclasses
import functools
import logging
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Executor, Future
from typing import Any

import apsw

from nodeagent import ledger
from nodeagent.backends.base import BackendError, EffectBackend, Proof, Result, RowBackend
from nodeagent.contract import Outcome
from nodeagent.directory import Directory
from nodeagent.ledger import Held
from nodeagent.patterns import BadStateError
from nodeagent.payload import Item, parse

log = logging.getLogger(__name__)

PROOF_CHARACTERS = 200
ERROR_CHARACTERS = 1000
KEY_CHARACTERS = 512


class Turns:
    """A lock for each key, out of a fixed number: two keys may share one."""

    def __init__(self, number: int = 64) -> None:
        self._locks = [threading.Lock() for _ in range(number)]

    def of(self, key: str) -> threading.Lock:
        return self._locks[hash(key) % len(self._locks)]


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Engine:
    """Where the directory is and which backend serves which kind.

    ``provers`` run the proofs of rows, ``doers`` the effects: five hundred keys in the making must not hold
    up the proof of one mailbox.
    """

    directory: Directory
    rows: Mapping[str, RowBackend]
    effects: Mapping[str, EffectBackend]
    provers: Executor
    doers: Executor
    turns: Turns = dataclasses.field(default_factory=Turns)


def apply_states(engine: Engine, messages: Sequence[Any]) -> Iterator[list[Outcome]]:
    """Apply what is newer than what is held; yield outcomes as they are known, rows first. Never raises for a
    bad state.

    A state that a newer one overtook meanwhile gets no outcome: the newer one will have its own.
    """
    items, refused = _parse(engine, messages)
    taken = _take(engine, items)
    rows = [item for item in taken.fresh if item.kind in engine.rows]
    effects = [item for item in taken.fresh if item.kind in engine.effects]
    effect_jobs = [
        engine.doers.submit(_guarded, [item], functools.partial(_effect, engine, item)) for item in effects
    ]
    row_jobs = [
        engine.provers.submit(_guarded, mine, functools.partial(backend.prove, mine, taken.disturbed))
        for kind, backend in engine.rows.items()
        if (mine := [item for item in rows if item.kind == kind])
    ]
    known = refused + [_answer(held) for held in taken.stale]
    known += [_outcome(item, taken.refused[item.key]) for item in taken.spoiled]
    yield known + _settle(engine, rows, row_jobs)
    yield _settle(engine, effects, effect_jobs)


def _settle(
    engine: Engine, items: Sequence[Item], jobs: Iterable[Future[dict[str, Result]]]
) -> list[Outcome]:
    """Wait, record what is proven (rows are held already, effects are from now on), and say so."""
    results: dict[str, Result] = {}
    for job in jobs:
        results |= job.result()
    if not items:
        return []
    done = [(item, results[item.key]) for item in items if item.key in results]
    with engine.directory.writing() as connection:
        held = ledger.revisions(connection, [item.key for item in items])
        done = [(item, result) for item, result in done if held.get(item.key, 0) <= item.rev]
        ledger.put(connection, [_entry(item, result) for item, result in done if isinstance(result, Proof)])
    return [_outcome(item, result) for item, result in done]


def _parse(engine: Engine, messages: Sequence[Any]) -> tuple[list[Item], list[Outcome]]:
    """The newest checked state of each key, and an outcome for each message that cannot be one."""
    newest: dict[str, Item] = {}
    refused: list[Outcome] = []
    for message in messages:
        try:
            item = parse(message)
            if item.kind not in engine.rows and item.kind not in engine.effects:
                raise BadStateError(f"This node does not have the role for {item.kind}.")
        except BadStateError as error:
            refused += refuse([message], str(error), permanent=error.permanent)
            continue
        if item.key not in newest or item.rev > newest[item.key].rev:
            newest[item.key] = item
    return list(newest.values()), refused


def refuse(messages: Iterable[Any], reason: str, *, permanent: bool) -> list[Outcome]:
    """An outcome for each message that has a key and a revision to answer with."""
    outcomes = []
    for message in messages:
        key = message.get("key") if isinstance(message, dict) else None
        if isinstance(key, str) and 0 < len(key) <= KEY_CHARACTERS:
            rev = message.get("rev")
            known = isinstance(rev, int) and 0 <= rev < 2**53
            outcomes.append(_failed(key, int(rev) if known else 0, reason, permanent=permanent))
    return outcomes


@dataclasses.dataclass(slots=True)
class _Taken:
    """``fresh``: newer than what is held, rows written. ``stale``: what is held instead. ``spoiled``: rows
    that the directory refused, with the reason in ``refused``. ``disturbed``: keys whose live sessions must
    end."""

    fresh: list[Item] = dataclasses.field(default_factory=list)
    stale: list[Held] = dataclasses.field(default_factory=list)
    spoiled: list[Item] = dataclasses.field(default_factory=list)
    refused: dict[str, Result] = dataclasses.field(default_factory=dict)
    disturbed: set[str] = dataclasses.field(default_factory=set)


def _take(engine: Engine, items: Sequence[Item]) -> _Taken:
    """One transaction for the check of revisions and all rows. If it fails, each state gets its own, and only
    what is really bad is refused."""
    try:
        return _take_together(engine, items)
    except apsw.Error:
        log.warning("a batch of %d was refused as a whole, taking them one by one", len(items), exc_info=True)
    taken = _Taken()
    for item in items:
        try:
            one = _take_together(engine, [item])
        except (apsw.ConstraintError, apsw.MismatchError) as error:
            taken.spoiled.append(item)
            text = f"The node's directory refuses this {item.kind}: {error}"
            taken.refused[item.key] = BackendError(text, permanent=True)
        except apsw.Error as error:
            taken.spoiled.append(item)
            taken.refused[item.key] = BackendError(f"The node's directory cannot be written: {error}")
        else:
            taken.fresh += one.fresh
            taken.stale += one.stale
            taken.disturbed |= one.disturbed
    return taken


def _take_together(engine: Engine, items: Sequence[Item]) -> _Taken:
    taken = _Taken()
    with engine.directory.writing() as connection:
        held = ledger.held(connection, [item.key for item in items])
        for item in items:
            known = held.get(item.key)
            if known and (item.rev < known.rev or (item.rev == known.rev and known.proven)):
                taken.stale.append(known)
                continue
            taken.fresh.append(item)
            if known and item.rev == known.rev:
                # Written before but never proven: the sessions of that first time may still be alive.
                taken.disturbed.add(item.key)
        for kind, backend in engine.rows.items():
            mine = [item for item in taken.fresh if item.kind == kind]
            if mine:
                taken.disturbed |= backend.write(connection, mine)
                ledger.put(connection, [_entry(item, None) for item in mine])
    return taken


def _effect(engine: Engine, item: Item) -> Mapping[str, Result]:
    """One at a time for each key; what a newer revision overtook while it waited is left alone."""
    with engine.turns.of(item.key):
        with engine.directory.reading() as connection:
            known = ledger.held(connection, [item.key]).get(item.key)
        if known and known.rev > item.rev:
            return {item.key: Proof(text=known.proof, facts=known.facts)}
        proof = engine.effects[item.kind].apply(item)
        with engine.directory.writing() as connection:
            ledger.put(connection, [_entry(item, proof)])
        return {item.key: proof}


def _guarded(items: Sequence[Item], job: Callable[[], Mapping[str, Result]]) -> dict[str, Result]:
    try:
        results = dict(job())
    except BackendError as error:
        return {item.key: error for item in items}
    except Exception as error:
        log.exception("%s: not applied", items[0].kind)
        unexpected = BackendError(
            f"The node's agent met an error that it does not know ({type(error).__name__})."
        )
        return {item.key: unexpected for item in items}
    unanswered = BackendError("The servers gave no answer for this one.")
    return {item.key: results.get(item.key, unanswered) for item in items}


def _entry(item: Item, result: Proof | None) -> Held:
    return Held(
        key=item.key,
        kind=item.kind,
        rev=item.rev,
        present=item.state is not None,
        proven=result is not None,
        proof=result.text[:PROOF_CHARACTERS] if result else "",
        facts=result.facts if result else {},
    )


def _answer(known: Held) -> Outcome:
    """What became of the newer revision that is held: a report that got lost is heard now."""
    error = "" if known.proven else "A newer revision is written on the node, and is not proven yet."
    return Outcome(
        key=known.key,
        rev=known.rev,
        ok=known.proven,
        proof=known.proof,
        error=error,
        permanent=False,
        facts=known.facts,
    )


def _outcome(item: Item, result: Result) -> Outcome:
    if isinstance(result, BackendError):
        return _failed(item.key, item.rev, str(result), permanent=result.permanent, facts=result.facts)
    proof = result.text[:PROOF_CHARACTERS]
    return Outcome(
        key=item.key, rev=item.rev, ok=True, proof=proof, error="", permanent=False, facts=result.facts
    )


def _failed(
    key: str, rev: int, error: str, *, permanent: bool, facts: dict[str, Any] | None = None
) -> Outcome:
    return Outcome(
        key=key,
        rev=rev,
        ok=False,
        proof="",
        error=error[:ERROR_CHARACTERS],
        permanent=permanent,
        facts=facts or {},
    )
