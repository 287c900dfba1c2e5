"""Mailboxes: a row of the directory, shown by Dovecot's own user look-up; live sessions end when access
changes."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import Executor
from pathlib import Path
from typing import Any

import apsw

from nodeagent.backends.base import BackendError, Proof, Result, sample
from nodeagent.backends.http import request
from nodeagent.contract import Mailbox, Usage
from nodeagent.directory import Directory
from nodeagent.ledger import Held
from nodeagent.payload import Item

# sysexits.h, which doveadm answers with
EX_NOUSER = 67
EX_NOBODY_SIGNED_IN = 68  # doveadm kick found no session: what we wanted
POST_COMMANDS = 100
COLUMNS = "address, password, home, quota_mb, sign_in, receive, send, reason, imap, pop3, smtp, sieve"
SWITCHES = ("sign_in", "imap", "pop3", "smtp", "sieve")


_SWITCHES_AT = [COLUMNS.split(", ").index(name) for name in SWITCHES]


class Doveadm:
    """doveadm's HTTP API. ``url`` ends in ``/doveadm/v1``."""

    def __init__(self, url: str, key_file: Path) -> None:
        self.url = url
        self.key_file = key_file

    def run(self, commands: Sequence[tuple[str, dict[str, Any]]]) -> list[Any]:
        """The answers in order: the command's result, or an int, its exit code. Raises BackendError."""
        answers: list[Any] = []
        for start in range(0, len(commands), POST_COMMANDS):
            answers += self._post(commands[start : start + POST_COMMANDS])
        return answers

    def kick(self, masks: Sequence[str]) -> dict[str, BackendError]:
        """End the live sessions of each mask, an address or ``*@domain``; where that failed, and why."""
        try:
            answers = self.run([("kick", {"mask": [mask]}) for mask in masks])
        except BackendError as error:
            return dict.fromkeys(masks, error)
        return {
            mask: BackendError(f"Dovecot did not end the open sessions of {mask} (status {answer}).")
            for mask, answer in zip(masks, answers, strict=True)
            if isinstance(answer, int) and answer != EX_NOBODY_SIGNED_IN
        }

    def _post(self, commands: Sequence[tuple[str, dict[str, Any]]]) -> list[Any]:
        key = base64.b64encode(self.key_file.read_bytes().strip()).decode()
        body = [[name, arguments, str(place)] for place, (name, arguments) in enumerate(commands)]
        status, text = request(
            "Dovecot",
            "POST",
            self.url,
            headers={"Authorization": f"X-Dovecot-API {key}", "Content-Type": "application/json"},
            body=json.dumps(body).encode(),
        )
        if status != 200:
            raise BackendError(f"Dovecot's administration interface answered {status}.")
        by_tag = {tag: self._answer(word, value) for word, value, tag in json.loads(text)}
        return [by_tag.get(str(place)) for place in range(len(commands))]

    @staticmethod
    def _answer(word: str, value: Any) -> Any:
        return value.get("exitCode", -1) if word == "error" else value


class DovecotBackend:
    """``executor``: the sessions are ended while the proof is made."""

    kind = Mailbox.KIND

    def __init__(self, directory: Directory, doveadm: Doveadm, executor: Executor) -> None:
        self.directory = directory
        self.doveadm = doveadm
        self.executor = executor

    def write(self, connection: apsw.Connection, items: Sequence[Item]) -> set[str]:
        addresses = json.dumps([item.parts[0] for item in items])
        before = {
            row[0]: row
            for row in connection.execute(
                f"SELECT {COLUMNS} FROM mailboxes WHERE address IN (SELECT value FROM json_each(?))",  # noqa: S608 (constant)
                (addresses,),
            )
        }
        wanted = {item.key: _row(item.state) for item in items if isinstance(item.state, Mailbox)}
        connection.executemany(
            f"INSERT OR REPLACE INTO mailboxes({COLUMNS}) VALUES ({', '.join('?' * 12)})",  # noqa: S608 (constant)
            list(wanted.values()),
        )
        connection.executemany(
            "DELETE FROM mailboxes WHERE address = ?",
            [(item.parts[0],) for item in items if item.state is None],
        )
        return {
            item.key
            for item in items
            if item.parts[0] in before and _ends_sessions(before[item.parts[0]], wanted.get(item.key))
        }

    def prove(self, items: Sequence[Item], disturbed: set[str]) -> Mapping[str, Result]:
        kicked = [item for item in items if item.key in disturbed]
        masks = [item.parts[0] for item in kicked]
        kicks = self.executor.submit(self.doveadm.kick, masks) if masks else None
        results: dict[str, Result] = self._read_back(items)
        asked = [item for item in sample(items) if isinstance(results[item.key], Proof)]
        try:
            results |= self._ask(asked)
        except BackendError as error:
            results |= {item.key: error for item in items}
        failed = kicks.result() if kicks else {}
        for item in kicked:
            if item.parts[0] in failed and isinstance(results[item.key], Proof):
                results[item.key] = failed[item.parts[0]]
        return results

    def lost(self, entries: Sequence[Held]) -> Iterable[str]:
        with self.directory.reading() as connection:
            there = {f"{self.kind}/{name}" for (name,) in connection.execute("SELECT address FROM mailboxes")}
        return [entry.key for entry in entries if entry.present != (entry.key in there)]

    def usage(self) -> Iterable[list[Usage]]:
        """What every mailbox holds, in pages of POST_COMMANDS. One that Dovecot cannot measure is left
        out."""
        with self.directory.reading() as connection:
            addresses = [
                row[0] for row in connection.execute("SELECT address FROM mailboxes ORDER BY address")
            ]
        for start in range(0, len(addresses), POST_COMMANDS):
            page = addresses[start : start + POST_COMMANDS]
            answers = self.doveadm.run([("quotaGet", {"user": address}) for address in page])
            pairs = zip(page, answers, strict=True)
            yield [_usage(address, answer) for address, answer in pairs if isinstance(answer, list)]

    def _read_back(self, items: Sequence[Item]) -> dict[str, Result]:
        """Each row as another process sees it, through a connection of its own."""
        addresses = json.dumps([item.parts[0] for item in items])
        reader = self.directory.reader()
        try:
            rows = {
                row[0]: row
                for row in reader.execute(
                    f"SELECT {COLUMNS} FROM mailboxes WHERE address IN (SELECT value FROM json_each(?))",  # noqa: S608 (constant)
                    (addresses,),
                )
            }
        finally:
            reader.close()
        results: dict[str, Result] = {}
        for item in items:
            wanted = _row(item.state) if isinstance(item.state, Mailbox) else None
            if rows.get(item.parts[0]) == wanted:
                results[item.key] = Proof(
                    text="read back from the node's directory, a sample found by Dovecot"
                )
            else:
                results[item.key] = BackendError(
                    "The node's directory does not show this mailbox as it was written."
                )
        return results

    def _ask(self, items: Sequence[Item]) -> dict[str, Result]:
        answers = self.doveadm.run([("user", {"userMask": [item.parts[0]]}) for item in items])
        return {item.key: _verdict(item, answer) for item, answer in zip(items, answers, strict=True)}


def _row(state: Mailbox) -> tuple[Any, ...]:
    flags = (int(state.sign_in), int(state.receive), int(state.send))
    protocols = (int(state.imap), int(state.pop3), int(state.smtp), int(state.sieve))
    return (state.address, state.password_hash, state.home, state.quota_mb, *flags, state.reason, *protocols)


def _ends_sessions(before: tuple[Any, ...], after: tuple[Any, ...] | None) -> bool:
    """Gone, another password, another home, or no longer allowed to sign in, by one protocol or at all."""
    if after is None:
        return True
    signed_out = any(before[at] and not after[at] for at in _SWITCHES_AT)
    return before[1] != after[1] or before[2] != after[2] or signed_out


def _verdict(item: Item, answer: Any) -> Result:
    address = item.parts[0]
    if not isinstance(item.state, Mailbox):
        if answer == EX_NOUSER:
            return Proof(text="not found by Dovecot, as it should be")
        return BackendError(
            f"Dovecot still knows {address} although the directory does not (status {answer})."
        )
    if not isinstance(answer, dict):
        return BackendError(f"Dovecot cannot look up {address} (status {answer}); its log says why.")
    home = str(answer.get(address, {}).get("home", ""))
    if not home.endswith(f"/{item.state.home}"):
        return BackendError(f"Dovecot finds {address} with another mail folder than was written.")
    return Proof(text="read back from the node's directory and found by Dovecot")


def _usage(address: str, answer: list[dict[str, str]]) -> Usage:
    values = {line["type"]: int(line["value"]) for line in answer}
    return Usage(
        address=address, used_bytes=values.get("STORAGE", 0) * 1024, messages=values.get("MESSAGE", 0)
    )
