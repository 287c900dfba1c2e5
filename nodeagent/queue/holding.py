"""What a Hold does to the queue: the mails of that login are held, and let go when it ends."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from nodeagent.backends.base import BackendError, Proof, Result
from nodeagent.directory import Directory
from nodeagent.payload import Item
from nodeagent.queue.client import ask_keeper

HELD = "sending refused, its mail held in the queue"
LET_GO = "sending allowed, its mail let go"

# Identities that nobody else sends as: whose mail it is, the queue does not say.
_ALONE = """
SELECT i.sender FROM identities AS i WHERE i.login = ?
AND NOT EXISTS (SELECT 1 FROM mailboxes AS m WHERE m.address = i.sender)
AND NOT EXISTS (SELECT 1 FROM identities AS o WHERE o.sender = i.sender AND o.login <> i.login)
"""


class Holder:
    """Asked when the rows of Holds are written (backends.tables.TableBackend)."""

    def __init__(self, directory: Directory, socket: Path | None) -> None:
        self.directory = directory
        self.socket = socket

    def __call__(self, items: Sequence[Item]) -> Mapping[str, Result]:
        return {item.key: self._one(item) for item in items}

    def _one(self, item: Item) -> Result:
        do, said = ("release", LET_GO) if item.state is None else ("hold", HELD)
        try:
            ask_keeper(self.socket, do, senders=self._senders(item.parts[0]))
        except BackendError as error:
            return error
        return Proof(text=said)

    def _senders(self, login: str) -> list[str]:
        with self.directory.reading() as connection:
            rows = connection.execute(_ALONE, (login,))
            others = [str(sender) for (sender,) in rows]
            local, _at, domain = login.rpartition("@")
            names = connection.execute("SELECT name FROM domains WHERE alias_of = ?", (domain,))
            return [login, *others, *(f"{local}@{name}" for (name,) in names)]
