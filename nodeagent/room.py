"""Whether there is room for a mail, asked during the SMTP dialogue for addresses that lead to mailboxes
(Postfix's SMTPD_POLICY_README): aliases, lists, catch-all, domain aliases, a tag behind a plus.

A mailbox's own address Postfix asks Dovecot about directly; here an address is followed through the directory
first, and Dovecot is asked about each mailbox at its end. Refused is what nobody has room for. A list of
which one mailbox is full is taken: the others must not lose the mail for it, one answer stands for the whole
recipient, and a refusal after the mail was taken would come as a bounce to who may never have written (a
forged sender). So the full one gets it too, above its quota: what was taken is delivered, always, and Dovecot
holds no quota against LMTP (dovecot-sql.conf.ext). Its people are warned, and mail to it alone is refused.

Asked once more when the text is there, with its real size: by then one that told no SIZE is known too, as
long as it is for one recipient, or for such as were asked about here. Small ones are let through: what they
can be over is little, and each mail would cost Dovecot two questions.
"""

from __future__ import annotations

import contextlib
import logging
import os
import queue
import signal
import socket
import socketserver
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import apsw

from nodeagent.config import Config, ConfigError, load
from nodeagent.directory import Directory
from nodeagent.policy import GO_ON, parse

log = logging.getLogger(__name__)

QUESTION_BYTES = 16 * 1024
MAILS = 2000  # whose recipients are remembered until their text comes
FULL = "552 5.2.2 Mailbox is full"
SURE_BYTES = 1024 * 1024  # smaller mails are not asked about twice
ASKED_MOST = 200  # mailboxes behind one address; one of so many has room
DEEP = 20  # aliases to aliases; the panel refuses circles, this is the second lock
CONNECTIONS = 8
PATIENCE = 5.0  # seconds for one answer of Dovecot's


class Room:
    """Answers questions. ``has_room(mailbox, bytes)``: Dovecot's word. Used by many threads."""

    def __init__(self, directory: Directory, has_room: Callable[[str, int], bool]) -> None:
        self._directory = directory
        self._local = threading.local()
        self._has_room = has_room
        self._asked: OrderedDict[str, list[str]] = OrderedDict()
        self._lock = threading.Lock()

    def answer(self, question: Mapping[str, str]) -> str:
        """An action of access(5). When the directory or Dovecot is away, mail goes on: it is kept."""
        try:
            size = int(question.get("size") or 0)
            if question.get("protocol_state") == "END-OF-MESSAGE":
                recipients = self._recipients(question) if size >= SURE_BYTES else []
            else:
                recipients = [question.get("recipient", "")]
                self._remember(question.get("instance", ""), recipients[0])
            full = bool(recipients) and not any(self.takes(one, size) for one in recipients)
        except (apsw.Error, OSError, ValueError) as error:
            log.warning("not asked whether there is room: %s", error)
            return GO_ON
        return FULL if full else GO_ON

    def takes(self, recipient: str, size: int) -> bool:
        """Whether anybody behind the address has room. What is no mailbox here needs none."""
        place = -1
        for place, mailbox in enumerate(self._follow(recipient.lower(), DEEP, set())):
            if not mailbox or place >= ASKED_MOST or self._has_room(mailbox, size):
                return True
        return place < 0  # leads in a circle: not for us to refuse

    def _follow(self, address: str, deep: int, seen: set[str]) -> Iterator[str]:
        """The mailboxes at the end, each once; "" for an end that is something else."""
        name, _at, domain = address.rpartition("@")
        real, catch_all, plus = self._domain(domain)
        tries = [f"{name}@{real}"]
        if plus and "+" in name[1:]:
            tries.append(f"{name[0]}{name[1:].partition('+')[0]}@{real}")
        for here in tries:
            targets, mailbox = self._targets(here), self._is_mailbox(here)
            if targets or mailbox:
                break
        else:
            here, mailbox = address, False
            targets = [catch_all] if "@" in catch_all else []
        if here in seen or not deep:
            return
        seen.add(here)
        if mailbox and (not targets or here in targets):
            yield here
        elif not targets or here in targets:
            yield ""  # discarded, or sent on by a script
        for target in targets:
            yield from self._follow(target, deep - 1, seen)

    def _domain(self, name: str) -> tuple[str, str, bool]:
        """The domain whose addresses count, its catch-all, whether a plus begins a tag."""
        query = "SELECT alias_of, catch_all, plus FROM domains WHERE name = ?"
        for _step in range(2):
            found = self._reader.execute(query, (name,)).fetchall()
            if not found:
                return name, "", True
            if not found[0][0]:
                return name, str(found[0][1]), bool(found[0][2])
            name = str(found[0][0])
        return name, "", True

    def _targets(self, address: str) -> list[str]:
        found = self._reader.execute("SELECT targets FROM aliases WHERE address = ?", (address,)).fetchall()
        return str(found[0][0]).split(",") if found else []

    def _is_mailbox(self, address: str) -> bool:
        return bool(self._reader.execute("SELECT 1 FROM mailboxes WHERE address = ?", (address,)).fetchall())

    @property
    def _reader(self) -> apsw.Connection:
        if not hasattr(self._local, "reader"):
            self._local.reader = self._directory.reader()
        reader: apsw.Connection = self._local.reader
        return reader

    def _recipients(self, question: Mapping[str, str]) -> list[str]:
        """Those of the whole mail, or none when we cannot know them: Postfix names one alone."""
        if recipient := question.get("recipient", ""):
            return [recipient]
        with self._lock:
            known = self._asked.pop(question.get("instance", ""), [])
        return known if str(len(known)) == question.get("recipient_count") else []

    def _remember(self, mail: str, recipient: str) -> None:
        with self._lock:
            self._asked.setdefault(mail, []).append(recipient)
            self._asked.move_to_end(mail)
            if len(self._asked) > MAILS:
                self._asked.popitem(last=False)


class Quota:
    """Dovecot's quota-status at ``path``, asked over a few connections that stay open: a process there serves
    one of them."""

    def __init__(self, path: Path, most: int = CONNECTIONS) -> None:
        self._path = path
        self._free: queue.LifoQueue[socket.socket | None] = queue.LifoQueue()
        for _each in range(most):
            self._free.put(None)

    def has_room(self, mailbox: str, size: int) -> bool:
        """Raises OSError when Dovecot does not answer."""
        question = f"recipient={mailbox}\nsize={size}\n\n".encode()
        try:
            kept = self._free.get(timeout=PATIENCE)
        except queue.Empty:
            raise TimeoutError("all connections to Dovecot are busy") from None
        line = kept
        try:
            reply, line = self._say(kept, question)
        except OSError:
            line = None
            raise
        finally:
            self._free.put(line)
        return not reply.startswith("action=5")

    def _say(self, line: socket.socket | None, question: bytes) -> tuple[str, socket.socket]:
        """On a new connection when the kept one is dead: Dovecot was started anew."""
        if line is not None:
            with contextlib.suppress(OSError):
                return _exchange(line, question), line
            line.close()
        line = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        line.settimeout(PATIENCE)
        try:
            line.connect(str(self._path))
            return _exchange(line, question), line
        except OSError:
            line.close()
            raise


def _exchange(line: socket.socket, question: bytes) -> str:
    line.sendall(question)
    reply = b""
    while b"\n\n" not in reply:
        more = line.recv(4096)
        if not more:
            raise ConnectionError("Dovecot hung up")
        reply += more
    return reply.decode("utf-8", "replace")


class _Client(socketserver.BaseRequestHandler):
    """One smtpd, for as long as it stays connected."""

    server: Server

    def handle(self) -> None:
        kept = b""
        with contextlib.suppress(OSError):
            while more := self.request.recv(QUESTION_BYTES):
                kept += more
                while b"\n\n" in kept:
                    question, _, kept = kept.partition(b"\n\n")
                    self.request.sendall(f"action={self.server.answer(parse(question))}\n\n".encode())
                if len(kept) > QUESTION_BYTES:
                    return


class Server(socketserver.ThreadingUnixStreamServer):
    """A thread for each smtpd: a slow answer of Dovecot's holds up nobody else."""

    daemon_threads = True
    block_on_close = False
    request_queue_size = 1024

    def __init__(self, path: Path, answer: Callable[[Mapping[str, str]], str]) -> None:
        self.answer = answer
        path.unlink(missing_ok=True)
        mask = os.umask(0o117)  # owner and group (the folder's, which is Postfix') alone
        try:
            super().__init__(str(path), _Client)
        finally:
            os.umask(mask)


def room(config: Config) -> Room:
    """Raises ConfigError on a node that is not told where Dovecot answers."""
    if config.mail is None or config.mail.quota_socket is None:
        raise ConfigError("QUOTA_SOCKET is not set in the node's environment")
    return Room(Directory(config.directory), Quota(config.mail.quota_socket).has_room)


def main() -> int:
    """``python -m nodeagent room``."""
    os.umask(0o027)
    config = load()
    if config.mail is None or config.mail.room_socket is None:
        raise ConfigError("ROOM_SOCKET is not set in the node's environment")
    server = Server(config.mail.room_socket, room(config).answer)

    def stop(*_signal: object) -> None:
        threading.Thread(target=server.shutdown).start()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)
    server.serve_forever()
    server.server_close()
    return 0
