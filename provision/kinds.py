"""The registry of what can be pushed. An app registers its kinds in ``AppConfig.ready``; provision knows none by name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from nodeagent import contract
from provision.models import Push


class Desired(Protocol):
    """From a key back to the state that the panel wants now; None: absent. Used when a node is rebuilt or drifted."""

    def __call__(self, key: str, /) -> contract.State | None: ...


def _nothing(push: Push, facts: dict[str, Any]) -> None:
    """Most kinds need no more than the status badge."""


@dataclass(frozen=True, kw_only=True)
class Kind:
    """``on_live`` runs in the report's transaction each time a revision is proven live, with the node's facts."""

    name: str
    desired: Desired
    on_live: Callable[[Push, dict[str, Any]], None] = _nothing


_kinds: dict[str, Kind] = {}


def register(kind: Kind) -> None:
    _kinds[kind.name] = kind


def get(name: str) -> Kind:
    """Raises KeyError for a kind nobody registered."""
    return _kinds[name]
