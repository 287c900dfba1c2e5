"""Between dsync and the mail server that it reads: a listener on loopback that speaks for one job alone.

dsync gets no password and no address of the server: it signs in here with one of the moment, and what passes
goes over the connection that this process made and checked. Folders are called as they shall be called here;
nothing that changes anything passes."""

from __future__ import annotations

import contextlib
import imaplib
import re
import secrets
import socket
import threading
from collections.abc import Callable
from typing import BinaryIO, cast

from nodeagent.jobs.folders import Folder
from nodeagent.jobs.foreign import Foreign, quoted, unquoted
from nodeagent.jobs.work import JobFailedError, TryLaterError

_PASSED = {b"LIST", b"LSUB", b"STATUS", b"SELECT", b"EXAMINE", b"NOOP", b"LOGOUT", b"CAPABILITY", b"FETCH"}
_PASSED |= {
    b"SEARCH",
    b"UID",
    b"CLOSE",
    b"UNSELECT",
    b"CHECK",
    b"NAMESPACE",
    b"ID",
    b"ENABLE",
    b"IDLE",
    b"DONE",
}
_DROPPED = re.compile(r"(AUTH=.*|STARTTLS|COMPRESS=.*|NOTIFY|UTF8=.*|LOGINDISABLED|QRESYNC|CONDSTORE|ID)\Z")
_NAMED = re.compile(
    rb'(?P<word>SELECT|EXAMINE|STATUS) (?P<name>"(?:[^"\\]|\\.)*"|\S+)(?P<rest>.*)', re.I | re.S
)
_STATUS = re.compile(rb'\* STATUS (?P<name>"(?:[^"\\]|\\.)*"|\S+)(?P<rest>.*)', re.I | re.S)
_LITERAL = re.compile(rb"\{(\d{1,12})\+?\}\r?\n\Z")
_BODY = re.compile(rb"\* \d+ FETCH .*BODY\[\] \{\d+\}\r?\n\Z", re.I | re.S)
PIECE = 65536


class Door:
    """``counted(folder, bytes)``: called with each mail that passed. ``room``: bytes that may pass, for dsync
    itself heeds no quota. ``trouble``: why nothing passes any more."""

    def __init__(
        self, foreign: Foreign, folders: list[Folder], counted: Callable[[bytes, int], None], room: int
    ) -> None:
        self.foreign, self.counted, self.room = foreign, counted, room
        self.folders = folders
        self.by_ours = {folder.ours.lower(): folder for folder in folders}
        self.by_source = {folder.source: folder for folder in folders}
        self.password = secrets.token_hex(16)
        self.trouble: Exception | None = None
        self._counting = threading.Lock()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        while True:
            client, _address = self._listener.accept()
            threading.Thread(target=self._serve, args=[client], daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        try:
            with client, client.makefile("rb") as reads:
                client.settimeout(600)
                if self.trouble:
                    return
                client.sendall(b"* OK [CAPABILITY IMAP4rev1] ready\r\n")
                while not self._signs_in(client, reads.readline(1000)):
                    pass
                server = self.foreign.connect()
                try:
                    self._pass_on(client, reads, server)
                finally:
                    server.shutdown()
        except (JobFailedError, TryLaterError) as error:
            self.trouble = error
        except (OSError, ValueError):
            return

    def admit(self, size: int) -> None:
        """A mail of this many bytes wants in. Raises OSError, and notes the trouble, if there is no room."""
        with self._counting:
            self.room -= size
            if self.room < 0:
                self.trouble = JobFailedError(
                    "The mailbox is full. What came until now is kept; give it more storage and try again."
                )
                raise OSError("the mailbox is full")

    def _signs_in(self, client: socket.socket, line: bytes) -> bool:
        if not line:
            raise OSError("gone")
        tag, _space, rest = line.strip().partition(b" ")
        if rest.upper().startswith(b"CAPABILITY"):
            client.sendall(b"* CAPABILITY IMAP4rev1\r\n" + tag + b" OK\r\n")
        elif rest.upper().startswith(b"LOGIN ") and rest.replace(b'"', b"").endswith(self.password.encode()):
            client.sendall(tag + b" OK signed in\r\n")
            return True
        else:
            client.sendall(tag + b" NO\r\n")
        return False

    def _pass_on(self, client: socket.socket, reads: BinaryIO, server: imaplib.IMAP4) -> None:
        one = _Passage(self, client, server)
        back = threading.Thread(target=one.answers, daemon=True)
        back.start()
        try:
            while line := reads.readline(PIECE):
                one.asks(line)
        finally:
            server.sock.close()
            back.join(5)


class _Passage:
    """One connection. What dsync asks is short and has no literals: folder names are ASCII here."""

    def __init__(self, door: Door, client: socket.socket, server: imaplib.IMAP4) -> None:
        self.door, self.client, self.server = door, client, server
        self.folder = b""
        self._sending = threading.Lock()

    def asks(self, line: bytes) -> None:
        tag, _space, rest = line.partition(b" ")
        word = rest.strip().split(b" ")[0].upper()
        command = rest.strip().upper()
        if line.strip().upper() == b"DONE":
            self.server.send(line)
            return
        if word in (b"LIST", b"LSUB"):
            self._list(tag, rest)
            return
        if word not in _PASSED or (word == b"UID" and not command.startswith((b"UID FETCH", b"UID SEARCH"))):
            self._say(tag + b" NO This is read only\r\n")
            return
        named = _NAMED.match(rest)
        if named:
            folder = self.door.by_ours.get(unquoted(named["name"]).lower())
            if folder is None:
                self._say(tag + b" NO [NONEXISTENT] There is no such folder\r\n")
                return
            word = named["word"].upper()
            if word != b"STATUS":
                word, self.folder = b"EXAMINE", folder.ours  # never marks anything
            rest = word + b" " + quoted(folder.source) + named["rest"]
        self.server.send(tag + b" " + rest)

    def _list(self, tag: bytes, rest: bytes) -> None:
        if rest.strip().endswith(b'""'):  # asks for the delimiter alone
            self._say(b'* LIST (\\Noselect) "/" ""\r\n' + tag + b" OK\r\n")
            return
        word = rest.split(b" ")[0].upper()
        pattern = unquoted(rest.strip().split(b" ", 2)[-1]).lower()
        found = self.door.folders
        if pattern not in (b"*", b"%"):
            found = [folder for folder in found if folder.ours.lower() == pattern.rstrip(b"*%")]
        lines = [b"* " + word + b' () "/" ' + quoted(folder.ours) + b"\r\n" for folder in found]
        self._say(b"".join(lines) + tag + b" OK listed\r\n")

    def answers(self) -> None:
        try:
            reads = cast(BinaryIO, self.server.file)
            while line := reads.readline(PIECE * 16):
                self._answer(reads, line)
        except (OSError, ValueError):
            pass
        finally:
            with contextlib.suppress(OSError):
                self.client.shutdown(socket.SHUT_RDWR)

    def _answer(self, reads: BinaryIO, line: bytes) -> None:
        """One answer with its literals, passed on as it comes; no other thread's words in between."""
        status = _STATUS.match(line)
        if status:
            folder = self.door.by_source.get(unquoted(status["name"]))
            if folder:
                line = b"* STATUS " + quoted(folder.ours) + status["rest"]
        if line.upper().startswith(b"* CAPABILITY "):
            words = line.decode("ascii", "replace").split()
            kept = [word for word in words[2:] if not _DROPPED.match(word.upper())]
            line = f"* CAPABILITY {' '.join(kept)}\r\n".encode()
        with self._sending:
            if _BODY.match(line) and (literal := _LITERAL.search(line)):
                self.door.admit(int(literal[1]))
            self.client.sendall(line)
            while literal := _LITERAL.search(line):
                size = int(literal[1])
                is_mail = _BODY.match(line) is not None
                self._literal(reads, size)
                if is_mail:
                    self.door.counted(self.folder, size)
                line = reads.readline(PIECE * 16)
                self.client.sendall(line)

    def _literal(self, reads: BinaryIO, size: int) -> None:
        while size:
            piece = reads.read(min(size, PIECE))
            if not piece:
                raise OSError("the server is gone in the middle of a mail")
            self.client.sendall(piece)
            size -= len(piece)

    def _say(self, line: bytes) -> None:
        with self._sending:
            self.client.sendall(line)
