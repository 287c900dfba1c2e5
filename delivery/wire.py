"""What a node posts, checked before anything else touches it. Pure. Shape: ``contract.LogBatch``."""

from __future__ import annotations

import json
import math
import re
import zlib
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeGuard

import orjson

from nodeagent.contract import CONTRACT

_IDENTITY = re.compile(r"[0-9A-Za-z.+_-]{1,120}\Z")
_LOG = re.compile(r"[a-z]{1,16}\Z")
_KIND = re.compile(r"[a-z-]{1,16}\Z")
REF_MAX, RAW_MAX = 64, 10_000
OFFSET_MAX = 2**62
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


def read(text: bytes) -> Batch:
    """Raises BadBatchError."""
    batch = _json(text)
    if not isinstance(batch, dict):
        raise BadBatchError("the body is not an object")
    if batch.get("contract") != CONTRACT:
        raise BadBatchError(f"this panel speaks contract {CONTRACT}")
    start, end, events = batch.get("start"), batch.get("end"), batch.get("events")
    if not (_offset(start) and _offset(end) and start < end):
        raise BadBatchError("start and end are not a range of bytes")
    if not isinstance(events, list):
        raise BadBatchError("events is not a list")
    lines = [_line(event, start, end) for event in events]
    return Batch(
        node=_text(batch.get("node"), re.compile(r"[\w.-]{1,64}\Z"), "node"),
        log=_text(batch.get("log"), _LOG, "log"),
        file=_text(batch.get("file"), _IDENTITY, "file"),
        start=start,
        end=end,
        lines=lines,
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
        and type(at) in (int, float)
        and math.isfinite(at)
        and isinstance(kind, str)
        and isinstance(ref, str)
        and isinstance(raw, str)
        and isinstance(data, dict)
        and len(ref) <= REF_MAX
        and _KIND.match(kind)
    )
    if not fine:
        raise BadBatchError("an event's fields are not in their form")
    return Line(pos, at, kind, _clean(ref), data, _clean(raw[:RAW_MAX]))


def _clean(text: str) -> str:
    """Without what PostgreSQL cannot keep: NUL and lone surrogates."""
    if text.isascii():
        return text.replace("\0", "\ufffd") if "\0" in text else text
    return text.replace("\0", "\ufffd").encode("utf-8", "replace").decode("utf-8")


def field(data: dict[str, Any], key: str, limit: int = 400) -> str:
    """A field as text for a column of ``limit`` characters; empty if it is not there or no text."""
    value = data.get(key)
    return _clean(value[:limit]) if isinstance(value, str) else ""
