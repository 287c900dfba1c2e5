"""Who else wants to hear of new log lines, in the transaction that stores them. Apps beside this one may not
be known here: panel brings both together."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from delivery.wire import Line
from provision.models import Node

Listener = Callable[[Node, Sequence[Line]], None]
_listeners: list[Listener] = []


def register(listener: Listener) -> None:
    """``listener(node, lines)``: lines that were never told before, in any order."""
    if listener not in _listeners:
        _listeners.append(listener)


def tell(node: Node, lines: Sequence[Line]) -> None:
    for listener in _listeners if lines else ():
        listener(node, lines)
