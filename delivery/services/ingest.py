"""A node's batch into the database: every line once, whatever is sent again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.db import connection, transaction
from django.utils import timezone

from delivery.models import LogFile
from delivery.services.copying import copy, stamp, text_json
from delivery.services.fold import fold
from delivery.services.listeners import tell
from delivery.services.partitions import partitions_ensure
from delivery.wire import Batch, Line
from provision.models import Node

_LOCK = 0x64656C69  # advisory lock "deli", second key: the node
_EVENT = ("at", "node_id", "file_id", "pos", "kind", "ref", "data", "raw")
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
        copy("delivery_event", _EVENT, [_event(node.pk, file.pk, line) for line in new])
        fold(node_id=node.pk, file_id=file.pk, lines=new)
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


def _event(node_id: int, file_id: int, line: Line) -> tuple[object, ...]:
    return (stamp(line.at), node_id, file_id, line.pos, line.kind, line.ref, text_json(line.data), line.raw)


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
