"""Did the user of a mailbox ever write to an address? Asked by a Sieve script at delivery (Pigeonhole's
``execute``), so without the panel: ``known.py POLICY_DB ADDRESS``; exit status 0: yes, 1: no.

The sending limits' service remembers who wrote to whom; what it does not know may lie in the Sent folder,
from before, or from an import. Runs alone, as the mail user, with the standard library: Dovecot starts it
once for a mail that an autoresponder would answer, with HOME and USER of the mailbox.
"""

from __future__ import annotations

import contextlib
import email.parser
import email.policy
import email.utils
import os
import sqlite3
import sys
import time
from collections.abc import Iterator
from pathlib import Path

SECONDS = 5.0  # Pigeonhole waits for ten
HEAD_BYTES = 64 * 1024
MAILS = 5000  # of the Sent folder, the newest


def main(arguments: list[str], environment: dict[str, str]) -> int:
    if len(arguments) != 2 or "@" not in arguments[1]:
        return 1
    database, address = Path(arguments[0]), arguments[1].strip().lower()
    login = environment.get("USER", "").lower()
    home = environment.get("HOME", "")
    if login and remembered(database, login, address):
        return 0
    return 0 if home and in_sent(Path(home) / "Maildir" / ".Sent", address) else 1


def remembered(database: Path, login: str, address: str) -> bool:
    """By the sending limits' service (nodeagent.policy). A file that cannot be read knows nobody."""
    with contextlib.suppress(sqlite3.Error):
        file = sqlite3.connect(f"{database.as_uri()}?mode=ro", uri=True, timeout=2)
        with contextlib.closing(file):
            row = file.execute("SELECT 1 FROM known WHERE login = ? AND recipient = ?", (login, address))
            return row.fetchone() is not None
    return False


def in_sent(folder: Path, address: str) -> bool:
    """Whether a mail in this Maildir folder has the address among its recipients. The newest first."""
    end = time.monotonic() + SECONDS
    for path in _newest(folder):
        if time.monotonic() > end:
            return False
        with contextlib.suppress(OSError):
            with path.open("rb") as file:
                head = file.read(HEAD_BYTES)
            if address.encode() in head.lower() and address in recipients(head):
                return True
    return False


def recipients(head: bytes) -> set[str]:
    """Addresses in To, Cc and Bcc of a mail's head, in small letters."""
    mail = email.parser.BytesHeaderParser(policy=email.policy.compat32).parsebytes(head)
    lines = [str(line) for name in ("To", "Cc", "Bcc") for line in mail.get_all(name, [])]
    return {address.lower() for _, address in email.utils.getaddresses(lines)}


def _newest(folder: Path) -> Iterator[Path]:
    found: list[tuple[float, str]] = []
    for part in ("cur", "new"):
        with contextlib.suppress(OSError), os.scandir(folder / part) as entries:
            found += [(entry.stat().st_mtime, entry.path) for entry in entries]
    for _, path in sorted(found, reverse=True)[:MAILS]:
        yield Path(path)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], dict(os.environ)))
