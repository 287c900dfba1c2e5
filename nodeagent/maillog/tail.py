"""Follows one log file: by rename, copytruncate, truncation and reuse of inodes, without losing or repeating
a line.

A file is known by its content, not by its name: a digest of its first line, and of the last bytes that were
read. Names and inodes change on rotation (and copytruncate makes a copy under a new inode); content does not.
A file is taken up once its first line is complete. Open files stay open, so what was renamed, compressed or
deleted meanwhile is read to its end.
"""

from __future__ import annotations

import contextlib
import hashlib
import logging
import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from nodeagent.maillog.cursor import Cursor, Place

log = logging.getLogger(__name__)

HEAD = 1024  # bytes of the first line that are its name
CHECK = 96  # bytes before the offset that must be what they were
LINE_KEPT = 32_768  # bytes of a line that are kept; the rest of a longer one is passed over
CHUNK = 1 << 20
_NOTHING = b"\0\n"
DONE_KEPT = 60  # places of files that are not read any more
_PACKED = (".gz", ".xz", ".bz2", ".zst", ".lz4")


class Lines(NamedTuple):
    """Complete lines of one file, without their newlines, with the offset of each; ``start`` to ``end`` is
    what they cover. ``latest``: for the cursor, from whoever reads them."""

    identity: str
    start: int
    end: int
    check: str
    lines: list[tuple[int, bytes]]
    latest: float = 0.0


@dataclass(slots=True, eq=False)
class _Open:
    """``at`` and ``check``: how far it was handed out, as in Place how far it was taken."""

    fd: int
    place: Place
    at: int
    check: str


class Tail:
    """``path``: the log. Call ``read``, have the lines taken, call ``commit`` in the order of the reads;
    nothing is remembered before that. More may be read before the first are taken; ``rewind`` goes back to
    what was."""

    def __init__(self, path: Path, cursor: Cursor) -> None:
        self._path, self._cursor = path, cursor
        self._rotated = re.compile(re.escape(path.name) + r"[.-][\w.-]+\Z")
        self._open: list[_Open] = []
        self.lost = 0  # files that went away before they were read to their end
        self._drained: set[str] = set()
        self._locked: set[str] = set()  # names that we may not read; said once
        self._log_head: str | None = None
        self._listing: object = None
        self._ahead: dict[str, tuple[int, str]] = {}  # how far files were handed out that are closed by now

    def close(self) -> None:
        for file in self._open:
            os.close(file.fd)
        self._open = []

    def read(self, *, max_lines: int, max_bytes: int = CHUNK) -> Lines | None:
        """The next lines, oldest file first; None if there is nothing new."""
        self._look_around()
        for file in list(self._open):
            found = _lines(file, max_lines, max_bytes)
            if found is not None:
                self._drained.discard(file.place.identity)
                file.at, file.check = found.end, found.check
                return found
            self._drained.add(file.place.identity)
        return None

    def commit(self, taken: Lines) -> None:
        """The panel has ``taken``, and all that was read before: move the cursor, durably."""
        for place in self._cursor.places:
            if place.identity == taken.identity and taken.start <= place.offset < taken.end:
                place.offset, place.check = taken.end, taken.check
                place.latest = max(place.latest, taken.latest)
                self._cursor.save()

    def rewind(self) -> None:
        """Hand out again what was not committed."""
        self._ahead.clear()
        for file in self._open:
            file.at, file.check = file.place.offset, file.place.check
            self._drained.discard(file.place.identity)

    def behind(self) -> int:
        """Bytes that are there and were not read."""
        return sum(max(0, os.fstat(file.fd).st_size - file.at) for file in self._open)

    # ---- which files are there

    def _look_around(self) -> None:
        # In this order: a copy that was made before its original was cut is among the names then.
        cut = [file for file in self._open if _cut(file)]
        names = self._names()
        listing = [(name, info.st_ino) for name, info in names]
        if listing == self._listing and not cut:
            return
        before = repr(self._cursor.places)
        for file in cut:
            self._shut(file)
        self._listing = listing if self._match(names) else None
        self._retire({info.st_ino for _name, info in names})
        if self._cursor.fresh or before != repr(self._cursor.places):
            self._cursor.save()

    def _names(self) -> list[tuple[str, os.stat_result]]:
        """The log and its rotated siblings, last written first to last; the log itself at the end."""
        found = []
        with contextlib.suppress(FileNotFoundError), os.scandir(self._path.parent) as entries:
            for entry in entries:
                rotated = self._rotated.match(entry.name) and not entry.name.endswith(_PACKED)
                if rotated or entry.name == self._path.name:
                    with contextlib.suppress(FileNotFoundError):
                        found.append((entry.name, entry.stat()))
        return sorted(found, key=lambda pair: (pair[0] == self._path.name, pair[1].st_mtime_ns, pair[0]))

    def _match(self, names: list[tuple[str, os.stat_result]]) -> bool:
        """Give every file its place: its own, or that of the content it continues, or a new one. False if a
        file was too young to be named, or is a copy of one that we are reading."""
        self._locked.intersection_update(name for name, _info in names)
        held = {os.fstat(file.fd).st_ino for file in self._open}
        self._log_head = self._first_line(self._path.name)
        waiting = [(name, info) for name, info in names if info.st_ino not in held]
        waiting = [pair for pair in waiting if not self._resume(*pair, same_inode=True)]
        waiting = [pair for pair in waiting if not self._resume(*pair, same_inode=False)]
        return not waiting and not self._locked

    def _resume(self, name: str, info: os.stat_result, *, same_inode: bool) -> bool:
        fd = self._fd(name)
        if fd is None:
            return True
        head = _head(fd)
        place = self._known(fd, head, info.st_ino if same_inode else None) if head else None
        if head and place is None and not same_inode:
            place = self._new(name, head, info.st_ino)
        if place is None or place.done:
            os.close(fd)
            return place is not None
        place.inode = info.st_ino
        at, check = self._ahead.pop(place.identity, (place.offset, place.check))
        if at > info.st_size or (check and _check(fd, at) != check):
            at, check = place.offset, place.check
        self._open.append(_Open(fd, place, at, check))
        self._open.sort(key=lambda file: self._cursor.places.index(file.place))
        return True

    def _first_line(self, name: str) -> str | None:
        fd = self._fd(name)
        if fd is None:
            return None
        try:
            return _head(fd)
        finally:
            os.close(fd)

    def _fd(self, name: str) -> int | None:
        try:
            fd = os.open(self._path.with_name(name), os.O_RDONLY | os.O_CLOEXEC)
        except FileNotFoundError:
            return None
        except PermissionError:
            if name not in self._locked:
                log.error("%s cannot be read: let the shipper's user read it; the others go on", name)
                self._locked.add(name)
            return None
        self._locked.discard(name)
        return fd

    def _known(self, fd: int, head: str, inode: int | None) -> Place | None:
        size = os.fstat(fd).st_size
        taken = {file.place.identity for file in self._open}
        for place in reversed(self._cursor.places):
            fits = place.head == head and place.offset <= size and place.identity not in taken
            if (
                fits
                and inode in {None, place.inode}
                and (not place.check or _check(fd, place.offset) == place.check)
            ):
                return place
        return None

    def _new(self, name: str, head: str, inode: int) -> Place | None:
        """A place for content never seen. A rotated file that begins like one we know is a copy being made:
        it is waited for until the original is cut, and never read from its start."""
        if name != self._path.name and (head == self._log_head or self._has(head)):
            return None
        identity = f"{inode:x}.{head}"
        again = sum(place.identity.partition("+")[0] == identity for place in self._cursor.places)
        place = Place(identity=f"{identity}+{again}" if again else identity, inode=inode, head=head)
        # The first start reads the log, not the archives that were there before us.
        place.done = self._cursor.fresh and name != self._path.name
        self._cursor.places.append(place)
        return place

    def _has(self, head: str) -> bool:
        return any(place.head == head for place in self._cursor.places)

    def _retire(self, present: set[int]) -> None:
        """Forget what is gone from the folder and read to its end. What was cut stays known, so that its
        identity is never given again."""
        reading = {file.place.identity: file for file in self._open}
        for place in list(self._cursor.places):
            file = reading.get(place.identity)
            if file is None and not place.done:
                place.done = True
                if place.identity not in self._drained:
                    self.lost += 1
                    log.error(
                        "%s: a file went away before it was read (from byte %d)",
                        self._path.name,
                        place.offset,
                    )
            if place.inode not in present and (file is None or _finished(file)):
                self._cursor.places.remove(place)
                if file is not None:
                    self._shut(file)
        for place in [place for place in self._cursor.places if place.done][:-DONE_KEPT]:
            self._cursor.places.remove(place)

    def _shut(self, file: _Open) -> None:
        self._ahead[file.place.identity] = (file.at, file.check)
        self._open.remove(file)
        os.close(file.fd)


def _finished(file: _Open) -> bool:
    return file.at == file.place.offset and _lines(file, 1, CHUNK) is None


def _cut(file: _Open) -> bool:
    """What was read is no longer there: truncated, and maybe written anew."""
    if not file.check:
        return _head(file.fd) != file.place.head
    return os.fstat(file.fd).st_size < file.at or _check(file.fd, file.at) != file.check


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:24]


def _head(fd: int) -> str | None:
    """The digest of the first line, or None while it is not complete. The hole that a writer leaves who goes
    on at his old offset, and empty lines, are no name: how long they are and what follows is."""
    data, start = os.pread(fd, HEAD, 0), 0
    while not (line := data.lstrip(_NOTHING)):
        start += len(data)
        if not data:
            return None
        data = os.pread(fd, CHUNK, start)
    start += len(data) - len(line)
    if start:
        return _head_of(os.pread(fd, HEAD, start), b"%d " % start)
    return _head_of(data)


def _head_of(data: bytes, before: bytes = b"") -> str | None:
    line, newline, _ = data[:HEAD].partition(b"\n")
    return _digest(before + line) if newline or len(data) >= HEAD else None


def _check(fd: int, offset: int) -> str:
    start = max(0, offset - CHECK)
    return _digest(os.pread(fd, offset - start, start))


def _lines(file: _Open, max_lines: int, max_bytes: int) -> Lines | None:
    start = file.at
    before = min(start, CHECK)
    # One read for what was taken before and what comes now: a file that is cut at this moment cannot slip in
    # between.
    data = os.pread(file.fd, before + max_bytes, start - before)
    if len(data) <= before:
        return None
    named = data[:1] not in {b"\0", b"\n"}
    head = _head_of(data) if named or file.check else _head(file.fd)
    known = _digest(data[:before]) == file.check if file.check else head == file.place.head
    if not known:
        return None
    whole = data.rfind(b"\n", before) + 1
    if not whole:
        return _long_line(file, data[before:]) if len(data) == before + max_bytes else None
    found: list[tuple[int, bytes]] = []
    at = before
    for line in data[before:whole].split(b"\n", max_lines)[:max_lines]:
        end = at + len(line) + 1
        if end > whole:
            break
        found.append((start - before + at, _kept(line)))
        at = end
    check = _digest(data[max(0, at - CHECK) : at])
    return Lines(file.place.identity, start, start - before + at, check, found)


def _kept(line: bytes) -> bytes:
    """Without the hole of NULs that a writer leaves who goes on at his old offset after a truncation."""
    return (line.lstrip(b"\0") if line[:1] == b"\0" else line)[:LINE_KEPT]


def _long_line(file: _Open, begin: bytes) -> Lines | None:
    """A line longer than a whole read: its beginning, once its end is there."""
    start = file.at
    at, kept = start + len(begin), _kept(begin)
    while data := os.pread(file.fd, CHUNK, at):
        newline = data.find(b"\n")
        part = data if newline < 0 else data[:newline]
        kept = kept if kept else _kept(part)
        if newline >= 0:
            end = at + newline + 1
            return Lines(file.place.identity, start, end, _check(file.fd, end), [(start, kept)])
        at += len(data)
    return None
