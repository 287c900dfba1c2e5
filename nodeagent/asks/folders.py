"""The folders of a mailbox, as its mail programs show them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nodeagent.backends.base import BackendError
from nodeagent.backends.dovecot import EX_NOUSER
from nodeagent.node import Node
from nodeagent.patterns import ADDRESS

MOST = 2000


def folders(node: Node, args: Mapping[str, Any]) -> list[str]:
    """``user``: a mailbox → the names of its folders, ``/`` between their parts, the inbox first."""
    user = user_of(args)
    answer = doveadm_of(node).run([("mailboxList", {"user": user, "utf8": True, "mailboxMask": ["*"]})])[0]
    if answer == EX_NOUSER:
        raise BackendError("The mail server does not know this mailbox.")
    if not isinstance(answer, list):
        raise BackendError(f"Dovecot cannot list the folders (status {answer}); its log says why.")
    names = [str(row.get("mailbox", "")) for row in answer]
    return sorted(names, key=lambda name: (name != "INBOX", name.casefold()))[:MOST]


def user_of(args: Mapping[str, Any]) -> str:
    user = args.get("user")
    if not isinstance(user, str) or not ADDRESS.match(user):
        raise BackendError("The question does not fit this node's agent.")
    return user


def doveadm_of(node: Node) -> Any:
    if node.doveadm is None:
        raise BackendError("This node keeps no mailboxes.")
    return node.doveadm
