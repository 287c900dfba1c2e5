"""The raw lines themselves, some hundred in a row, compressed (delivery.raw reads them again)."""

from __future__ import annotations

import zlib
from collections.abc import Sequence

import orjson

from delivery.raw import Place
from delivery.services.copying import copy, new_keys
from delivery.wire import Line

LINES = 400
_CHUNK = ("id", "file_id", "lines", "body")


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
