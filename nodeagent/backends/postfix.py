"""Mail domains: a row of the directory, shown by Postfix's own look-up (postmap, with the map of its
configuration)."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import apsw

from nodeagent.backends.base import BackendError, Proof, Result
from nodeagent.contract import MailDomain
from nodeagent.directory import Directory
from nodeagent.ledger import Held
from nodeagent.payload import Item

TIMEOUT_SECONDS = 10


class PostfixBackend:
    """``config``: the absolute configuration folder. With a relative one Postfix's tools fail while the
    daemon runs on."""

    kind = MailDomain.KIND

    def __init__(self, directory: Directory, config: Path) -> None:
        self.directory = directory
        self.config = config
        self._map = ""

    def write(self, connection: apsw.Connection, items: Sequence[Item]) -> set[str]:
        connection.executemany(
            "INSERT INTO domains(name, active) VALUES (?, ?)"
            " ON CONFLICT(name) DO UPDATE SET active = excluded.active",
            [
                (item.state.name, int(item.state.active))
                for item in items
                if isinstance(item.state, MailDomain)
            ],
        )
        connection.executemany(
            "DELETE FROM domains WHERE name = ?", [(item.parts[0],) for item in items if item.state is None]
        )
        return set()

    def prove(self, items: Sequence[Item], disturbed: set[str]) -> Mapping[str, Result]:
        # One process asks for all of them: five hundred questions cost hardly more than one.
        found = self._look_up([item.parts[0] for item in items])
        return {item.key: _verdict(item, found) for item in items}

    def lost(self, entries: Sequence[Held]) -> Iterable[str]:
        with self.directory.reading() as connection:
            there = {f"{self.kind}/{name}" for (name,) in connection.execute("SELECT name FROM domains")}
        return [entry.key for entry in entries if entry.present != (entry.key in there)]

    def _look_up(self, names: Sequence[str]) -> set[str]:
        """Which of ``names`` Postfix takes mail for."""
        done = self._run(
            ["postmap", "-c", str(self.config), "-q", "-", "--", self._domains_map()],
            stdin="".join(f"{name}\n" for name in names),
        )
        # Status 1 without a word: none was found.
        if done.returncode not in (0, 1) or done.stderr:
            raise BackendError(f"Postfix cannot look up its domains: {_last_line(done.stderr)}")
        return {line.partition("\t")[0] for line in done.stdout.splitlines()}

    def _domains_map(self) -> str:
        if not self._map:
            done = self._run(["postconf", "-c", str(self.config), "-xh", "virtual_mailbox_domains"])
            if done.returncode or not done.stdout.strip():
                raise BackendError(f"Postfix does not name its map of domains: {_last_line(done.stderr)}")
            name = done.stdout.split()[0].rstrip(",")
            # proxymap's socket is closed to everyone but root and Postfix; the map behind it is the same
            # file.
            self._map = name if os.geteuid() == 0 else name.removeprefix("proxy:")
        return self._map

    @staticmethod
    def _run(argv: list[str], stdin: str = "") -> subprocess.CompletedProcess[str]:
        try:
            return subprocess.run(
                argv,
                input=stdin,
                capture_output=True,
                text=True,
                errors="replace",
                timeout=TIMEOUT_SECONDS,
                check=False,
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise BackendError(f"{argv[0]} did not run on the node: {type(error).__name__}") from error


def _verdict(item: Item, found: set[str]) -> Result:
    name = item.parts[0]
    wanted = isinstance(item.state, MailDomain) and item.state.active
    if wanted == (name in found):
        return Proof(text="found by postmap" if wanted else "not found by postmap, as it should be")
    if wanted:
        return BackendError(f"Postfix does not take mail for {name} yet although the directory has it.")
    return BackendError(f"Postfix still takes mail for {name} although the directory does not have it.")


def _last_line(text: str) -> str:
    lines = text.strip().splitlines()
    return lines[-1][:300] if lines else "no reason given"
