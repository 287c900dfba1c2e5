"""A node's batch into the database: every line once, whatever is sent again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.db import transaction
from django.utils import timezone

from delivery import text
from delivery.models import LogFile
from delivery.services.chunks import chunks_store
from delivery.services.copying import copy, new_keys, stamp
from delivery.services.fold import Placed, fold_begin, fold_end
from delivery.services.listeners import tell
from delivery.services.partitions import partitions_ensure
from delivery.services.signins import signins_take
from delivery.services.turns import turn_wait
from delivery.wire import Batch, Line
from delivery.wire import field as field_of
from provision.models import Node

_UNPARSED = ("id", "at", "node_id", "file_id", "pos", "raw")
_FILED = ("id", "at", "node_id", "session", "login", "header_id", "action", "what", "chunk_id", "line")
PAST, FUTURE = timedelta(days=400), timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Taken:
    """``new``: lines stored now; ``known``: lines that were here already."""

    new: int
    known: int


class _CoveredError(Exception):
    """Lines that seemed new were stored by somebody else meanwhile."""


def ingest(*, node: Node, batch: Batch) -> Taken:
    """Store the batch's new lines and what follows from them, in one transaction. All that can be is done
    before it is the batch's turn."""
    lines = _in_time(batch.lines)
    partitions_ensure({datetime.fromtimestamp(at, UTC).date() for at in {line.at for line in lines}})
    file, _made = LogFile.objects.get_or_create(node=node, identity=batch.file, defaults={"log": batch.log})
    try:
        new = _store(node, file, batch, lines, alone=False)
    except _CoveredError:
        file.refresh_from_db()
        new = _store(node, file, batch, lines, alone=True)
    return Taken(new=new, known=len(lines) - new)


@transaction.atomic
def _store(node: Node, file: LogFile, batch: Batch, lines: list[Line], *, alone: bool) -> int:
    if alone:
        turn_wait(node.pk)
        file.refresh_from_db()
    new = _uncovered(lines, file.covered)
    placed = list(zip(new, chunks_store(file.pk, new), strict=True))
    _filed(node.pk, placed)
    _unparsed(node.pk, file.pk, new)
    folding = fold_begin(node_id=node.pk, lines=placed)
    turn_wait(node.pk)
    file.refresh_from_db()
    if len(_uncovered(new, file.covered)) < len(new):
        raise _CoveredError
    fold_end(folding)
    signins_take(node.pk, placed)
    tell(node, new)
    file.covered = _merged(file.covered, batch.start, batch.end)
    file.lines += len(new)
    file.unparsed += sum(line.kind == "unparsed" for line in new)
    file.save(update_fields=["covered", "lines", "unparsed", "last_seen_at"])
    return len(new)


def _in_time(lines: list[Line]) -> list[Line]:
    """A time that no clock of ours can have shown becomes now, so that nobody can ask for endless
    partitions."""
    now = timezone.now()
    first, last = (now - PAST).timestamp(), (now + FUTURE).timestamp()
    if all(first <= line.at <= last for line in lines):
        return lines
    return [line if first <= line.at <= last else line._replace(at=now.timestamp()) for line in lines]


def _filed(node_id: int, placed: list[Placed]) -> None:
    stored = [(line, place) for line, place in placed if line.kind == "stored"]
    keys = new_keys([line.at for line, _place in stored])
    copy(
        "delivery_filed",
        _FILED,
        [
            (
                key,
                stamp(line.at),
                node_id,
                line.ref[:64],
                text.inert(field_of(line.data, "user", 320)).lower()[:320],
                text.inert(field_of(line.data, "id", 300))[:300],
                field_of(line.data, "action", 40),
                text.inert(field_of(line.data, "what"))[:400],
                *place,
            )
            for key, (line, place) in zip(keys, stored, strict=True)
        ],
    )


def _unparsed(node_id: int, file_id: int, lines: list[Line]) -> None:
    odd = [line for line in lines if line.kind == "unparsed"]
    keys = new_keys([line.at for line in odd])
    copy(
        "delivery_unparsed",
        _UNPARSED,
        [
            (key, stamp(line.at), node_id, file_id, line.pos, line.raw)
            for key, line in zip(keys, odd, strict=True)
        ],
    )


def _uncovered(lines: list[Line], ranges: list[list[int]]) -> list[Line]:
    """Each line once that lies in none of the ranges."""
    if not lines:
        return []
    new = lines if len({line.pos for line in lines}) == len(lines) else [*{line.pos: line for line in lines}.values()]
    first, last = min(line.pos for line in new), max(line.pos for line in new)
    near = [(start, end) for start, end in ranges if start <= last and first < end]
    return [line for line in new if not any(start <= line.pos < end for start, end in near)] if near else new


def _merged(ranges: list[list[int]], start: int, end: int) -> list[list[int]]:
    merged: list[list[int]] = []
    for first, last in sorted([*ranges, [start, end]]):
        if merged and first <= merged[-1][1]:
            merged[-1][1] = max(merged[-1][1], last)
        else:
            merged.append([first, last])
    return merged
