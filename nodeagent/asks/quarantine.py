"""What lies in the quarantine of mailboxes, and what shall become of it. Each change may be asked for again:
a mail that is no longer there is nobody's loss."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from nodeagent.backends.base import BackendError
from nodeagent.backends.dovecot import EX_NOUSER, Doveadm
from nodeagent.learning import teach
from nodeagent.node import Node

FOLDER = "Quarantine"
MOST_SHOWN = 200
MOST_ADDRESSES = 500
MOST_IDS = 50
HEAD = 400  # characters of a header
ID = re.compile(r"[A-Za-z0-9.,=_:+-]{1,200}")  # a GUID of Maildir is a file name
ADDRESS = re.compile(r"[^\s@/\\*?\"\x00-\x1f]{1,64}@[a-z0-9.-]{1,253}")
EX_NOT_THERE = 68  # doveadm: no such folder
FIELDS = ["guid", "date.received.unixtime", "size.virtual", "hdr.from", "hdr.subject", "hdr.x-spam-score",
          "hdr.x-spam-rules", "hdr.x-spam-list"]  # fmt: skip


def quarantine(node: Node, args: Mapping[str, Any]) -> dict[str, Any]:
    """``address`` → ``mails``, the newest first, at most MOST_SHOWN: id, at (Unix seconds), size, from,
    subject, score, rules, listed; ``all``: how many there are."""
    address = address_of(args.get("address"))
    answer = _doveadm(node).run(
        [("fetch", {"user": address, "field": FIELDS, "query": ["mailbox", FOLDER, "ALL"]})]
    )[0]
    rows = _there(answer, address)
    mails = [_mail(row) for row in rows]
    mails.sort(key=lambda mail: mail["at"], reverse=True)
    return {"mails": mails[:MOST_SHOWN], "all": len(mails)}


def quarantine_counts(node: Node, args: Mapping[str, Any]) -> dict[str, int]:
    """``addresses`` → how many mails each holds back; those with none are left out."""
    given = args.get("addresses")
    if not isinstance(given, list) or len(given) > MOST_ADDRESSES:
        raise BackendError("The question does not fit this node's agent.")
    addresses = [address_of(one) for one in given]
    commands = [
        ("mailboxStatus", {"user": address, "field": ["messages"], "mailboxMask": [FOLDER]})
        for address in addresses
    ]
    counts = {}
    for address, answer in zip(addresses, _doveadm(node).run(commands), strict=True):
        found = answer[0] if isinstance(answer, list) and answer else {}
        if number := int(found.get("messages", 0)):
            counts[address] = number
    return counts


def quarantine_release(node: Node, args: Mapping[str, Any]) -> dict[str, int]:
    """The mails ``ids`` of ``address`` go to its inbox; with ``learn`` they teach that they are no spam →
    ``done``, ``taught``."""
    address, ids, doveadm = address_of(args.get("address")), ids_of(args.get("ids")), _doveadm(node)
    taught = teach_all(node, address, ids, spam=False) if args.get("learn") else 0
    answers = doveadm.run(
        [
            ("move", {"user": address, "destinationMailbox": "INBOX", "query": query_of(one)})
            for one in _present(doveadm, address, ids)
        ]
    )
    if any(isinstance(answer, int) and answer for answer in answers):
        raise BackendError("The mail could not be moved to the inbox; it is still in quarantine. Try again.")
    return {"done": len(answers), "taught": taught}


def quarantine_delete(node: Node, args: Mapping[str, Any]) -> dict[str, int]:
    """The mails ``ids`` of ``address`` go for good; with ``learn`` they teach that they are spam."""
    address, ids, doveadm = address_of(args.get("address")), ids_of(args.get("ids")), _doveadm(node)
    taught = teach_all(node, address, ids, spam=True) if args.get("learn") else 0
    present = _present(doveadm, address, ids)
    answers = doveadm.run([("expunge", {"user": address, "query": query_of(one)}) for one in present])
    if any(isinstance(answer, int) and answer for answer in answers):
        raise BackendError("The mail could not be deleted. Try again.")
    return {"done": len(answers), "taught": taught}


def _present(doveadm: Doveadm, address: str, ids: list[str]) -> list[str]:
    answer = doveadm.run(
        [("fetch", {"user": address, "field": ["guid"], "query": ["mailbox", FOLDER, "ALL"]})]
    )[0]
    there = {str(row.get("guid")) for row in _there(answer, address)}
    return [one for one in ids if one in there]


def teach_all(node: Node, address: str, ids: list[str], *, spam: bool) -> int:
    """How many rspamd took. That it is away holds nobody's mail back."""
    taught = 0
    path = node.config.mail.rspamd_socket if node.config.mail else None
    for one in ids:
        answer = _doveadm(node).run(
            [("fetch", {"user": address, "field": ["text"], "query": query_of(one)})]
        )[0]
        for row in _there(answer, address):
            try:
                text = str(row.get("text", "")).encode("utf-8", "surrogateescape")
                teach(path, text, spam=spam)
                taught += 1
            except BackendError:
                continue
    return taught


def query_of(ident: str) -> list[str]:
    return ["mailbox", FOLDER, "guid", ident]


def _there(answer: Any, address: str) -> list[dict[str, Any]]:
    """The rows; none when there is no such folder yet."""
    if isinstance(answer, list):
        return answer
    if answer == EX_NOUSER:
        raise BackendError(f"{address} is not on this node yet. Try again in a minute.")
    if answer == EX_NOT_THERE:
        return []
    raise BackendError(f"Dovecot could not look into the quarantine (status {answer}).")


def _mail(row: Mapping[str, Any]) -> dict[str, Any]:
    """Plain texts, cut: they come from strangers."""
    return {
        "id": str(row.get("guid", ""))[:200],
        "at": int(row.get("date.received.unixtime") or 0),
        "size": int(row.get("size.virtual") or 0),
        "from": _head(row, "hdr.from"),
        "subject": _head(row, "hdr.subject"),
        "score": _head(row, "hdr.x-spam-score")[:12],
        "rules": _head(row, "hdr.x-spam-rules"),
        "listed": _head(row, "hdr.x-spam-list")[:20],
    }


def _head(row: Mapping[str, Any], name: str) -> str:
    text = "".join(one if one.isprintable() else " " for one in str(row.get(name) or ""))
    return text.encode("utf-8", "replace").decode()[:HEAD]


def _doveadm(node: Node) -> Doveadm:
    if node.doveadm is None:
        raise BackendError("This node holds no mail.")
    return node.doveadm


def address_of(value: Any) -> str:
    if not isinstance(value, str) or not ADDRESS.fullmatch(value):
        raise BackendError("The question does not fit this node's agent.")
    return value


def ids_of(value: Any) -> list[str]:
    fits = isinstance(value, list) and 0 < len(value) <= MOST_IDS
    if not fits or not all(isinstance(one, str) and ID.fullmatch(one) for one in value):
        raise BackendError("The question does not fit this node's agent.")
    return list(dict.fromkeys(value))
