"""Addresses that something else than a mailbox has: a forwarder, a former address. Each subject registers a
look-up in ``AppConfig.ready``; bulk work asks them all at once."""

from __future__ import annotations

from collections.abc import Callable, Collection

LookUp = Callable[[Collection[str]], dict[str, str]]
"""Of these addresses those that are taken, each with the reason in words."""

_look_ups: list[LookUp] = []


def register(look_up: LookUp) -> None:
    if look_up not in _look_ups:
        _look_ups.append(look_up)


def taken(addresses: Collection[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for look_up in _look_ups if addresses else ():
        found |= look_up(addresses)
    return found
