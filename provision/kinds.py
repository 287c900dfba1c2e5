"""What can be pushed. An app registers its kinds in ``AppConfig.ready``; provision knows none by name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from nodeagent import contract
from provision.models import Node, NodeRebuild, Push


class Desired(Protocol):
    """From a key to the state that the panel wants now; None: absent. Asked when a person tries again."""

    def __call__(self, key: str, /) -> contract.State | None: ...


NodeCallback = Callable[[Node], None]
UsageCallback = Callable[[Node, list[contract.Usage]], None]
JoinedCallback = Callable[[Node, bool], None]
ProgressCallback = Callable[[Node, list[contract.Progress]], None]


def _nothing(push: Push, facts: dict[str, Any]) -> None:
    """Most kinds need no more than the status badge."""


@dataclass(frozen=True, kw_only=True)
class Kind:
    """``on_live`` runs in the report's transaction when the wanted revision is proven live, with the node's
    facts.

    ``push.payload`` is what is live (None: gone). It may run again for the same state: a node that was
    rebuilt proves everything anew. If it raises, the push counts as failed and is sent again later, so
    on_live is called again.

    ``on_refused`` runs there too when a node refuses the wanted revision and says more than why (facts): what
    the panel enqueues in it is sent at once.
    """

    name: str
    desired: Desired
    on_live: Callable[[Push, dict[str, Any]], None] = _nothing
    on_refused: Callable[[Push, dict[str, Any]], None] = _nothing


@dataclass(frozen=True, kw_only=True)
class RebuildWatcher:
    """``begun`` runs in the transaction that begins a rebuild: what was known of the node is known no longer
    soon. ``missing`` says what is gone, a line each; None while the node has not told yet."""

    begun: Callable[[NodeRebuild], None]
    missing: Callable[[NodeRebuild], list[str] | None]


_kinds: dict[str, Kind] = {}
_usage: list[UsageCallback] = []
_nodes: list[NodeCallback] = []
_progress: list[ProgressCallback] = []
_joined: list[JoinedCallback] = []
_rebuilds: list[RebuildWatcher] = []


def register(kind: Kind) -> None:
    _kinds[kind.name] = kind


def get(name: str) -> Kind:
    """Raises KeyError for a kind nobody registered."""
    return _kinds[name]


def listens(name: str) -> bool:
    """Whether anybody wants to hear that a push of this kind went live."""
    return name in _kinds and _kinds[name].on_live is not _nothing


def register_usage(callback: UsageCallback) -> None:
    """``callback(node, usage)`` gets what a node measured, about once a minute, in a transaction of its own.

    The list comes from the node: its shape is checked; whether the addresses live there is the callback's to
    check.
    """
    if callback not in _usage:
        _usage.append(callback)


def register_node(callback: NodeCallback) -> None:
    """``callback(node)`` runs when a node was added or set anew, in the same transaction."""
    if callback not in _nodes:
        _nodes.append(callback)


def register_progress(callback: ProgressCallback) -> None:
    """``callback(node, progress)`` hears how far a node's long work is, in a transaction of its own. Whether
    the work is that node's is the callback's to check."""
    if callback not in _progress:
        _progress.append(callback)


def progress_callbacks() -> tuple[ProgressCallback, ...]:
    return tuple(_progress)


def register_joined(callback: JoinedCallback) -> None:
    """``callback(node, anew)`` hears of a node that told its keys, in that transaction; ``anew``: it had
    others before, so it is another machine, or an emptied one."""
    if callback not in _joined:
        _joined.append(callback)


def joined_callbacks() -> tuple[JoinedCallback, ...]:
    return tuple(_joined)


def register_rebuild(watcher: RebuildWatcher) -> None:
    if watcher not in _rebuilds:
        _rebuilds.append(watcher)


def rebuild_watchers() -> tuple[RebuildWatcher, ...]:
    return tuple(_rebuilds)


def node_callbacks() -> tuple[NodeCallback, ...]:
    return tuple(_nodes)


def usage_callbacks() -> tuple[UsageCallback, ...]:
    return tuple(_usage)
