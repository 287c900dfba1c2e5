"""Finds one mail by its Message-ID, wherever filters put it, and deletes it for good."""

from __future__ import annotations

import re
import time
from collections.abc import Callable

from guides.trying.clients import Imap, Pop

_EVERY = 0.3  # seconds between two looks
_FOLDERS = 60
_NEWEST = 5
_LISTED = re.compile(rb'\((?P<flags>[^)]*)\) (?:"(?:[^"\\]|\\.)*"|NIL) (?P<name>.+)\Z', re.DOTALL)
Left = Callable[[], float]


def found_by_imap(imap: Imap, message_id: str, *, left: Left) -> str | None:
    """The folder's name, or None when ``left()`` seconds are over. Raises OSError, imaplib.IMAP4.error."""
    while True:
        for folder in ("INBOX", "Junk"):
            if _taken_out(imap, folder, message_id):
                return folder
        if left() <= 0:
            break
        time.sleep(_EVERY)
    for folder in _folders(imap):
        if folder not in {"INBOX", "Junk"} and _taken_out(imap, folder, message_id):
            return folder
    return None


def _taken_out(imap: Imap, folder: str, message_id: str) -> bool:
    """Selected anew each time: what came since is seen then."""
    quoted = folder.replace("\\", "\\\\").replace('"', '\\"')
    if imap.select(f'"{quoted}"')[0] != "OK":
        return False
    found = imap.uid("SEARCH", "HEADER", "Message-ID", f'"{message_id}"')[1]
    numbers = found[0].split() if found and isinstance(found[0], bytes) else []
    for number in numbers:
        uid = number.decode("ascii")
        imap.uid("STORE", uid, "+FLAGS.SILENT", r"(\Deleted)")
        imap.uid("EXPUNGE", uid)  # RFC 4315: this one alone
    return bool(numbers)


def _folders(imap: Imap) -> list[str]:
    names = []
    for line in imap.list()[1][:_FOLDERS]:
        found = _LISTED.match(line) if isinstance(line, bytes) else None
        if found is None or b"\\noselect" in found["flags"].lower():
            continue
        name = found["name"].decode("ascii", "replace")
        names.append(re.sub(r"\\(.)", r"\1", name[1:-1]) if name.startswith('"') else name)
    return names


def found_by_pop(sign_in: Callable[[], Pop], message_id: str, *, left: Left) -> str | None:
    """A POP3 session sees what was there when it began: each look is one of its own. Raises OSError,
    poplib.error_proto."""
    while True:
        pop = sign_in()
        try:
            count = pop.stat()[0]
            for number in range(count, max(0, count - _NEWEST), -1):
                if message_id.encode("ascii") in b"\n".join(pop.top(number, 0)[1]):
                    pop.dele(number)
                    return "INBOX"
        finally:
            pop.close_now()
        if left() <= 0:
            return None
        time.sleep(2 * _EVERY)
