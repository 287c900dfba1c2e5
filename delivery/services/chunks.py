"""The raw lines themselves, some hundred in a row, compressed; and a few of them read again."""

from __future__ import annotations

import zlib
from collections import defaultdict
from collections.abc import Iterable, Sequence

import orjson

from delivery.models import Chunk
from delivery.services.copying import copy, new_keys
from delivery.wire import Line

LINES = 400
_CHUNK = ("id", "file_id", "lines", "body")
Place = tuple[int, int]


def chunks_store(file_id: int, lines: Sequence[Line]) -> list[Place]:
    """Store ``lines``; where each of them is now: (chunk, place in it)."""
    parts = [lines[at : at + LINES] for at in range(0, len(lines), LINES)]
    keys = new_keys([part[0].at for part in parts])
    copy(
        "delivery_chunk",
        _CHUNK,
        (
            (key, file_id, len(part), zlib.compress(_packed(part), 1))
            for key, part in zip(keys, parts, strict=True)
        ),
    )
    return [(key, at) for key, part in zip(keys, parts, strict=True) for at in range(len(part))]


def _packed(lines: Sequence[Line]) -> bytes:
    try:
        return orjson.dumps([list(line) for line in lines])
    except TypeError:  # fields nested deeper than anything of ours
        return orjson.dumps([list(line._replace(data={})) for line in lines])


def lines_at(places: Iterable[Place]) -> list[Line]:
    """The lines at these places, by time; those whose chunk is no longer kept are left out."""
    wanted: dict[int, set[int]] = defaultdict(set)
    for chunk, place in places:
        wanted[chunk].add(place)
    found: list[tuple[float, int, int, Line]] = []
    for pk, file_id, body in Chunk.objects.filter(pk__in=wanted).values_list("pk", "file_id", "body"):
        kept = orjson.loads(zlib.decompress(body))
        for place in wanted[pk]:
            if place < len(kept):
                line = Line(*kept[place])
                found.append((line.at, file_id, line.pos, line))
    return [line for *_key, line in sorted(found, key=lambda one: one[:3])]
