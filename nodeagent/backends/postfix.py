"""Mail domains: a row of the directory, shown by Postfix's own look-ups; live sessions end when a domain's
mailboxes may sign in no longer."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Executor
from pathlib import Path
from typing import Any

import apsw

from nodeagent.backends.base import BackendError, Proof, Result, sample
from nodeagent.backends.postmaps import PostfixMaps
from nodeagent.contract import BACKUP, LOCAL, OFF, REMOTE, MailDomain
from nodeagent.directory import Directory
from nodeagent.ledger import Held
from nodeagent.payload import Item

Kick = Callable[[Sequence[str]], Mapping[str, BackendError]]
COLUMNS = (
    "name, active, sign_in, receive, send, pop3, reason, account, sends_per_hour, routing,"
    " catch_all, plus, alias_of"
)
NAMES = COLUMNS.split(", ")
_READ = f"SELECT {COLUMNS} FROM domains WHERE name IN (SELECT value FROM json_each(?))"  # noqa: S608 (constant)
_WRITE = f"INSERT OR REPLACE INTO domains({COLUMNS}) VALUES ({', '.join('?' * len(NAMES))})"  # noqa: S608 (constant)
_MAPS = ("domains", "backups", "off")  # of a domain that is active, at most one has it; REMOTE is in none
# For each domain one mailbox that nothing of its own keeps from sending or receiving.
_AWAKE = """
    SELECT substr(address, instr(address, '@') + 1) AS domain, min(address) FROM mailboxes
    WHERE domain IN (SELECT value FROM json_each(?)) AND sign_in = 1 AND receive = 1 AND send = 1
    GROUP BY domain
"""


PROOFS = {
    "": "not found by postmap, as it should be",
    LOCAL: "found by postmap",
    BACKUP: "found by postmap as a backup",
    REMOTE: "not found by postmap, left to its own mail servers",
    OFF: "refused by postmap's answer",
}


class PostfixBackend:
    """``kick`` ends the sessions of masks and says where that failed, in ``executor``, while the proof is
    made."""

    kind = MailDomain.KIND

    def __init__(self, directory: Directory, config: Path, kick: Kick, executor: Executor) -> None:
        self.directory = directory
        self.maps = PostfixMaps(config)
        self.kick = kick
        self.executor = executor

    def write(self, connection: apsw.Connection, items: Sequence[Item]) -> set[str]:
        before = _rows(connection, items)
        wanted = {item.key: _row(item.state) for item in items if isinstance(item.state, MailDomain)}
        connection.executemany(_WRITE, list(wanted.values()))
        connection.executemany(
            "DELETE FROM domains WHERE name = ?", [(item.parts[0],) for item in items if item.state is None]
        )
        return {
            item.key
            for item in items
            if item.parts[0] in before and _ends_sessions(before[item.parts[0]], wanted.get(item.key))
        }

    def prove(self, items: Sequence[Item], disturbed: set[str]) -> Mapping[str, Result]:
        kicked = [item for item in items if item.key in disturbed and _keeps_out(item.state)]
        masks = [f"*@{item.parts[0]}" for item in kicked]
        kicks = self.executor.submit(self.kick, masks) if masks else None
        found = self.maps.answers(_MAPS, [item.parts[0] for item in items])
        results = {item.key: _verdict(item, found) for item in items}
        results |= self._read_back(items)
        results |= self._ask_switches(
            [item for item in sample(items) if isinstance(results[item.key], Proof)]
        )
        failed = kicks.result() if kicks else {}
        for item, mask in zip(kicked, masks, strict=True):
            if mask in failed and isinstance(results[item.key], Proof):
                results[item.key] = failed[mask]
        return results

    def lost(self, entries: Sequence[Held]) -> Iterable[str]:
        with self.directory.reading() as connection:
            there = {f"{self.kind}/{name}" for (name,) in connection.execute("SELECT name FROM domains")}
        return [entry.key for entry in entries if entry.present != (entry.key in there)]

    def _read_back(self, items: Sequence[Item]) -> dict[str, Result]:
        """Those whose row another process would see otherwise than it was written."""
        reader = self.directory.reader()
        try:
            rows = _rows(reader, items)
        finally:
            reader.close()
        differs = BackendError("The node's directory does not show this domain as it was written.")
        return {
            item.key: differs
            for item in items
            if rows.get(item.parts[0]) != (_row(item.state) if isinstance(item.state, MailDomain) else None)
        }

    def _ask_switches(self, items: Sequence[Item]) -> dict[str, Result]:
        """Whether Postfix lets a mailbox of each domain send and receive as the domain's switches say."""
        states = {item.state.name: item.state for item in items if isinstance(item.state, MailDomain)}
        with self.directory.reading() as connection:
            found = connection.execute(_AWAKE, (json.dumps(list(states)),))
            awake = {str(name): str(address) for name, address in found}
        if not awake:
            return {}
        senders = self.maps.found("senders", awake.values())
        suspended = self.maps.found("suspended", awake.values())
        return {
            states[name].key: _switched(states[name], address, address in senders, address not in suspended)
            for name, address in awake.items()
        }


def _rows(connection: apsw.Connection, items: Sequence[Item]) -> dict[str, tuple[Any, ...]]:
    names = json.dumps([item.parts[0] for item in items])
    return {row[0]: row for row in connection.execute(_READ, (names,))}


def _row(state: MailDomain) -> tuple[Any, ...]:
    values = dataclasses.asdict(state)
    return tuple(int(values[name]) if isinstance(values[name], bool) else values[name] for name in NAMES)


def _ends_sessions(before: tuple[Any, ...], after: tuple[Any, ...] | None) -> bool:
    """Gone, no longer local, or kept from signing in or from POP3."""
    if after is None:
        return True
    return any(before[at] and not after[at] for at in map(NAMES.index, ("active", "sign_in", "pop3")))


def _keeps_out(state: object) -> bool:
    """A state written before and never proven is disturbed too: where it lets everybody in, sessions stay."""
    return not (isinstance(state, MailDomain) and state.active and state.sign_in and state.pop3)


def _routing(state: object) -> str:
    """What Postfix shall do with mail for it; empty: it knows no such domain."""
    return state.routing if isinstance(state, MailDomain) and state.active else ""


def _routed(name: str, answers: Mapping[str, str]) -> str:
    """What Postfix does, by what its maps answer (deploy/postfix). REMOTE: what it does with any domain that
    it does not know."""
    answer = answers.get(name, "")
    if answer.startswith("556 "):
        return OFF
    return BACKUP if answer == "backup" else LOCAL if answer else REMOTE


def _proof(state: object) -> str:
    return PROOFS[_routing(state)]


def _verdict(item: Item, answers: Mapping[str, str]) -> Result:
    name = item.parts[0]
    wanted, found = _routing(item.state) or REMOTE, _routed(name, answers)
    if wanted == found:
        return Proof(text=_proof(item.state))
    if wanted == LOCAL:
        return BackendError(f"Postfix does not take mail for {name} yet although the directory has it.")
    if wanted == REMOTE:
        return BackendError(f"Postfix still takes or refuses mail for {name} itself (as {found}).")
    return BackendError(f"Postfix treats mail for {name} as {found}, not as {wanted}.")


def _switched(state: MailDomain, address: str, sends: bool, receives: bool) -> Result:
    if sends != (state.active and state.sign_in and state.send):
        word = "still lets" if sends else "does not let"
        return BackendError(f"Postfix {word} {address} send, unlike its domain's switches say.")
    here = state.routing == LOCAL
    if here and receives != state.receive:
        word = "still takes" if receives else "does not take"
        return BackendError(f"Postfix {word} mail for {address}, unlike its domain's switches say.")
    can = [word for word, so in (("sending", sends), ("receiving", here and receives)) if so] or ["nothing"]
    return Proof(text=f"{_proof(state)}; a mailbox asked of it: {' and '.join(can)}")
