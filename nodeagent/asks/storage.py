"""What takes the room in a mailbox, what a clean-up would remove, and what a sender is told now."""

from __future__ import annotations

import contextlib
from collections import defaultdict
from collections.abc import Mapping
from email.header import decode_header, make_header
from email.utils import parseaddr
from typing import Any

from nodeagent import cleaning
from nodeagent.backends.base import BackendError
from nodeagent.config import ConfigError
from nodeagent.node import Node
from nodeagent.room import FULL, room

SENDERS_OF = 5000  # mails whose headers are read, the largest
SHOWN = 50
TEXT_MOST = 200


def storage(node: Node, args: Mapping[str, Any]) -> dict[str, Any]:
    """``{address}`` → ``{folders: [{name, messages, bytes}], senders: the same, of: {mails, bytes, all}}``,
    the largest first. ``of``: the mails whose senders were looked at."""
    address, doveadm = cleaning.address_of(args), _doveadm(node)
    there = cleaning.folders(doveadm, address)
    sizes = doveadm.run([("fetch", _fetch(address, ["size.physical"], ["ALL"]))])[0]
    if not isinstance(sizes, list):
        raise BackendError(cleaning.trouble(address, sizes))
    every = sorted((int(row["size.physical"]) for row in sizes), reverse=True)
    over = every[SENDERS_OF] if len(every) > SENDERS_OF else 0
    query = ["larger", str(over)] if over else ["ALL"]
    mails = doveadm.run([("fetch", _fetch(address, ["hdr.from", "size.physical"], query))])[0]
    if not isinstance(mails, list):
        raise BackendError(cleaning.trouble(address, mails))
    return {
        "folders": [
            {"name": folder.name[:TEXT_MOST], "messages": folder.messages, "bytes": folder.bytes}
            for folder in sorted(there, key=lambda folder: -folder.bytes)[:SHOWN]
        ],
        "senders": _senders(mails)[:SHOWN],
        "of": {
            "mails": len(mails),
            "bytes": sum(int(row["size.physical"]) for row in mails),
            "all": len(every),
        },
    }


def folders(node: Node, args: Mapping[str, Any]) -> list[str]:
    """``{address}`` → the names of its folders."""
    there = cleaning.folders(_doveadm(node), cleaning.address_of(args))
    return sorted(folder.name for folder in there)[: cleaning.FOLDERS_MOST]


def clean_preview(node: Node, args: Mapping[str, Any]) -> dict[str, Any]:
    """A cleaning.Wish → ``{mails, bytes, bounds, folders: [[name, mails, bytes]], first: [{from, subject, at,
    bytes, folder}]}``. With ``bounds`` what is left of them. ``first``: the newest of each folder first."""
    wanted, doveadm = cleaning.wish(args), _doveadm(node)
    where = cleaning.meant(wanted, cleaning.folders(doveadm, wanted.address))
    if len(where) > cleaning.FOLDERS_MOST:
        raise BackendError("There are too many folders. Choose one of them.")
    by_folder: list[tuple[cleaning.Folder, list[Any]]] = list(
        cleaning.found(doveadm, wanted, where, ["uid", "size.physical"])
    )
    rows = [(folder.name, len(mails), _bytes(mails)) for folder, mails in by_folder if mails]
    return {
        "mails": sum(mails for _name, mails, _size in rows),
        "bytes": sum(size for _name, _mails, size in rows),
        "bounds": {folder.guid: [folder.validity, folder.last] for folder, mails in by_folder if mails},
        "folders": [[name[:TEXT_MOST], mails, size] for name, mails, size in rows[:SHOWN]],
        "first": _first(doveadm, wanted, by_folder),
    }


def refusal(node: Node, args: Mapping[str, Any]) -> str:
    """``{address}`` → what a sender's server is told at RCPT TO while the box has no room; empty when it
    takes mail."""
    address = cleaning.address_of(args)
    try:
        takes = room(node.config).takes(address, 0)
    except (ConfigError, OSError) as error:
        raise BackendError("Dovecot does not say whether there is room.") from error
    code, status, words = FULL.split(" ", 2)
    return "" if takes else f"{code} {status} <{address}>: Recipient address rejected: {words}"


def _first(doveadm: Any, wanted: cleaning.Wish, by_folder: list[tuple[cleaning.Folder, list[Any]]]) -> Any:
    shown: list[dict[str, Any]] = []
    fields = ["hdr.from", "hdr.subject", "date.received.unixtime", "size.physical"]
    for folder, mails in by_folder:
        uids = [row["uid"] for row in mails][-(SHOWN - len(shown)) :]
        if not uids or len(shown) >= SHOWN:
            continue
        query = ["mailbox-guid", folder.guid, "uid", ",".join(uids)]
        answer = doveadm.run([("fetch", _fetch(wanted.address, fields, query))])[0]
        rows = reversed(answer) if isinstance(answer, list) else ()
        shown += [_mail(row) | {"folder": folder.name[:TEXT_MOST]} for row in rows]
    return shown


def _mail(row: dict[str, str]) -> dict[str, Any]:
    return {
        "from": _text(row["hdr.from"]),
        "subject": _text(row["hdr.subject"]),
        "at": int(row["date.received.unixtime"]),
        "bytes": int(row["size.physical"]),
    }


def _senders(mails: list[dict[str, str]]) -> list[dict[str, Any]]:
    sums: defaultdict[str, list[int]] = defaultdict(lambda: [0, 0])
    for row in mails:
        _name, address = parseaddr(row["hdr.from"].partition("\n")[0])
        whole = sums[address.lower()[:TEXT_MOST] if "@" in address else ""]
        whole[0] += 1
        whole[1] += int(row["size.physical"])
    largest = sorted(sums.items(), key=lambda item: -item[1][1])
    return [{"name": name, "messages": number, "bytes": size} for name, (number, size) in largest]


def _text(header: str) -> str:
    """As people read it; a header that is none as it stands."""
    with contextlib.suppress(ValueError, LookupError):
        header = str(make_header(decode_header(header)))
    return header.encode("utf-8", "replace").decode()[:TEXT_MOST].replace("\0", "")


def _bytes(mails: list[dict[str, str]]) -> int:
    return sum(int(row["size.physical"]) for row in mails)


def _fetch(address: str, fields: list[str], query: list[str]) -> dict[str, Any]:
    return {"user": address, "field": fields, "query": query}


def _doveadm(node: Node) -> Any:
    if node.doveadm is None:
        raise BackendError("This node has no mailboxes.")
    return node.doveadm
