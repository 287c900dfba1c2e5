"""Which mails a clean-up means, and how they go.

A preview fixes them: for each folder its UIDVALIDITY and the last UID that was there (RFC 3501 §2.3.1.1), and
the day that "older than" counts from. What arrives later, or is put there, has a higher UID and stays.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator, Mapping
from typing import Any

from nodeagent.backends.base import BackendError
from nodeagent.backends.dovecot import EX_NOUSER, Doveadm
from nodeagent.patterns import ADDRESS

TRASH, JUNK, OLD, BIG = "trash", "junk", "old", "big"
CHOICES = (TRASH, JUNK, OLD, BIG)
FOLDERS_MOST = 500
NAME_MOST = 1000  # characters of a folder's name
AT_ONCE = 200  # mails that one command removes
GUID = re.compile(r"[0-9a-f]{32}\Z")
EX_NO_FOLDER = 68  # sysexits.h: EX_NOHOST; doveadm's word for a folder that is gone
COUNTED_MOST = 2**53


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Folder:
    guid: str
    name: str
    messages: int
    bytes: int
    last: int
    validity: int


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """``folder``: by its name; empty for all but Trash and Junk. ``before``: Unix seconds. ``over``: bytes.
    ``bounds``: GUID → (UIDVALIDITY, last UID); None: as it is now. ``to_trash``: moved there instead of
    removed."""

    address: str
    what: str
    folder: str = ""
    before: int = 0
    over: int = 0
    to_trash: bool = False
    bounds: dict[str, tuple[int, int]] | None = None

    def query(self, guid: str, last: int) -> list[str]:
        """doveadm-search-query(7). By GUID: a folder may be called ``*``."""
        words = ["mailbox-guid", guid, "uid", f"1:{last}"]
        if self.what == OLD:
            words += ["before", str(self.before)]
        elif self.what == BIG:
            words += ["larger", str(self.over)]
        return words

    @property
    def whole(self) -> bool:
        """Whether it means all that is in its folders."""
        return self.what in (TRASH, JUNK)


def wish(args: Mapping[str, Any]) -> Wish:
    """From what the panel sent. Raises BackendError."""
    what, folder, bounds = args.get("clean"), args.get("folder", ""), args.get("bounds")
    before, over = args.get("before", 0), args.get("over", 0)
    if what not in CHOICES or not isinstance(folder, str) or len(folder) > NAME_MOST:
        raise BackendError("The panel asked for a clean-up that the node does not know.")
    if not all(type(number) is int and 0 <= number < COUNTED_MOST for number in (before, over)):
        raise BackendError("The panel asked for a clean-up with a number that cannot be.")
    if (what == OLD and before < 1) or (what == BIG and over < 1):
        raise BackendError("The panel asked for a clean-up without its limit.")
    return Wish(
        address=address_of(args),
        what=what,
        folder=folder,
        before=before,
        over=over,
        to_trash=args.get("to_trash") is True,
        bounds=None if bounds is None else _bounds(bounds),
    )


def address_of(args: Mapping[str, Any]) -> str:
    """doveadm takes ``*`` for everybody, so nothing but an address comes through."""
    address = args.get("address")
    if not isinstance(address, str) or not ADDRESS.match(address):
        raise BackendError("The panel asked about something that is no mailbox.")
    return address


def _bounds(value: Any) -> dict[str, tuple[int, int]]:
    if not isinstance(value, dict) or len(value) > FOLDERS_MOST:
        raise BackendError("The panel sent a preview that is none.")
    found: dict[str, tuple[int, int]] = {}
    for guid, pair in value.items():
        right = isinstance(pair, list) and len(pair) == 2 and all(type(one) is int for one in pair)
        if not GUID.match(str(guid)) or not right:
            raise BackendError("The panel sent a preview that is none.")
        found[guid] = (pair[0], pair[1])
    return found


def folders(doveadm: Doveadm, address: str) -> list[Folder]:
    """All that the mailbox has. Raises BackendError."""
    fields = ["messages", "vsize", "guid", "uidnext", "uidvalidity"]
    arguments = {"user": address, "field": fields, "mailboxMask": ["*"]}
    answer = doveadm.run([("mailboxStatus", arguments)])[0]
    if not isinstance(answer, list):
        raise BackendError(trouble(address, answer))
    return [
        Folder(
            guid=row["guid"],
            name=row["mailbox"],
            messages=int(row["messages"]),
            bytes=int(row["vsize"]),
            last=int(row["uidnext"]) - 1,
            validity=int(row["uidvalidity"]),
        )
        for row in answer
        if GUID.match(row.get("guid", ""))
    ]


def trouble(address: str, status: Any) -> str:
    if status == EX_NOUSER:
        return f"The mail server does not know {address} (any more)."
    return f"The mail server could not look into {address} (status {status})."


def meant(wanted: Wish, there: list[Folder]) -> list[Folder]:
    """The folders that the wish is about, each with the last UID that it means."""
    if wanted.bounds is not None:
        known = wanted.bounds
        return [
            dataclasses.replace(folder, last=min(folder.last, known[folder.guid][1]))
            for folder in there
            if folder.guid in known and folder.validity == known[folder.guid][0]
        ]
    if wanted.what == TRASH:
        return [folder for folder in there if _inside(folder.name, "Trash")]
    if wanted.what == JUNK:
        return [folder for folder in there if _inside(folder.name, "Junk")]
    if wanted.folder:
        return [folder for folder in there if folder.name == wanted.folder]
    return [folder for folder in there if not _inside(folder.name, "Trash", "Junk")]


def _inside(name: str, *parents: str) -> bool:
    return any(name == parent or name.startswith(f"{parent}/") for parent in parents)


def found(doveadm: Doveadm, wanted: Wish, where: list[Folder], fields: list[str]) -> Iterator[Any]:
    """(folder, mails with ``fields``) one after the other."""
    commands = [
        ("fetch", {"user": wanted.address, "field": fields, "query": wanted.query(folder.guid, folder.last)})
        for folder in where
        if folder.last > 0 and folder.messages
    ]
    full = [folder for folder in where if folder.last > 0 and folder.messages]
    for folder, answer in zip(full, doveadm.run(commands), strict=True):
        if isinstance(answer, list):
            yield folder, answer
        elif answer != EX_NO_FOLDER:
            raise BackendError(trouble(wanted.address, answer))


def remove(doveadm: Doveadm, wanted: Wish, folder: Folder, uids: list[str]) -> None:
    """Remove these mails, or move them to Trash; those that are gone already are none. Raises
    BackendError."""
    query = ["mailbox-guid", folder.guid, "uid", ",".join(uids)]
    arguments: dict[str, Any] = {"user": wanted.address, "query": query}
    if wanted.to_trash and not _inside(folder.name, "Trash"):
        command = ("move", arguments | {"destinationMailbox": "Trash"})
    else:
        command = ("expunge", arguments)
    answer = doveadm.run([command])[0]
    if isinstance(answer, int) and answer not in (0, EX_NO_FOLDER):
        raise BackendError(trouble(wanted.address, answer))
