"""Processes of an earlier start of the same instance, found exactly: ours and nobody else's.

Ours carry ``POSTROOM_STATE=<folder>`` in the environment they were started with. Servers that wipe theirs
(Postfix, Dovecot, PostgreSQL) are known by their program and by their working folder, which lies in this
instance and not in one inside it. Root without CAP_SYS_PTRACE (in a container) may read neither of another
user's process; then it is ours when it is in the session that our supervisord began, and no older.
"""

from __future__ import annotations

import contextlib
import os
import signal
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from deploy.stack.layout import MARKER, MARKER_FILE

SERVERS = (
    "/usr/lib/postgresql/",
    "/usr/lib/postfix/",
    "/usr/lib/dovecot/",
    "/usr/sbin/dovecot",
    "/usr/bin/redis-",
    "/usr/bin/rspamd",
    "/usr/sbin/pdns_server",
    "/usr/bin/caddy",
)
SUPERVISOR_SECONDS = 15
POLITE_SECONDS = KILL_SECONDS = 6
SESSION = Path("run") / "session"


def find(root: Path, proc: Path = Path("/proc")) -> list[int]:
    """The process numbers of this instance's leftovers; never this process or one it descends from."""
    spared = set(_ancestors(proc))
    return [pid for pid in _pids(proc) if pid not in spared and _belongs(proc / str(pid), root)]


def _pids(proc: Path) -> Iterator[int]:
    for entry in proc.iterdir():
        if entry.name.isdecimal():
            yield int(entry.name)


def _ancestors(proc: Path) -> Iterator[int]:
    pid = os.getpid()
    while pid > 0:
        yield pid
        try:
            pid = _numbers(proc / str(pid)).parent
        except (OSError, ValueError, IndexError):
            return


class _Numbers(NamedTuple):
    parent: int
    session: int
    started: int  # clock ticks after the machine's start


def _numbers(process: Path) -> _Numbers:
    """What proc(5) tells everybody about a process."""
    text = (process / "stat").read_text(encoding="utf-8", errors="replace")
    # The name in brackets may hold anything, so count from its end: state, parent, group, session, …
    fields = text.rpartition(")")[2].split()
    return _Numbers(parent=int(fields[1]), session=int(fields[3]), started=int(fields[19]))


def remember_session(root: Path, pid: int) -> None:
    """Note the session that supervisord (``pid``) leads, before it starts anything."""
    started = _numbers(Path(f"/proc/{pid}")).started
    (root / SESSION).write_text(f"{_boot()} {pid} {started}\n", encoding="ascii")


def _in_session(process: Path, root: Path) -> bool:
    try:
        boot, pid, started = (root / SESSION).read_text(encoding="ascii").split()
        numbers, leader = _numbers(process), process.parent / pid
        if leader.exists() and _numbers(leader).started != int(started):
            return False  # the number was given again, to somebody else
    except (OSError, ValueError):
        return False
    return boot == _boot() and numbers.session == int(pid) and numbers.started >= int(started)


def _boot() -> str:
    return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()


def _belongs(process: Path, root: Path) -> bool:
    try:
        if f"{MARKER}={root}".encode() in (process / "environ").read_bytes().split(b"\0"):
            return True
        program = _readlink(process / "exe")
        return program.startswith(SERVERS) and _instance(Path(_readlink(process / "cwd")), root) == root
    except PermissionError:
        return _in_session(process, root)
    except OSError:
        return False  # gone meanwhile, or a kernel thread


def _readlink(link: Path) -> str:
    return os.readlink(link).removesuffix(" (deleted)")


def _instance(folder: Path, root: Path) -> Path | None:
    """The innermost instance that ``folder`` lies in, as far as ``root``."""
    if root != folder and root not in folder.parents:
        return None
    for place in (folder, *folder.parents):
        if place == root or (place / MARKER_FILE).exists():
            return place
    return None


def stop(root: Path) -> list[int]:
    """Stop all leftovers: supervisord first, which stops its children in order; then politely; then for good.

    Gives the numbers of those found. Raises nothing: what survives SIGKILL is the kernel's.
    """
    found = find(root)
    supervisors = [pid for pid in found if _is_supervisor(pid)]
    _signal(supervisors, signal.SIGTERM)
    _wait_for(root, supervisors, SUPERVISOR_SECONDS)
    rest = find(root)
    _signal([pid for pid in rest if not _is_postgres(pid)], signal.SIGTERM)
    _signal([pid for pid in rest if _is_postgres(pid)], signal.SIGINT)
    _wait_for(root, rest, POLITE_SECONDS)
    deadline = time.monotonic() + KILL_SECONDS
    while (rest := find(root)) and time.monotonic() < deadline:
        _signal(rest, signal.SIGKILL)
        time.sleep(0.05)
    return found


def _is_supervisor(pid: int) -> bool:
    return b"supervisor.supervisord" in _command_line(pid)


def _is_postgres(pid: int) -> bool:
    return _command_line(pid)[:1] == [b"/usr/lib/postgresql/15/bin/postgres"]


def _command_line(pid: int) -> list[bytes]:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except OSError:
        return []


def _signal(pids: Iterable[int], number: signal.Signals) -> None:
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)


def _wait_for(root: Path, pids: list[int], seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while pids and time.monotonic() < deadline:
        pids = [pid for pid in find(root) if pid in pids]
        if pids:
            time.sleep(0.05)
