"""A node's batch into the database: every line once, whatever is sent again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.db import connection, transaction
from django.utils import timezone

from delivery import text
from delivery.models import LogFile
from delivery.services.chunks import chunks_store
from delivery.services.copying import copy, new_keys, stamp
from delivery.services.fold import Placed, fold
from delivery.services.listeners import tell
from delivery.services.partitions import partitions_ensure
from delivery.services.signins import signins_take
from delivery.wire import Batch, Line
from delivery.wire import field as field_of
from provision.models import Node

_LOCK = 0x64656C69  # advisory lock "deli", second key: the node
_UNPARSED = ("id", "at", "node_id", "file_id", "pos", "raw")
_FILED = ("id", "at", "node_id", "session", "login", "header_id", "action", "what", "chunk_id", "line")
PAST, FUTURE = timedelta(days=400), timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Taken:
    """``new``: lines stored now; ``known``: lines that were here already."""

    new: int
    known: int


def ingest(*, node: Node, batch: Batch) -> Taken:
    """Store the batch's new lines and what follows from them, in one transaction; a node's batches one after
    the other."""
    lines = _in_time(batch.lines)
    partitions_ensure({datetime.fromtimestamp(at, UTC).date() for at in {line.at for line in lines}})
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [_LOCK, node.pk])
        file, _made = LogFile.objects.get_or_create(
            node=node, identity=batch.file, defaults={"log": batch.log}
        )
        new = list({line.pos: line for line in lines if not _covered(file.covered, line.pos)}.values())
        placed = list(zip(new, chunks_store(file.pk, new), strict=True))
        fold(node_id=node.pk, lines=placed)
        signins_take(node.pk, placed)
        _filed(node.pk, placed)
        _unparsed(node.pk, file.pk, new)
        tell(node, new)
        file.covered = _merged(file.covered, batch.start, batch.end)
        file.lines += len(new)
        file.unparsed += sum(line.kind == "unparsed" for line in new)
        file.save(update_fields=["covered", "lines", "unparsed", "last_seen_at"])
    return Taken(new=len(new), known=len(lines) - len(new))


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


def _covered(ranges: list[list[int]], pos: int) -> bool:
    return any(start <= pos < end for start, end in reversed(ranges))


def _merged(ranges: list[list[int]], start: int, end: int) -> list[list[int]]:
    merged: list[list[int]] = []
    for first, last in sorted([*ranges, [start, end]]):
        if merged and first <= merged[-1][1]:
            merged[-1][1] = max(merged[-1][1], last)
        else:
            merged.append([first, last])
    return merged
