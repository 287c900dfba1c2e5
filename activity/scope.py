"""Which part of the book a page is open at. Every scope is one range of one index."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """One of: ``account`` (with ``below``: only while it was that reseller's), ``top`` (a reseller and its
    clients), ``everything``."""

    account: int | None = None
    below: int | None = None
    top: int | None = None
    everything: bool = False
