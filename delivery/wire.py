"""What a node posts, checked before anything else touches it. Pure. Shape: ``contract.LogBatch``."""

from __future__ import annotations

import json
import math
import re
import zlib
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, NamedTuple, TypeGuard

import orjson

from nodeagent.contract import CONTRACT

_IDENTITY = re.compile(r"[0-9A-Za-z.+_-]{1,120}\Z")
_LOG = re.compile(r"[a-z]{1,16}\Z")
_KIND = re.compile(r"[a-z-]{1,16}\Z")
REF_MAX, RAW_MAX = 64, 10_000
OFFSET_MAX = 2**62
BATCHES = 20  # in one post
_FAR = 1e308
_KINDS = 100
_SEEN: set[str] = set()
HEALTH = ("behind", "age", "lost", "unparsed")


class BadBatchError(Exception):
    """It is not a batch, or not in our contract. The message says what is wrong and may go back to the
    node."""


class TooBigError(Exception):
    """More bytes than are taken at once, packed or unpacked."""


class Line(NamedTuple):
    pos: int
    at: float
    kind: str
    ref: str
    data: dict[str, Any]
    raw: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    node: str
    log: str
    file: str
    start: int
    end: int
    lines: list[Line]


def unpack(body: bytes, limit: int) -> bytes:
    """gunzip, never making more than ``limit`` bytes. Raises TooBigError, BadBatchError."""
    unzip = zlib.decompressobj(wbits=31)
    try:
        data = unzip.decompress(body, limit + 1)
    except zlib.error as error:
        raise BadBatchError("the body is not gzip") from error
    if len(data) > limit:
        raise TooBigError
    if not unzip.eof:
        raise BadBatchError("the gzip body ends too early")
    return data


def read(text: bytes) -> list[Batch]:
    """The batches of one post: one, or several in "batches". Raises BadBatchError."""
    told = _json(text)
    if not isinstance(told, dict):
        raise BadBatchError("the body is not an object")
    if told.get("contract") != CONTRACT:
        raise BadBatchError(f"this panel speaks contract {CONTRACT}")
    node = _text(told.get("node"), re.compile(r"[\w.-]{1,64}\Z"), "node")
    several = told.get("batches", [told])
    if not isinstance(several, list) or not 1 <= len(several) <= BATCHES:
        raise BadBatchError(f"batches is not a list of 1 to {BATCHES}")
    batches = [_batch(node, one) for one in several]
    batches.sort(key=lambda batch: (batch.file, batch.start))
    if any(one.file == other.file and other.start < one.end for one, other in pairwise(batches)):
        raise BadBatchError("two batches hold the same bytes")
    return batches


def _batch(node: str, batch: object) -> Batch:
    if not isinstance(batch, dict):
        raise BadBatchError("a batch is not an object")
    start, end, events = batch.get("start"), batch.get("end"), batch.get("events")
    if not (_offset(start) and _offset(end) and start < end):
        raise BadBatchError("start and end are not a range of bytes")
    if not isinstance(events, list):
        raise BadBatchError("events is not a list")
    return Batch(
        node=node,
        log=_text(batch.get("log"), _LOG, "log"),
        file=_text(batch.get("file"), _IDENTITY, "file"),
        start=start,
        end=end,
        lines=[_line(event, start, end) for event in events],
    )


def read_health(text: bytes) -> dict[str, dict[str, int]]:
    """Log name → "behind" (bytes), "age" (seconds), "lost" (files), "unparsed" (lines). Raises
    BadBatchError."""
    told = _json(text)
    logs = told.get("logs") if isinstance(told, dict) else None
    if not isinstance(logs, dict) or len(logs) > 10:
        raise BadBatchError("logs is not a table of logs")
    return {_text(name, _LOG, "log"): _numbers(log) for name, log in logs.items()}


def _numbers(log: object) -> dict[str, int]:
    if not isinstance(log, dict):
        raise BadBatchError("a log is not an object")
    found = {}
    for name in HEALTH:
        value = log.get(name, 0)
        if type(value) not in (int, float) or not math.isfinite(value) or not 0 <= value <= OFFSET_MAX:
            raise BadBatchError(f"{name} is no number")
        found[name] = int(value)
    return found


def _json(text: bytes) -> Any:
    """Half a surrogate pair, which JSON can write and UTF-8 cannot, is replaced."""
    try:
        return orjson.loads(text)
    except ValueError:
        pass
    try:
        return orjson.loads(json.dumps(json.loads(text), ensure_ascii=False).encode("utf-8", "replace"))
    except (ValueError, RecursionError) as error:
        raise BadBatchError("the body is not JSON") from error


def _offset(value: object) -> TypeGuard[int]:
    return type(value) is int and 0 <= value <= OFFSET_MAX


def _text(value: object, pattern: re.Pattern[str], name: str) -> str:
    if not isinstance(value, str) or not pattern.match(value):
        raise BadBatchError(f"{name} is missing or not in its form")
    return value


def _line(event: object, start: int, end: int) -> Line:
    if not isinstance(event, list) or len(event) != 6:
        raise BadBatchError("an event is not [offset, at, kind, ref, data, raw]")
    pos, at, kind, ref, data, raw = event
    fine = (
        type(pos) is int
        and start <= pos < end
        and (type(at) is float or type(at) is int)
        and -_FAR < at < _FAR  # no NaN either
        and kind.__class__ is str
        and ref.__class__ is str
        and raw.__class__ is str
        and data.__class__ is dict
        and len(ref) <= REF_MAX
        and (kind in _SEEN or _kind(kind))
    )
    if not fine:
        raise BadBatchError("an event's fields are not in their form")
    return Line(pos, at, kind, _clean(ref), data, _clean(raw if len(raw) <= RAW_MAX else raw[:RAW_MAX]))


def _kind(kind: str) -> bool:
    """In its form? Those that were are remembered: there are some dozen."""
    fine = _KIND.match(kind) is not None
    if fine and len(_SEEN) < _KINDS:
        _SEEN.add(kind)
    return fine


def _clean(text: str) -> str:
    """Without what PostgreSQL cannot keep: NUL and lone surrogates."""
    if text.isascii():
        return text.replace("\0", "\ufffd") if "\0" in text else text
    return text.replace("\0", "\ufffd").encode("utf-8", "replace").decode("utf-8")


def field(data: dict[str, Any], key: str, limit: int = 400) -> str:
    """A field as text for a column of ``limit`` characters; empty if it is not there or no text."""
    value = data.get(key)
    if value.__class__ is not str:
        return ""
    if len(value) > limit:
        value = value[:limit]
    return value if value.isascii() and "\0" not in value else _clean(value)
