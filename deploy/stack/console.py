"""What a person sees while bin/up works: one line a step, with its seconds."""

from __future__ import annotations

import sys
import threading
from pathlib import Path

from deploy.stack.layout import Failure

_lock = threading.Lock()
COLOUR = sys.stdout.isatty()
LAST_LINES = 15


def say(text: str = "") -> None:
    with _lock:
        print(text, flush=True)


def done(label: str, seconds: float, note: str = "") -> None:
    say(f"  {_mark('✓', 32)} {label:<34}{seconds:6.1f} s{'  ' + note if note else ''}")


def waiting(labels: list[str], seconds: float) -> None:
    say(f"  … {seconds:.0f} s: {', '.join(labels)}")


def failed(error: Failure, label: str = "") -> None:
    """Which part, why, the last lines of its log and where that log is; on standard error."""
    error.told = True
    with _lock:
        print(f"  {_mark('✗', 31)} {label + ': ' if label else ''}{error}", file=sys.stderr)
        if error.log and error.log.exists():
            for line in last_lines(error.log):
                print(f"      {line}", file=sys.stderr)
            print(f"    The whole log: {error.log}", file=sys.stderr)
        sys.stderr.flush()


def last_lines(log: Path, count: int = LAST_LINES) -> list[str]:
    """The end of ``log``, however long it is."""
    with log.open("rb") as handle:
        handle.seek(max(0, log.stat().st_size - 20_000))
        return handle.read().decode("utf-8", "replace").splitlines()[-count:]


def _mark(sign: str, colour: int) -> str:
    return f"\x1b[{colour}m{sign}\x1b[0m" if COLOUR else sign
