"""What can be done about an outcome, by the page of it. Other apps know how; they register here (panel)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from delivery.explain import Outcome, Text
from delivery.models import Entry


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """A button. ``url``: of our own page, or https of whom to ask (``away``). ``note``: what to know before.
    ``copy``: what has to be named there."""

    label: Text
    url: str = ""
    note: Text = ""
    copy: str = ""
    away: bool = False


@dataclass(frozen=True, slots=True)
class Asked:
    """``actor``: whose button it is."""

    actor: Any
    entry: Entry
    outcome: Outcome


Maker = Callable[[Asked], Action | None]
Labels = Callable[[set[str]], dict[str, str]]
_MAKERS: dict[str, Maker] = {}
_LABELS: list[Labels] = []


def register(slug: str, maker: Maker) -> None:
    """``maker`` gives None when this person may not do it, or when it makes no sense any more."""
    _MAKERS[slug] = maker


def register_labels(labels: Labels) -> None:
    """Gives the names that people gave to app passwords, by id."""
    _LABELS[:] = [labels]


def action_of(actor: Any, entry: Entry, outcome: Outcome) -> Action | None:
    maker = _MAKERS.get(outcome.action)
    return maker(Asked(actor, entry, outcome)) if maker is not None else None


def labels_of(keys: set[str]) -> dict[str, str]:
    return _LABELS[0](keys) if keys and _LABELS else {}
