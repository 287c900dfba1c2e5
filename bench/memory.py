"""The memory of all our own Python processes of the instance, shared pages counted once (proportional set
size)."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from bench.figures import say
from bench.stack import Stack

PROC = Path("/proc")


def run(stack: Stack) -> dict[str, float]:
    """Keys ``pss_mb`` (MiB) and ``processes``. Needs the right to read the processes' /proc files: root, or
    their user."""
    found = [(pid, _pss_kib(pid), _name(pid)) for pid in ours(str(stack.raw["state"]))]
    for pid, kib, name in sorted(found, key=lambda row: -row[1]):
        say(f"{kib / 1024:7.1f} MiB  {pid:>7}  {name}")
    return {"pss_mb": round(sum(kib for _, kib, _ in found) / 1024, 1), "processes": len(found)}


def ours(state: str) -> Iterator[int]:
    """Python processes that carry the instance's marker in the environment they were started with."""
    marker = f"POSTROOM_STATE={state}".encode()
    for entry in PROC.iterdir():
        if not entry.name.isdecimal() or int(entry.name) == os.getpid():
            continue
        try:
            python = "python" in Path(os.readlink(entry / "exe")).name
            marked = python and marker in (entry / "environ").read_bytes().split(b"\0")
        except OSError:
            continue  # gone meanwhile, a kernel thread, or somebody else's
        if marked or (python and _follows(entry, state)):
            yield int(entry.name)


def _follows(entry: Path, state: str) -> bool:
    """bin/up in the foreground, whose environment is the person's own."""
    argv = (entry / "cmdline").read_bytes().split(b"\0")
    return b"deploy.stack" in argv and state.encode() in argv


def _pss_kib(pid: int) -> int:
    for line in (PROC / str(pid) / "smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1])
    return 0


def rss_kib(pid: int) -> int:
    """What the process holds in memory now, shared pages included; 0 when it is gone."""
    try:
        text = (PROC / str(pid) / "status").read_text()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in text.splitlines() if line.startswith("VmRSS:")), 0)


def _name(pid: int) -> str:
    argv = (PROC / str(pid) / "cmdline").read_bytes().replace(b"\0", b" ").decode("utf-8", "replace")
    return " ".join(argv.split()[1:6])[:90]
