"""Sieve scripts (RFC 5228) that run before a mailbox user's own: files below ``MAIL_ROOT/.rules``, compiled
by ``sievec`` with the extensions that Dovecot has.

``.rules/<domain>/<local>.sieve`` is that of an address, ``.rules/<domain>/@.sieve`` that of a domain (no
local part has an @); Dovecot finds both by ``sieve_before``, and a file that is not there is nothing to it.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import subprocess
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path

from nodeagent.backends.base import BackendError, Proof
from nodeagent.contract import Script
from nodeagent.ledger import Held
from nodeagent.payload import Item

RULES = ".rules"  # no part of a home starts with a dot
SIEVEC = "/usr/bin/sievec"
SECONDS = 20.0
COMPLAINT_CHARACTERS = 800
# What Dovecot's programs need: without a PATH they do not start.
ENVIRONMENT = {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"}


class ScriptsBackend:
    """``root``: MAIL_ROOT. ``config``: the part of Dovecot's configuration about Sieve, which ``sievec`` is
    given too: what it compiles is what Dovecot runs."""

    kind = Script.KIND

    def __init__(self, root: Path, config: Path) -> None:
        self.rules = root / RULES
        self.config = config

    def apply(self, item: Item) -> Proof:
        path = self._path(item.parts[0])
        try:
            if not isinstance(item.state, Script):
                return self._remove(path)
            return self._write(path, item.state.text.encode())
        except OSError as error:
            text = f"The node cannot write the rules of {item.parts[0]}: {error.strerror}."
            raise BackendError(text) from error

    def lost(self, entries: Sequence[Held]) -> Iterable[str]:
        """Gone, changed by hand, or there again."""
        for entry in entries:
            content = _content(self._path(entry.key.removeprefix(f"{self.kind}/")))
            wanted = str(entry.facts.get("sha256", "")) if entry.present else None
            if (None if content is None else _digest(content)) != wanted:
                yield entry.key

    def _path(self, owner: str) -> Path:
        local, _, domain = owner.rpartition("@")
        return self.rules / domain / f"{local or '@'}.sieve"

    def _remove(self, path: Path) -> Proof:
        path.unlink(missing_ok=True)
        _binary(path).unlink(missing_ok=True)
        with contextlib.suppress(OSError):  # others of this domain are there
            path.parent.rmdir()
        return Proof(text="no rules there, as it should be")

    def _write(self, path: Path, content: bytes) -> Proof:
        new = self._laid_out(path, content)
        try:
            self._compile(new)
            # A binary counts as that of its script while it is not older, to the second: no old one stays.
            _binary(path).unlink(missing_ok=True)
            new.replace(path)
        finally:
            new.unlink(missing_ok=True)
            _binary(new).unlink(missing_ok=True)
        self._compile(path)
        if _content(path) != content or not _binary(path).exists():
            raise BackendError("The rules on the node are not as they were written.")
        return Proof(text="compiled by sievec where Dovecot runs it", facts={"sha256": _digest(content)})

    def _laid_out(self, path: Path, content: bytes) -> Path:
        """The script beside its place, under a name that nothing runs; its folder is made."""
        for last in (False, True):
            try:
                path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                handle, name = tempfile.mkstemp(dir=path.parent, prefix="@new-", suffix=".sieve")
                break
            except FileNotFoundError:  # removed with its last script, just now
                if last:
                    raise
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(handle)
        self._give(path.parent, Path(name))
        return Path(name)

    def _compile(self, path: Path) -> None:
        """Raises BackendError with what sievec says."""
        try:
            done = subprocess.run(
                [SIEVEC, "-c", str(self.config), "--", str(path), str(_binary(path))],
                capture_output=True,
                text=True,
                errors="replace",
                check=False,
                stdin=subprocess.DEVNULL,
                env=ENVIRONMENT,
                timeout=SECONDS,
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise BackendError("The node's sievec does not run, so no rules can be changed.") from error
        if done.returncode:
            raise BackendError(
                f"The node refuses these rules: {complaint(done.stderr, path)}", permanent=True
            )
        self._give(_binary(path))

    def _give(self, *paths: Path) -> None:
        """An agent that is root writes for the mail user, who owns the folder of all."""
        if os.geteuid() == 0:
            owner = self.rules.stat()
            for path in paths:
                os.chown(path, owner.st_uid, owner.st_gid)


def complaint(text: str, path: Path) -> str:
    """What sievec wrote, without our file's name and the program's own. One line."""
    plain = text.replace(f"{path.stem}: ", "").splitlines()
    lines = [re.sub(r"^sievec\([^)]*\): (?:Fatal|Error|Info): ", "", line) for line in plain]
    return " ".join(" ".join(line for line in lines if str(path) not in line).split())[:COMPLAINT_CHARACTERS]


def _binary(path: Path) -> Path:
    return path.with_suffix(".svbin")


def _content(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
