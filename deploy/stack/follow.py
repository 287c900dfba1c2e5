"""One readable log of everything, and the wait for Ctrl-C. A small process: starting needs much more."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

PAUSE = 0.4


class Tail:
    """The new whole lines of one log file, across rotation by rename and by truncation."""

    def __init__(self, path: Path, name: str) -> None:
        self.path, self.name = path, name
        self.rest = b""
        self.handle: BinaryIO | None = None
        self._open(at_end=True)

    def _open(self, *, at_end: bool) -> None:
        try:
            self.handle = self.path.open("rb")
        except OSError:
            self.handle = None
            return
        if at_end:
            self.handle.seek(0, os.SEEK_END)

    def lines(self) -> Iterator[str]:
        if self.handle is None:
            self._open(at_end=False)
        if self.handle is None:
            return
        yield from self._read()
        try:
            now = self.path.stat()
        except FileNotFoundError:
            return
        if now.st_ino != os.fstat(self.handle.fileno()).st_ino:
            self.close()
            self._open(at_end=False)
            yield from self._read()
        elif now.st_size < self.handle.tell():
            self.handle.seek(0)

    def close(self) -> None:
        if self.handle:
            self.handle.close()
        self.handle = None

    def _read(self) -> Iterator[str]:
        if self.handle is None:
            return
        *whole, self.rest = (self.rest + self.handle.read()).split(b"\n")
        for line in whole:
            yield line.decode("utf-8", "replace")


def logs(root: Path) -> dict[str, Path]:
    """The logs to show, by the name of the program that writes each."""
    found = {path.stem: path for path in sorted((root / "log").glob("*.log"))}
    found |= {path.stem: path for path in sorted(root.glob("*/log/**/*.log"))}
    found["postfix"] = found.pop("mail", found.get("postfix", root / "log" / "postfix.log"))
    return found


def follow(root: Path, supervisor_pid: int) -> None:
    """Print new lines until supervisord ends. KeyboardInterrupt passes through."""
    tails = [Tail(path, name) for name, path in logs(root).items()]
    width = max(len(tail.name) for tail in tails)
    while Path(f"/proc/{supervisor_pid}").exists():
        for tail in tails:
            for line in tail.lines():
                print(f"{tail.name:<{width}} | {printable(line)}", flush=True)
        time.sleep(PAUSE)


def printable(line: str) -> str:
    """Without control characters: what a stranger put into a log must not steer the terminal."""
    return "".join(character if character.isprintable() or character == "\t" else "�" for character in line)
