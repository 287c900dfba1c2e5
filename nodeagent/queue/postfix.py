"""Postfix's own tools, as root: what the keeper runs."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO, AnyStr

from nodeagent.queue.flushing import flush

TOOL_SECONDS = 60
HEADER_BYTES = 64 * 1024
# What postsuper(1) calls it.
FLAGS = {"hold": "-h", "release": "-H", "delete": "-d"}


class Postfix:
    """``config``: its absolute configuration folder. All raise OSError or SubprocessError."""

    def __init__(self, config: Path) -> None:
        self.config = str(config)
        self._queue: Path | None = None

    @property
    def queue(self) -> Path:
        """Its queue folder."""
        if self._queue is None:
            self._queue = Path(self._run(["postconf", "-c", self.config, "-h", "queue_directory"]).strip())
        return self._queue

    def listing(self) -> Iterator[str]:
        """A line of JSON a mail, as they come: a hundred thousand are never in memory."""
        argv = ["postqueue", "-c", self.config, "-j"]
        with subprocess.Popen(
            argv, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, errors="replace"
        ) as running:
            try:
                yield from _out(running)
            finally:
                _out(running).close()
                running.terminate()
        if running.returncode > 0:
            raise subprocess.CalledProcessError(running.returncode, argv)

    def change(self, do: str, ids: Sequence[str]) -> None:
        """``hold``, ``release`` or ``delete``."""
        self._run(["postsuper", "-c", self.config, FLAGS[do], "-"], stdin="".join(f"{one}\n" for one in ids))

    def deliver(self, ids: Sequence[str]) -> None:
        flush(self.queue / "public" / "flush", ids)

    def headers(self, queue_id: str) -> bytes:
        """The first HEADER_BYTES + 1 of them."""
        argv = ["postcat", "-c", self.config, "-qh", "--", queue_id]
        with subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as running:
            head = _out(running).read(HEADER_BYTES + 1)
            _out(running).close()
            if len(head) > HEADER_BYTES:
                running.terminate()
                return head
        if running.returncode:
            raise subprocess.CalledProcessError(running.returncode, argv)
        return head

    @staticmethod
    def _run(argv: list[str], stdin: str = "") -> str:
        done = subprocess.run(
            argv,
            input=stdin,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=TOOL_SECONDS,
            check=True,
        )
        return done.stdout


def _out(running: subprocess.Popen[AnyStr]) -> IO[AnyStr]:
    """Its standard output, which was asked for."""
    if running.stdout is None:
        raise OSError("no output")
    return running.stdout
