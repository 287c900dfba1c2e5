"""One log line in, one event out. Pure: no files, no network; the clock is handed in."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from datetime import tzinfo
from typing import Any, NamedTuple

from nodeagent.maillog import parse_dovecot
from nodeagent.maillog.parse_postfix import Postfix
from nodeagent.maillog.stamp import Clock

POSTFIX, DOVECOT = "postfix", "dovecot"
RAW_MAX = 8192  # characters of a line that are kept
_TAG = re.compile(r"\S+ ([\w.-]+(?:/[\w.-]+)*)(?:\[(\d+)\])?: ")


class Event(NamedTuple):
    """``at``: Unix seconds; ``ref``: queue id or Dovecot session, or empty; ``data``: the fields, hostile
    text."""

    at: float
    kind: str
    ref: str
    data: dict[str, Any]
    raw: str


class Parser:
    """Reads the lines of one log in order. ``log``: who writes it, POSTFIX (syslog form, maybe with Dovecot
    in it) or DOVECOT (its own ``log_path``)."""

    def __init__(self, log: str, *, tz: tzinfo | None = None, now: Callable[[], float] = time.time) -> None:
        self._clock = Clock(tz, now)
        self._now = now
        self._own = log == DOVECOT
        self._postfix = Postfix()
        self._tags: dict[str, tuple[str, str]] = {}

    def __call__(self, line: bytes | str) -> Event:
        raw = line if isinstance(line, str) else line.decode("utf-8", "replace")
        raw = raw.rstrip("\r\n").lstrip("\0")
        if "\0" in raw:
            raw = raw.replace("\0", "\ufffd")
        at, rest = self._clock.split(raw)
        if len(raw) > RAW_MAX:
            # A line this long was cut by nobody we know: kept as far as it is kept at all, and not believed.
            return Event(
                at or self._clock.last or self._now(), "unparsed", "", {"length": len(raw)}, raw[:RAW_MAX]
            )
        found = None if at is None else (parse_dovecot.read(rest) if self._own else self._syslog(rest))
        if at is None or found is None:
            return Event(at or self._clock.last or self._now(), "unparsed", "", {}, raw)
        return Event(at, *found, raw)

    def _syslog(self, rest: str) -> tuple[str, str, dict[str, Any]] | None:
        tag = _TAG.match(rest)
        if tag is None:
            return None
        name, text = tag[1], rest[tag.end() :]
        if name == "dovecot":
            return parse_dovecot.read(text)
        split = self._tags.get(name)
        if split is None:
            if len(self._tags) > 500:
                self._tags.clear()
            # postfix-n1/submission/smtpd: instance, service, program
            parts = name.split("/")
            split = self._tags[name] = (parts[-1], parts[-2] if len(parts) > 2 else "")
        return self._postfix.read(split[0], split[1], tag[2] or "", text)
