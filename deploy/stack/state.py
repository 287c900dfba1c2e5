"""Choosing the state folder of an instance, and the user of its Python."""

from __future__ import annotations

import fcntl
import hashlib
import os
import stat
import subprocess
from pathlib import Path

from deploy.stack.files import folder
from deploy.stack.layout import CODE, MARKER_FILE, PLAIN_PATH, PYTHON, SYSTEM_USER, Failure
from deploy.stack.program import as_user

ELSEWHERE = Path("/var/lib")
DEFAULT = CODE / "var"


class Busy(Exception):
    """Another bin/up holds this instance; ``pid`` is its number, or 0."""

    def __init__(self, pid: int) -> None:
        super().__init__(f"held by {pid}")
        self.pid = pid


def settle(asked: Path, elsewhere: Path = ELSEWHERE) -> Path:
    """The real path of the state folder ``asked``, made if need be.

    The servers run as users of their own. Where these cannot reach ``asked``, or its path cannot stand in
    their configuration, it becomes a symbolic link to a folder under ``elsewhere``.
    """
    asked = asked.absolute()
    if DEFAULT in asked.parents:
        settle(DEFAULT, elsewhere)
    if not asked.exists():
        real = asked.parent.resolve() / asked.name
        if usable(real):
            real.mkdir(parents=True)
        else:
            digest = hashlib.sha256(str(real).encode()).hexdigest()[:8]
            target = folder(elsewhere / f"postroom-{digest}")
            asked.unlink(missing_ok=True)  # a link whose target is gone
            asked.symlink_to(target)
    root = asked.resolve()
    if not usable(root):
        raise Failure(
            f"{root} cannot be reached by the mail servers' users; move it away (mv) and start again"
        )
    root.chmod(0o755)
    (root / MARKER_FILE).touch()
    return root


def usable(path: Path) -> bool:
    """Whether every user may pass to ``path`` (made with 0755), and its name is plain."""
    if not PLAIN_PATH.fullmatch(str(path)):
        return False
    existing = [parent for parent in path.parents if parent.exists()]
    return all(parent.stat().st_mode & stat.S_IXOTH for parent in existing)


def existing(asked: Path) -> Path:
    """The real path of a state folder that some bin/up has made. Raises Failure when there is none."""
    if not (asked / MARKER_FILE).exists():
        raise Failure(f"nothing was ever started in {asked}")
    return asked.resolve()


def python_user() -> str:
    """Who runs our own Python: ``postroom`` (made if need be), or root if that cannot read the checkout."""
    if subprocess.run(["id", "-u", SYSTEM_USER], capture_output=True, check=False).returncode:
        subprocess.run(
            ["useradd", "--system", "--user-group", "--no-create-home", "--home-dir", "/nonexistent",
             "--shell", "/usr/sbin/nologin", SYSTEM_USER],
            check=True, capture_output=True,
        )  # fmt: skip
    probe = as_user(SYSTEM_USER, [str(PYTHON), "-c", "import django, deploy.stack.layout"])
    done = subprocess.run(
        probe, cwd=CODE if os.access(CODE, os.X_OK) else "/", capture_output=True, check=False
    )
    return "root" if done.returncode else SYSTEM_USER


def lock(root: Path) -> int:
    """Hold the instance for this process. Gives the descriptor, which must stay open. Raises Busy."""
    path = folder(root / "run") / "up.lock"
    descriptor = os.open(path, os.O_CREAT | os.O_RDWR, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        text = os.pread(descriptor, 20, 0).decode("ascii", "replace").strip()
        os.close(descriptor)
        raise Busy(int(text) if text.isdecimal() else 0) from None
    os.ftruncate(descriptor, 0)
    os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
    return descriptor
