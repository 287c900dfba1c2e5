"""What waits in the node's queue, and what shall become of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nodeagent.backends.base import BackendError
from nodeagent.node import Node
from nodeagent.queue.client import ask_keeper

MOST = 1000  # senders or ids in one question
CHANGES = ("hold", "release", "delete", "deliver")


def queue(node: Node, args: Mapping[str, Any]) -> dict[str, Any]:
    """``senders``: whose mails (null: everybody's) → ``mails``, ``all``."""
    return ask_keeper(_socket(node), "list", senders=_texts(args.get("senders")))


def queue_change(node: Node, args: Mapping[str, Any]) -> dict[str, Any]:
    """``do``, of CHANGES, to the mails from ``senders`` with these ``ids`` (null: all) → ``done``, how many.
    Done twice it finds nothing the second time."""
    do = args.get("do")
    if do not in CHANGES:
        raise BackendError("The node's agent does not know this change; update it.")
    senders, ids = _texts(args.get("senders")), _texts(args.get("ids"))
    return ask_keeper(_socket(node), str(do), senders=senders, ids=ids)


def _socket(node: Node) -> Any:
    return node.config.mail.queue_socket if node.config.mail else None


def _texts(value: Any) -> list[str] | None:
    if value is None:
        return None
    fits = isinstance(value, list) and len(value) <= MOST
    if not fits or not all(isinstance(text, str) and len(text) <= 320 for text in value):
        raise BackendError("The question does not fit this node's agent.")
    return list(value)
