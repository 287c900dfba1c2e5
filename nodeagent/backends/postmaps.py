"""Asking Postfix's own maps, as its servers do (postmap, with the maps of its configuration)."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterable, Sequence
from pathlib import Path

from nodeagent.backends.base import BackendError

TIMEOUT_SECONDS = 10


class PostfixMaps:
    """``config``: the absolute configuration folder. With a relative one Postfix's tools fail while the
    daemon runs on. The maps lie beside each other."""

    def __init__(self, config: Path) -> None:
        self.config = config
        self._place = ""

    def found(self, name: str, keys: Iterable[str]) -> set[str]:
        """Which of ``keys`` the map ``name`` (senders, suspended) has. Raises BackendError."""
        return set(self.answers([name], keys))

    def answers(self, names: Sequence[str], keys: Iterable[str]) -> dict[str, str]:
        """What the first of the maps ``names`` that has it says of each of ``keys``. Raises BackendError."""
        maps = [f"{self._maps()}/{name}.cf" for name in names]
        # One process asks for all of them: five hundred questions cost hardly more than one.
        done = self._run(
            ["postmap", "-c", str(self.config), "-q", "-", "--", *maps],
            stdin="".join(f"{key}\n" for key in keys),
        )
        # Status 1 without a word: none was found.
        if done.returncode not in (0, 1) or done.stderr:
            raise BackendError(f"Postfix cannot look up its {', '.join(names)}: {_last_line(done.stderr)}")
        found = (line.partition("\t") for line in done.stdout.splitlines())
        return {key: value for key, _tab, value in found}

    def _maps(self) -> str:
        if not self._place:
            done = self._run(["postconf", "-c", str(self.config), "-xh", "virtual_mailbox_domains"])
            if done.returncode or not done.stdout.strip():
                raise BackendError(f"Postfix does not name its map of domains: {_last_line(done.stderr)}")
            place = done.stdout.split()[0].rstrip(",").rpartition("/")[0]
            # proxymap's socket is closed to everyone but root and Postfix; the map behind it is the same
            # file.
            self._place = place if os.geteuid() == 0 else place.removeprefix("proxy:")
        return self._place

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


def _last_line(text: str) -> str:
    lines = text.strip().splitlines()
    return lines[-1][:300] if lines else "no reason given"
