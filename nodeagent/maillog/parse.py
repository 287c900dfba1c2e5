"""One log line in, one event out. Pure: no files, no network; the clock is handed in."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from datetime import tzinfo
from typing import Any, NamedTuple

from nodeagent.maillog import parse_dovecot
from nodeagent.maillog.parse_postfix import Postfix
from nodeagent.maillog.parse_rspamd import Rspamd
from nodeagent.maillog.stamp import Clock

POSTFIX, DOVECOT, RSPAMD = "postfix", "dovecot", "rspamd"
RAW_MAX = 8192  # characters of a line that are kept
_TAG = re.compile(r"\S+ ([\w.-]+(?:/[\w.-]+)*)(?:\[(\d+)\])?\Z")
_TAGS = 4096  # "host name[pid]" that are remembered
JUMP = 10.0  # seconds that a line may be older than one before it: more, and the clock was set back

Found = tuple[str, str, dict[str, Any]]
Reader = Callable[[str], Found | None]


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
    in it), DOVECOT (its own ``log_path``) or RSPAMD (its own file). ``latest``: the latest time of any line.
    ``jumped``: a line came that is older by JUMP, set by ``__call__`` alone; such lines have ``back`` among
    their fields, so that the panel gives them to a mail that by the clock began after them."""

    def __init__(self, log: str, *, tz: tzinfo | None = None, now: Callable[[], float] = time.time) -> None:
        self._clock = Clock(tz, now)
        self._now = now
        self._log = log
        self._split = self._clock.split_long if log == RSPAMD else self._clock.split
        readers: dict[str, Reader] = {DOVECOT: parse_dovecot.read, RSPAMD: Rspamd().read}
        self._read = readers.get(log, self._syslog)
        self._postfix = Postfix()
        self.latest, self.jumped = 0.0, False
        self._tags: dict[str, Reader | None] = {}

    def __call__(self, line: bytes | str) -> Event:
        raw = line if isinstance(line, str) else line.decode("utf-8", "replace")
        raw = raw.rstrip("\r\n")
        if "\0" in raw:
            raw = raw.lstrip("\0").replace("\0", "\ufffd")
        if len(raw) > RAW_MAX:
            return self._long(raw)
        at, rest = self._split(raw)
        if at is not None:
            found = self._read(rest)
            if found is not None:
                kind, ref, data = found
                if at > self.latest:
                    self.latest = at
                elif at < self.latest - JUMP and ref:
                    data["back"] = self.jumped = True
                return tuple.__new__(Event, (at, kind, ref, data, raw))  # as Event() does, with a call less
        return Event(at or self._clock.last or self._now(), "unparsed", "", {}, raw)

    def _long(self, raw: str) -> Event:
        """A line this long was cut by nobody we know: kept as far as it is kept at all, and not believed. But
        for rspamd's: what it tells of a mail grows with what is in the mail, and begins with what is safe."""
        at, rest = self._split(raw[:RAW_MAX])
        found = self._read(rest) if at is not None and self._log == RSPAMD else None
        if at is None or found is None:
            found = ("unparsed", "", {"length": len(raw)})
        return Event(at or self._clock.last or self._now(), *found, raw[:RAW_MAX])

    def _syslog(self, rest: str) -> Found | None:
        head, colon, text = rest.partition(": ")
        try:
            reader = self._tags[head]
        except KeyError:
            reader = self._reader(head)
        return reader(text) if colon and reader is not None else None

    def _reader(self, head: str) -> Reader | None:
        """Who reads what stands behind "host name[pid]". None: nobody we know writes so."""
        tag = _TAG.match(head)
        reader: Reader | None = None
        if tag is not None and tag[1] == "dovecot":
            reader = parse_dovecot.read
        elif tag is not None:
            # postfix-n1/submission/smtpd: instance, service, program
            parts = tag[1].split("/")
            reader = self._postfix.reader(parts[-1], parts[-2] if len(parts) > 2 else "", tag[2] or "")
        if len(self._tags) >= _TAGS:
            self._tags.clear()
        if len(head) < 200:
            self._tags[head] = reader
        return reader
