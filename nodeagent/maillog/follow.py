"""One log on its way to the panel: lines read and parsed, some batches sent at the same time, and the cursor
moved over what the panel has without a gap."""

from __future__ import annotations

import json
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import Executor, Future
from datetime import tzinfo
from pathlib import Path
from typing import Any, Protocol

import orjson

from nodeagent.contract import CONTRACT, LogHealth
from nodeagent.maillog.cursor import Cursor
from nodeagent.maillog.parse import Parser
from nodeagent.maillog.post import AwayError
from nodeagent.maillog.tail import Lines, Tail

IN_FLIGHT = 3  # batches of one log that are with the panel at the same time
BATCH_LINES = 10_000
BATCH_BYTES = 2 << 20


class Taker(Protocol):
    def post(self, body: bytes) -> None: ...


class Batch:
    """``covers``: what of the file it is. ``first`` and ``last``: times of its lines. ``bytes``: of the
    file. ``behind``: the clock was set back before it, so it waits until the panel has all before."""

    __slots__ = ("behind", "body", "bytes", "covers", "first", "last", "sent")

    def __init__(self, covers: Lines, first: float, body: bytes, last: float = 0.0) -> None:
        self.covers, self.first, self.last, self.body = covers, first, last, body
        self.bytes = covers.end - covers.start
        self.behind = False
        self.sent: Future[None] | None = None


class Follower:
    """``fill`` reads and sends, ``settle`` sees what became of it; ``step`` does both for one batch, and
    waits. A batch that was not taken is kept and sent again as it was: its file may be gone by then."""

    def __init__(
        self,
        *,
        node: str,
        name: str,
        path: Path,
        cursors: Path,
        panel: Taker,
        tz: tzinfo | None = None,
        now: Callable[[], float] = time.time,
    ) -> None:
        self.name = name
        self.node, self.panel = node, panel
        cursor = Cursor(cursors / f"{name}.json")
        self._latest = max((place.latest for place in cursor.places), default=0.0)
        self._back = False
        self._tail = Tail(path, cursor)
        self._parsers: dict[str, Parser] = {}
        self._tz, self._now = tz, now
        self._most = BATCH_LINES
        self._waiting: deque[Batch] = deque()
        self._unparsed = 0

    # ---- sending

    def fill(self, pool: Executor, wake: Callable[[], None]) -> int:
        """Send what was not taken again, then new lines, as long as there is room: how many batches. ``wake``
        is called when one is through."""
        started = 0
        for batch in list(self._waiting)[:IN_FLIGHT]:
            started += self._send(batch, pool, wake)
        while len(self._waiting) < IN_FLIGHT and (new := self._next()) is not None:
            self._waiting.append(new)
            started += self._send(new, pool, wake)
        return started

    def _send(self, batch: Batch, pool: Executor, wake: Callable[[], None]) -> bool:
        if batch.sent is not None:
            return False
        batch.sent = pool.submit(self.panel.post, batch.body)
        batch.sent.add_done_callback(lambda _done: wake())
        return True

    def settle(self) -> int:
        """Move the cursor over what was taken: how many lines. Raises AwayError if something was not, which
        is then sent again by ``fill``."""
        failed: AwayError | None = None
        taken: set[int] = set()
        for batch in list(self._waiting):
            # Looked at once: it may end, well or badly, while the others are looked at.
            if batch.sent is None or not batch.sent.done():
                continue
            error = batch.sent.exception()
            if error is None:
                taken.add(id(batch))
                continue
            batch.sent = None
            failure = self._failed(batch, error)
            failed = failed or failure
        lines, covered = 0, None
        while self._waiting and id(self._waiting[0]) in taken:
            batch = self._waiting.popleft()
            lines += len(batch.covers.lines)
            self._most = min(BATCH_LINES, self._most * 2)
            if not batch.bytes:
                continue  # the first part of one that was too big: the check it has is the whole's
            if (
                covered is not None
                and covered.identity == batch.covers.identity
                and covered.end == batch.covers.start
            ):
                covered = batch.covers._replace(start=covered.start)
                continue
            if covered is not None:
                self._tail.commit(covered)
            covered = batch.covers
        if covered is not None:
            self._tail.commit(covered)
        if failed is not None:
            raise failed
        return lines

    def step(self) -> int:
        """How many lines went over, in one batch: 0 means nothing new. Raises AwayError."""
        if not self._waiting:
            batch = self._next()
            if batch is None:
                return 0
            self._waiting.append(batch)
        batch = self._waiting[0]
        try:
            self.panel.post(batch.body)
        except AwayError as error:
            raise self._failed(batch, error) from error
        return self._taken()

    def _taken(self) -> int:
        batch = self._waiting.popleft()
        self._most = min(BATCH_LINES, self._most * 2)
        self._tail.commit(batch.covers)
        return len(batch.covers.lines)

    def _failed(self, batch: Batch, error: BaseException) -> AwayError:
        if not isinstance(error, AwayError):
            error = AwayError(f"a batch could not be sent: {error!r}")
        if error.status == 413 and len(batch.covers.lines) > 1:
            at = self._waiting.index(batch)
            del self._waiting[at]
            for half in reversed(_halves(batch)):
                self._waiting.insert(at, half)
            self._most = max(1, len(batch.covers.lines) // 2)
        return error

    # ---- reading

    def take(self, most: int) -> Batch | None:
        """A batch that is not under way: one that was not taken, or the next lines, ``most`` of them. Whoever
        takes it sets ``sent``."""
        for batch in self._waiting:
            if batch.sent is None:
                return batch if not batch.behind or batch is self._waiting[0] else None
        new = self._next(most)
        if new is None:
            return None
        self._waiting.extend(self._parted(new))
        return self.take(most)

    def _parted(self, batch: Batch) -> list[Batch]:
        """Where the clock was set back order is all that tells whose a line is."""
        parser, was = self._parsers[batch.covers.identity], self._back
        self._latest, self._back, parser.jumped = max(self._latest, parser.latest), parser.jumped, False
        if was or not self._back:
            return [batch]
        events = json.loads(batch.body)["events"]
        at = next(number for number, event in enumerate(events) if "back" in event[4])
        parts = _halves(batch, at) if at else [batch]
        parts[-1].behind = True
        return parts

    def _next(self, most: int = BATCH_LINES) -> Batch | None:
        lines = self._tail.read(max_lines=min(most, self._most), max_bytes=BATCH_BYTES)
        if lines is None:
            return None
        parser = self._parsers.get(lines.identity)
        if parser is None:
            if len(self._parsers) >= 4:
                self._parsers.clear()
            parser = self._parsers[lines.identity] = Parser(self.name, tz=self._tz, now=self._now)
            parser.latest = self._latest
        events: list[Any] = [(offset, *parser(line)) for offset, line in lines.lines]
        self._unparsed += sum(event[2] == "unparsed" for event in events)
        batch = {
            "contract": CONTRACT,
            "node": self.node,
            "log": self.name,
            "file": lines.identity,
            "start": lines.start,
            "end": lines.end,
            "events": events,
        }
        # The lines themselves are not needed any more: what is kept of them is where they begin.
        offsets = [(offset, b"") for offset, _line in lines.lines]
        first, last = (events[0][1], events[-1][1]) if events else (self._now(), self._now())
        return Batch(lines._replace(lines=offsets, latest=parser.latest), first, _json(batch), last)

    # ---- telling

    def health(self) -> LogHealth:
        age = self._now() - self._waiting[0].first if self._waiting else 0.0
        return {
            "behind": self._tail.behind() + sum(batch.bytes for batch in self._waiting),
            "age": round(max(0.0, age), 1),
            "lost": self._tail.lost,
            "unparsed": self._unparsed,
        }

    def close(self) -> None:
        self._tail.close()


def _json(batch: dict[str, Any]) -> bytes:
    try:
        return orjson.dumps(batch)
    except TypeError:  # numbers of more than 64 bits
        return json.dumps(batch, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")


def _halves(batch: Batch, middle: int = 0) -> list[Batch]:
    """Two of one that was too big, or that is to be parted before event ``middle``. The check of
    the first's end is not known: read from there, the file is taken for cut, and told again from its last
    place; so only the second moves the cursor."""
    whole = json.loads(batch.body)
    middle = middle or len(whole["events"]) // 2
    cut = whole["events"][middle][0]
    first = whole | {"end": cut, "events": whole["events"][:middle]}
    second = whole | {"start": cut, "events": whole["events"][middle:]}
    covers = batch.covers
    return [
        Batch(covers._replace(end=covers.start, lines=covers.lines[:middle]), batch.first, _json(first)),
        Batch(covers._replace(lines=covers.lines[middle:]), batch.first, _json(second)),
    ]
