"""A node's batch into the database: every line once, whatever is sent again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
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
from delivery.services.turns import turn_in_order, turn_wait
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


@dataclass(slots=True)
class _Part:
    """What came of one file: ``ranges`` of its bytes. ``new``: lines that nobody had sent before."""

    file: LogFile
    lines: list[Line] = field(default_factory=list)
    ranges: list[tuple[int, int]] = field(default_factory=list)
    new: list[Line] = field(default_factory=list)


def ingest(*, node: Node, batches: Sequence[Batch]) -> Taken:
    """Store the batches' new lines and what follows from them, in one transaction. All that can be is done
    before it is their turn."""
    parts = _parts(node, batches)
    moments = {line.at for part in parts for line in part.lines}
    partitions_ensure({datetime.fromtimestamp(at, UTC).date() for at in moments})
    try:
        _store(node, parts, alone=False)
    except _CoveredError:
        _store(node, parts, alone=True)
    lines, new = sum(len(part.lines) for part in parts), sum(len(part.new) for part in parts)
    return Taken(new=new, known=lines - new)


def _parts(node: Node, batches: Sequence[Batch]) -> list[_Part]:
    parts: dict[str, _Part] = {}
    # In one order everywhere, so that nobody waits in a circle for a file's first row.
    for batch in sorted(batches, key=lambda batch: (batch.file, batch.start)):
        if batch.file not in parts:
            file, _made = LogFile.objects.get_or_create(
                node=node, identity=batch.file, defaults={"log": batch.log}
            )
            parts[batch.file] = _Part(file)
        parts[batch.file].lines += _in_time(batch.lines)
        parts[batch.file].ranges.append((batch.start, batch.end))
    return list(parts.values())


@transaction.atomic
def _store(node: Node, parts: list[_Part], *, alone: bool) -> None:
    if alone:
        turn_wait(node.pk)
        for part in parts:
            part.file.refresh_from_db()
    placed: list[Placed] = []
    for part in parts:
        part.new = _uncovered(part.lines, part.file.covered)
        placed += zip(part.new, chunks_store(part.file.pk, part.new), strict=True)
        _unparsed(node.pk, part.file.pk, part.new)
    _filed(node.pk, placed)
    folding = fold_begin(node_id=node.pk, lines=placed)
    if not alone:
        turn_in_order(lambda: _gap(parts))
    turn_wait(node.pk)
    for part in parts:
        _cover(part)
    fold_end(folding)
    signins_take(node.pk, placed)
    tell(node, [line for line, _place in placed])


def _gap(parts: list[_Part]) -> bool:
    """Is another post on its way with what stands before these lines?"""
    for part in parts:
        part.file.refresh_from_db(fields=["covered"])
    return any(not _follows(part.file.covered, part.ranges[0][0]) for part in parts)


def _follows(covered: list[list[int]], start: int) -> bool:
    return start == 0 or any(first < start <= last for first, last in covered)


def _cover(part: _Part) -> None:
    """Raises _CoveredError."""
    file = part.file
    file.refresh_from_db()
    if len(_uncovered(part.new, file.covered)) < len(part.new):
        raise _CoveredError
    for start, end in part.ranges:
        file.covered = _merged(file.covered, start, end)
    file.lines += len(part.new)
    file.unparsed += sum(line.kind == "unparsed" for line in part.new)
    file.save(update_fields=["covered", "lines", "unparsed", "last_seen_at"])


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
    new = (
        lines
        if len({line.pos for line in lines}) == len(lines)
        else [*{line.pos: line for line in lines}.values()]
    )
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
