"""What waits in the node's queue, and what shall become of it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from nodeagent.backends.base import BackendError
from nodeagent.node import Node
from nodeagent.queue.client import ask_keeper

CHANGES = ("hold", "release", "delete", "deliver")
# Which mails are meant (nodeagent.queue.selection checks them).
MEANT = frozenset(
    {"senders", "ids", "houses", "queue", "sender", "recipient", "recipient_domain", "reason", "before"}
)
PAGE = frozenset({"limit", "after", "newest"})


def queue(node: Node, args: Mapping[str, Any]) -> dict[str, Any]:
    """The mails that are meant (MEANT), a page of them (PAGE) → ``list`` of nodeagent.queue.keeper."""
    return ask_keeper(_socket(node), "list", **_known(args, MEANT | PAGE))


def queue_change(node: Node, args: Mapping[str, Any]) -> dict[str, Any]:
    """``do``, of CHANGES, to the mails that are meant → ``done``, to how many; ``proven``, of how many the
    queue shows it; and the rest that nodeagent.queue.keeper tells. Done twice it finds nothing to do."""
    do = args.get("do")
    if do not in CHANGES:
        raise BackendError("The node's agent does not know this change; update it.")
    meant = {name: value for name, value in args.items() if name != "do"}
    return ask_keeper(_socket(node), str(do), **_known(meant, MEANT))


def queue_headers(node: Node, args: Mapping[str, Any]) -> dict[str, Any]:
    """``id`` → ``headers`` (text), ``cut``: there is more of them, ``mail``."""
    return ask_keeper(_socket(node), "headers", **_known(args, frozenset({"id"})))


def _known(args: Mapping[str, Any], names: frozenset[str]) -> dict[str, Any]:
    """What an agent of another version would leave out must not widen what is meant."""
    if set(args) - names:
        raise BackendError("The question does not fit this node's agent; update it.")
    return dict(args)


def _socket(node: Node) -> Path | None:
    return node.config.mail.queue_socket if node.config.mail else None
