"""How much of its sending limits a login or a domain has used."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import apsw

from nodeagent.backends.base import BackendError
from nodeagent.directory import BUSY_MS, Directory
from nodeagent.node import Node
from nodeagent.policy.counts import read_sent
from nodeagent.policy.decision import COLUMNS, Level, levels

_WHO = re.compile(r"[^\x00-\x20\x7f]{0,64}@[^\x00-\x20\x7f@]{1,253}")


def sending(node: Node, args: Mapping[str, Any]) -> list[dict[str, Any]]:
    """``login``: an address, or ``@domain`` for that and its account → a list of levels: ``level``,
    ``scope``, ``figures`` and ``refused``: the last mail that was stopped here, or None. A figure: ``name``
    as a column of limits, ``most`` (0: none), ``used``, ``frees``: the Unix second from which one more fits
    (0: now)."""
    login = args.get("login")
    if not isinstance(login, str) or not _WHO.fullmatch(login):
        raise BackendError("The question does not fit this node's agent.")
    path = node.config.mail.policy_db if node.config.mail else None
    if path is None or not path.exists():
        raise BackendError("This node does not count what is sent.")
    reader = Directory(node.config.directory).reader()
    try:
        found = levels(reader, login)
    finally:
        reader.close()
    return _used(path, [level for level in found if not level.scope.startswith("@")])


def _used(path: Path, found: list[Level]) -> list[dict[str, Any]]:
    file = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READONLY)
    file.set_busy_timeout(BUSY_MS)
    try:
        return [_level(file, level, int(time.time() // 60)) for level in found]
    finally:
        file.close()


def _level(file: apsw.Connection, level: Level, minute: int) -> dict[str, Any]:
    sent = read_sent(file, level.scope, minute)
    figures = []
    for (name, place, span), most in zip(COLUMNS, [*level.most, 0, 0, 0, 0, 0], strict=False):
        window = sent.hour if span == "hour" else sent.day
        used = window.sums[place]
        frees = window.frees(place, most, 1) or 0 if most else 0
        figures.append({"name": name, "most": most, "used": used, "frees": frees})
    return {
        "level": level.name,
        "scope": level.scope,
        "figures": figures,
        "refused": _refused(file, level.scope),
    }


def _refused(file: apsw.Connection, scope: str) -> dict[str, Any] | None:
    columns = ("at", "login", "level", "figure", "most", "used", "frees")
    rows = file.execute(
        "SELECT at, login, level, figure, most, used, frees FROM refused WHERE scope = ?", (scope,)
    )
    for row in rows:
        return dict(zip(columns, row, strict=True))
    return None
