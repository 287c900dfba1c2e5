"""Beside PowerDNS on a secondary: when the primary was out of reach and is back, every zone is compared.

PowerDNS tells a secondary of a change for half a minute, and no more; then the zone's own time to refresh
would have to pass, which is hours. No agent runs here, and nothing but the standard library is loaded.

    python -m nodeagent.follower /…/pdns.db 192.0.2.53:53
"""

from __future__ import annotations

import contextlib
import logging
import secrets
import signal
import socket
import sqlite3
import struct
import sys
import threading
from pathlib import Path

LOOK_SECONDS = 5.0
ANSWER_SECONDS = 2.0
BUSY_SECONDS = 10.0
_QUESTION = b"\x07invalid\x00" + struct.pack("!2H", 6, 1)  # SOA; REFUSED will do

log = logging.getLogger(__name__)

Place = tuple[str, int]


class Follower:
    """``database``: PowerDNS's own."""

    def __init__(self, database: Path, primary: Place) -> None:
        self.database = database
        self.primary = primary
        self.missed = False

    def look(self) -> bool:
        """Whether all zones are to be compared now, and that they will be."""
        if not answers(self.primary):
            if not self.missed:
                log.warning("The primary does not answer; all zones are compared when it does.")
            self.missed = True
            return False
        if not self.missed:
            return False
        self.compare_all()
        self.missed = False
        log.warning("The primary answers again; all zones are compared.")
        return True

    def compare_all(self) -> None:
        """PowerDNS asks for the serials of all zones at its next look."""
        with contextlib.closing(sqlite3.connect(self.database, timeout=BUSY_SECONDS)) as opened, opened:
            opened.execute("UPDATE domains SET last_check = 0 WHERE type IN ('SLAVE', 'CONSUMER')")


def answers(server: Place) -> bool:
    """Whether a name server is there at all (RFC 1035 §4.1.1)."""
    query = secrets.token_bytes(2) + struct.pack("!5H", 0, 1, 0, 0, 0) + _QUESTION
    family = socket.AF_INET6 if ":" in server[0] else socket.AF_INET
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as asking:
            asking.settimeout(ANSWER_SECONDS)
            asking.connect(server)
            asking.send(query)
            return asking.recv(512)[:2] == query[:2]
    except OSError:
        return False


def place(text: str) -> Place:
    """``192.0.2.53:53`` or ``[2001:db8::53]:53``."""
    host, _colon, port = text.rpartition(":")
    return host.strip("[]"), int(port)


def main(database: str, primary: str) -> None:
    """Until SIGTERM. A database that is busy is tried again."""
    logging.basicConfig(format="%(levelname)s follower: %(message)s", level=logging.WARNING)
    ended = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda _number, _frame: ended.set())
    follower = Follower(Path(database), place(primary))
    while not ended.wait(LOOK_SECONDS):
        try:
            follower.look()
        except sqlite3.Error as error:
            log.warning("The zones were not marked: %s", error)


if __name__ == "__main__":
    main(*sys.argv[1:])
