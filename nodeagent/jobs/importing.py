"""Mail of another server into a mailbox, by Dovecot's dsync (doveadm-sync(1)): one way, merging.

First a look (folders, how many mails), then dsync reads through jobs.door. It compares before it fetches, so
a second run fetches only what is new, and a run that was killed goes on; what was deleted or moved here since
stays so. Nothing is ever changed at the other server."""

from __future__ import annotations

import contextlib
import imaplib
import re
import threading
import time
from typing import Any

from nodeagent.jobs import foreign
from nodeagent.jobs.box import Box
from nodeagent.jobs.door import Door
from nodeagent.jobs.folders import Folder, decoded
from nodeagent.jobs.work import JobFailedError, TryLaterError, Work

FOLDERS_TOLD = 300
RATE_FROM = 20  # mails, before how fast they come says something
NO_LIMIT = 1 << 62
_CONFIG = """imapc_host = 127.0.0.1
imapc_port = {port}
imapc_ssl = no
imapc_user = job
imapc_password = {password}
imapc_features = rfc822.size fetch-headers
imapc_connection_retry_count = 3
imapc_cmd_timeout = 10 mins
"""


class Import:
    def __init__(self, work: Work) -> None:
        self.work = work
        self.round = int(work.args.get("round") or 1)
        self.fetched: dict[bytes, int] = {}
        self.there: dict[bytes, int] = {}
        self.folders: list[Folder] = []
        self.total = self.bytes = self.new = 0
        self.since = 0.0  # when the first mail of this run came
        self._lock = threading.Lock()

    def run(self) -> None:
        server = self.server()
        self.look(server)
        box = Box(self.work, self.work.text("address"))
        before = held(box)
        here = {folder.ours: before.get(folder.title, 0) for folder in self.folders}
        self.new = sum(max(0, mails - here.get(name, 0)) for name, mails in self.there.items())
        door = Door(server, self.folders, self.count, room_of(self.work, box.address))
        box = Box(self.work, box.address, _CONFIG.format(port=door.port, password=door.password))
        self.sync(box, door)
        after = held(box)
        new = sum(after.values()) - sum(before.values())
        self.tell("", after=after, new=max(0, new))

    def server(self) -> foreign.Foreign:
        work, port = self.work, self.work.args.get("port")
        if not isinstance(port, int) or not 0 < port < 65536:
            raise JobFailedError("The panel sent a wrong port.")
        return foreign.Foreign(
            work.text("host"),
            port,
            work.text("security"),
            work.text("user"),
            work.secret(),
            allow=work.jobs.import_allow,
            ours=[str(one) for one in work.args.get("ours") or []],
        )

    def look(self, server: foreign.Foreign) -> None:
        self.work.tell(0, 0, "Looking at the other server.", now=True, round=self.round)
        connection = server.connect()
        try:
            self.folders = foreign.folders(connection)
            for folder in self.folders:
                mails, size = foreign.counts(connection, folder)
                self.there[folder.ours] = mails
                self.total += mails
                self.bytes += size
                self.tell(f"Looking at {folder.title}.")
        except (OSError, imaplib.IMAP4.error) as error:
            raise TryLaterError(f"{server.host} does not answer ({foreign.said(error)}).") from error
        finally:
            with contextlib.suppress(OSError, imaplib.IMAP4.error):
                connection.logout()
        self.tell("Comparing.", bytes=self.bytes)

    def count(self, folder: bytes, _size: int) -> None:
        with self._lock:
            self.since = self.since or time.monotonic()
            self.fetched[folder] = self.fetched.get(folder, 0) + 1
            self.tell(f"Fetching {decoded(folder)}.", now=False)

    def sync(self, box: Box, door: Door) -> None:
        running = box.doveadm("-o", "log_path=/dev/stderr", "sync", "-1", "-R", "imapc:")
        lines = [line.decode("utf-8", "replace") for line in running.stderr or ()]
        status = running.wait()
        text = "\n".join(line for line in lines if "Error" in line or "Fatal" in line or "Quota" in line)
        if re.search(r"quota|Mailbox is full", text, re.I):
            raise JobFailedError(
                "The mailbox is full. What came until now is kept; give it more storage and go on."
            )
        if isinstance(door.trouble, JobFailedError):
            raise door.trouble
        if status:
            last = re.sub(r"[^\x20-\x7e]+", " ", text.strip().split("\n")[-1])[-200:]
            raise TryLaterError(f"The transfer was interrupted and goes on by itself. ({last})")

    def left(self) -> int:
        """Seconds until what is not here has come, by how it went until now; 0: nobody can say yet."""
        fetched, passed = sum(self.fetched.values()), time.monotonic() - self.since
        if fetched < RATE_FROM or passed < 2:
            return 0
        return max(1, int(passed / fetched * max(0, self.new - fetched)))

    def tell(self, note: str, *, now: bool = True, after: dict[str, int] | None = None, **facts: Any) -> None:
        rows = [
            {
                "name": folder.title[:200],
                "there": self.there.get(folder.ours, 0),
                "fetched": self.fetched.get(folder.ours, 0),
                **({"here": after.get(folder.title, 0)} if after is not None else {}),
            }
            for folder in self.folders[:FOLDERS_TOLD]
        ]
        done = self.total if after is not None else sum(self.fetched.values())
        facts |= {"round": self.round, "folders": rows, "fetched": sum(self.fetched.values())}
        facts["seconds"] = 0 if after is not None else self.left()
        self.work.tell(min(done, self.total), self.total, note, now=now, **facts)


def held(box: Box) -> dict[str, int]:
    """Folder → how many mails are in it here."""
    found: dict[str, int] = {}
    with box.imap() as own:
        _status, lines = own.list()
        for line in lines:
            match = foreign.LISTED.match(line) if isinstance(line, bytes) else None
            if match:
                name = foreign.unquoted(match["name"])
                _ok, data = own.status(foreign.quoted(name).decode("ascii", "replace"), "(MESSAGES)")
                number = re.search(rb"MESSAGES (\d+)", data[0] if isinstance(data[0], bytes) else b"")
                found[decoded(name)] = int(number[1]) if number else 0
    return found


def room_of(work: Work, address: str) -> int:
    """Bytes that the mailbox has left; less than none when it holds more than it may."""
    rows = work.doveadm.run([("quotaGet", {"user": address})])[0]
    sizes = [row for row in rows if row.get("type") == "STORAGE"] if isinstance(rows, list) else []
    if not sizes:
        raise TryLaterError("The mail server does not say how much room the mailbox has.")
    limit = str(sizes[0]["limit"])
    return (int(limit) - int(sizes[0]["value"])) * 1024 if limit.isdecimal() else NO_LIMIT


def importing(work: Work) -> None:
    Import(work).run()
