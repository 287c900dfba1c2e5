"""The sending limit: asked by both submission services (Postfix's SMTPD_POLICY_README).

What the domains of one account send in a sliding hour, by recipients, is held against the account's limit in
the directory. Asked for each recipient, so that who is refused stands in the log; counted once the mail's
text comes, so that what is given up counts for nothing. The panel may be down. Counts live in a small SQLite
file of their own, by minute, and outlive a restart. When this service is away Postfix lets the mail pass
(default_action=DUNNO).
"""

from __future__ import annotations

import logging
import os
import re
import selectors
import signal
import socket
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from pathlib import Path
from types import FrameType

import apsw

from nodeagent.config import Config, ConfigError, load
from nodeagent.directory import BUSY_MS, Directory

log = logging.getLogger(__name__)

MINUTES = 60
QUESTION_BYTES = 16 * 1024  # Postfix's own questions have about 600
GO_ON = "DUNNO"
LOGIN = re.compile(r"[a-z0-9._+-]{1,64}@[a-z0-9.-]{1,253}")
MAILS = 2000  # whose recipients are remembered until their text comes
_TABLE = """
    CREATE TABLE IF NOT EXISTS sent(
      account TEXT NOT NULL, minute INTEGER NOT NULL, n INTEGER NOT NULL,
      PRIMARY KEY (account, minute)) WITHOUT ROWID
"""
_COUNT = "INSERT INTO sent VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET n = n + excluded.n"
_SWEEP = "DELETE FROM sent WHERE minute NOT BETWEEN ? AND ?"


class Counts:
    """How many recipients each account had in each minute. ``path``: made if it is not there."""

    def __init__(self, path: Path) -> None:
        self._file = apsw.Connection(str(path))
        self._file.set_busy_timeout(BUSY_MS)
        self._file.execute("PRAGMA journal_mode=WAL")
        # A power cut may forget some minutes of counting, which costs nobody a mail.
        self._file.execute("PRAGMA synchronous=OFF")
        self._file.execute(_TABLE)
        self._swept = 0

    def of(self, account: str, minute: int) -> list[tuple[int, int]]:
        """(minute, recipients) of the hour that ends with ``minute``, the oldest first. What began 60 minutes
        ago still counts: part of it is younger than an hour."""
        return self._file.execute(  # type: ignore[return-value]  # the table's columns are whole numbers
            "SELECT minute, n FROM sent WHERE account = ? AND minute BETWEEN ? AND ? ORDER BY minute",
            (account, minute - MINUTES, minute),
        ).fetchall()

    def add(self, account: str, minute: int, n: int) -> None:
        self._file.execute(_COUNT, (account, minute, n))
        if minute != self._swept:
            self._file.execute(_SWEEP, (minute - MINUTES, minute))
            self._swept = minute

    def close(self) -> None:
        self._file.close()


class Policy:
    """Answers questions. ``clock``: Unix seconds."""

    def __init__(self, directory: Directory, counts: Counts, clock: Callable[[], float] = time.time) -> None:
        self._directory = directory
        self._reader: apsw.Connection | None = None
        self.counts = counts
        self._clock = clock
        self._asked: OrderedDict[str, int] = OrderedDict()

    def answer(self, question: Mapping[str, str]) -> str:
        """An action of access(5). Never raises for what an error of ours would cost: mail goes on."""
        try:
            return self._decide(question)
        except (apsw.Error, ValueError) as error:
            log.warning("not counted: %s", error)
            return GO_ON

    def _decide(self, question: Mapping[str, str]) -> str:
        login = question.get("sasl_username", "").lower()
        account, limit = self._limit(login.rpartition("@")[2])
        if not account or not limit:
            return GO_ON
        mail, asks = question.get("instance", ""), question.get("protocol_state") == "RCPT"
        recipients = self._asked.get(mail, 0) + 1 if asks else int(question.get("recipient_count") or 1)
        minute = int(self._clock() // 60)
        sent = self.counts.of(account, minute)
        if sum(n for _, n in sent) + recipients > limit:
            return refusal(login, limit, recipients, sent, minute)
        if asks:
            self._remember(mail, recipients)
        else:
            self._asked.pop(mail, None)
            self.counts.add(account, minute, max(1, recipients))
        return GO_ON

    def _remember(self, mail: str, recipients: int) -> None:
        """``mail``: the same for all recipients of one mail (Postfix's ``instance``)."""
        self._asked[mail] = recipients
        self._asked.move_to_end(mail)
        if len(self._asked) > MAILS:
            self._asked.popitem(last=False)

    def _limit(self, domain: str) -> tuple[str, int]:
        if self._reader is None:
            self._reader = self._directory.reader()
        query = "SELECT account, sends_per_hour FROM domains WHERE name = ?"
        found = self._reader.execute(query, (domain,)).fetchall()
        return (str(found[0][0]), int(str(found[0][1]))) if found else ("", 0)


def refusal(login: str, limit: int, recipients: int, sent: list[tuple[int, int]], minute: int) -> str:
    """450: the mail program says why and keeps the mail. Names the limit and when enough of it is free, and
    who was signed in: Postfix 3.7 does not log that for a recipient it refuses (maillog.parse_postfix)."""
    used = sum(n for _, n in sent)
    who = login if LOGIN.fullmatch(login) else "you"
    said = f"450 4.7.1 Sending limit for {who}: {limit} mails an hour for the account, counted by recipient; "
    if recipients > limit:
        return f"{said}this one has {recipients} recipients, so send it to fewer at a time"
    free = limit - used
    for at, n in sent:
        free += n
        if free >= recipients:
            wait = at + MINUTES + 1 - minute
            break
    times = "1 minute" if wait == 1 else f"{wait} minutes"
    return f"{said}{used} are sent, so try again in {times}"


class Server:
    """Listens on a Unix socket and answers one question after the other: each takes a fifth of a
    millisecond."""

    def __init__(self, path: Path, answer: Callable[[Mapping[str, str]], str]) -> None:
        self._answer = answer
        self._selector = selectors.DefaultSelector()
        self._asked: dict[socket.socket, bytes] = {}
        path.unlink(missing_ok=True)
        self._listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        mask = os.umask(0o117)  # owner and group (the folder's, which is Postfix') alone
        try:
            self._listener.bind(str(path))
        finally:
            os.umask(mask)
        self._listener.listen(1024)
        self._listener.setblocking(False)
        self._selector.register(self._listener, selectors.EVENT_READ)
        self.running = True

    def serve(self, seconds: float | None = None) -> None:
        """Until ``stop``; or until nobody asked for ``seconds``."""
        while self.running:
            ready = self._selector.select(1.0 if seconds is None else seconds)
            if not ready and seconds is not None:
                return
            for key, _events in ready:
                if key.fileobj is self._listener:
                    self._welcome()
                elif isinstance(key.fileobj, socket.socket):
                    self._read(key.fileobj)

    def stop(self, *_signal: int | FrameType | None) -> None:
        self.running = False

    def close(self) -> None:
        for client in list(self._asked):
            self._leave(client)
        self._selector.close()
        self._listener.close()

    def _welcome(self) -> None:
        try:
            client, _address = self._listener.accept()
        except OSError:
            return
        client.settimeout(5)
        self._asked[client] = b""
        self._selector.register(client, selectors.EVENT_READ)

    def _read(self, client: socket.socket) -> None:
        try:
            more = client.recv(QUESTION_BYTES)
            self._asked[client] += more
            while more and b"\n\n" in self._asked[client]:
                question, _, self._asked[client] = self._asked[client].partition(b"\n\n")
                client.sendall(f"action={self._answer(parse(question))}\n\n".encode())
        except OSError:
            more = b""
        if not more or len(self._asked[client]) > QUESTION_BYTES:
            self._leave(client)

    def _leave(self, client: socket.socket) -> None:
        self._selector.unregister(client)
        del self._asked[client]
        client.close()


def parse(question: bytes) -> dict[str, str]:
    """``name=value`` lines; what is no such line is left out."""
    lines = (line.partition("=") for line in question.decode("utf-8", "replace").split("\n"))
    return {name: value for name, equals, value in lines if equals}


def build(config: Config) -> tuple[Server, Policy]:
    mail = config.mail
    if mail is None or mail.policy_socket is None or mail.policy_db is None:
        raise ConfigError("POLICY_SOCKET and POLICY_DB are not set in the node's environment")
    policy = Policy(Directory(config.directory), Counts(mail.policy_db))
    return Server(mail.policy_socket, policy.answer), policy


def main() -> int:
    """``python -m nodeagent policy``."""
    os.umask(0o027)
    server, policy = build(load())
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, server.stop)
    server.serve()
    server.close()
    policy.counts.close()
    return 0
