"""Mail that would go in a circle. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence


def circle(start: str, edges: Mapping[str, Sequence[str]]) -> list[str]:
    """The way from ``start`` along ``edges`` (an address → where its mail goes) to an address that it passed
    before, and that address again: ``[a, b, a]``; what only leads into the circle is left out. Empty: every
    way ends."""
    way: list[str] = []
    on_way: set[str] = set()
    done: set[str] = set()
    stack: list[tuple[str, int]] = [(start, 0)]
    while stack:
        address, place = stack.pop()
        if place == 0:
            way.append(address)
            on_way.add(address)
        following = edges.get(address, ())
        if place == len(following):
            way.pop()
            on_way.discard(address)
            done.add(address)
            continue
        stack.append((address, place + 1))
        after = following[place]
        if after in on_way:
            return [*way[way.index(after) :], after]
        if after not in done:
            stack.append((after, 0))
    return []
