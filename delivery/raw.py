"""Raw log lines read again, by the places that were kept of them."""

from __future__ import annotations

import zlib
from collections import defaultdict
from collections.abc import Iterable

import orjson

from delivery.models import Chunk
from delivery.wire import Line

Place = tuple[int, int]  # a chunk's id, and the line's number in it


def lines_at(places: Iterable[Place]) -> list[Line]:
    """The lines at these places, by time; those whose chunk is no longer kept are left out."""
    return [line for _place, line in placed_lines(places)]


def placed_lines(places: Iterable[Place]) -> list[tuple[Place, Line]]:
    """As ``lines_at``, each with its place."""
    wanted: dict[int, set[int]] = defaultdict(set)
    for chunk, place in places:
        wanted[chunk].add(place)
    found: list[tuple[float, int, int, Place, Line]] = []
    for pk, file_id, body in Chunk.objects.filter(pk__in=wanted).values_list("pk", "file_id", "body"):
        kept = orjson.loads(zlib.decompress(body))
        for place in wanted[pk]:
            if place < len(kept):
                line = Line(*kept[place])
                found.append((line.at, file_id, line.pos, (pk, place), line))
    return [(place, line) for *_key, place, line in sorted(found, key=lambda one: one[:3])]
