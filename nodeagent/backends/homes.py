"""Mail folders that are no longer wanted: moved aside in one step, then removed.

``MAIL_ROOT/.removed/<domain>/<name>``: nothing signs in there and nothing is delivered there. A removal that
was cut short at any moment is found at the same place and goes on.
"""

from __future__ import annotations

import contextlib
import os
import stat
import threading
import time
from collections.abc import Iterable, Sequence
from pathlib import Path

from nodeagent.backends.base import BackendError, Proof
from nodeagent.contract import Home
from nodeagent.directory import Directory
from nodeagent.ledger import Held
from nodeagent.payload import Item

ASIDE = ".removed"  # no part of a home starts with a dot
TURN_SECONDS = 0.2
REMOVE_SECONDS = 2.0

# The folder itself, one in it, one that it is in.
_IN_USE = (
    "SELECT address FROM mailboxes WHERE home = ?1 OR substr(home, 1, length(?1) + 1) = ?1 || '/'"
    " OR substr(?1, 1, length(home) + 1) = home || '/' LIMIT 1"
)


class HomesBackend:
    """``root``: MAIL_ROOT. Large folders are removed one at a time and a few seconds at a time: until all is
    gone the push is answered with how far it got, and mailboxes and zones never wait behind it."""

    kind = Home.KIND

    def __init__(self, directory: Directory, root: Path, *, seconds: float = REMOVE_SECONDS) -> None:
        self.directory = directory
        self.root = root
        self.seconds = seconds
        self._turn = threading.Lock()

    def apply(self, item: Item) -> Proof:
        domain, name = item.parts
        if isinstance(item.state, Home):
            return Proof(text="kept")
        if not self._turn.acquire(timeout=TURN_SECONDS):
            raise BackendError("The node is still removing the mail of others; this comes next.")
        try:
            self._remove(domain, name)
        except OSError as error:
            raise BackendError(f"The node cannot remove {domain}/{name}: {error.strerror}.") from error
        finally:
            self._turn.release()
        return Proof(text="mail folder not there, as it should be")

    def lost(self, entries: Sequence[Held]) -> Iterable[str]:
        """A folder that came back, from a backup for example."""
        gone = [entry.key for entry in entries if not entry.present]
        return [key for key in gone if os.path.lexists(self.root / key.removeprefix(f"{self.kind}/"))]

    def _remove(self, domain: str, name: str) -> None:
        home, aside = self.root / domain / name, self.root / ASIDE / domain / name
        end = time.monotonic() + self.seconds
        _empty(aside, end)  # what an earlier try left: the place must be free
        self._put_aside(home, aside)
        _empty(aside, end)
        with contextlib.suppress(OSError):  # others of this domain are being removed
            aside.parent.rmdir()
        if os.path.lexists(home) or os.path.lexists(aside):
            raise BackendError(f"The mail folder {domain}/{name} is there again.")

    def _put_aside(self, home: Path, aside: Path) -> None:
        """Nobody can be given this folder meanwhile: mailboxes change in the same kind of transaction."""
        path = str(home.relative_to(self.root))
        with self.directory.writing() as connection:
            for (address,) in connection.execute(_IN_USE, (path,)):
                raise BackendError(f"{path} is the mail folder of {address}, which is there.", permanent=True)
            if home.parent.is_symlink():
                raise BackendError(
                    f"{home.parent.name} is a link on the node, so nothing is removed behind it."
                )
            if not os.path.lexists(home):
                return
            aside.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            home.rename(aside)
            if not connection.execute(_IN_USE, (home.parent.name,)).fetchall():
                with contextlib.suppress(OSError):  # other folders wait there for their day
                    home.parent.rmdir()


def _empty(folder: Path, end: float) -> None:
    """Remove ``folder`` and all in it. Raises BackendError at ``end`` (monotonic) while something is left."""
    if not os.path.lexists(folder):
        return
    if not stat.S_ISDIR(folder.lstat().st_mode):
        folder.unlink()
        return
    for _path, folders, files, at in os.fwalk(folder, topdown=False, onerror=_raise):
        for name in files:
            if time.monotonic() > end:
                raise BackendError("The mail folder is moved aside and being removed; there is much in it.")
            os.unlink(name, dir_fd=at)
        for name in folders:
            try:
                os.rmdir(name, dir_fd=at)
            except NotADirectoryError:  # a link to one
                os.unlink(name, dir_fd=at)
    folder.rmdir()


def _raise(error: OSError) -> None:
    raise error
