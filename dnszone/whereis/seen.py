"""What a look at the world found, and its way into JSON and back. Pure."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from typing import Any

Names = list[str]


@dataclass(frozen=True, slots=True)
class There:
    """What a name and type have elsewhere: ``values`` (TXT joined), or the ``alias`` they hide behind."""

    values: list[str]
    alias: str = ""
    ttl: int = 0


@dataclass(slots=True)
class Seen:
    """Names of servers without a last dot, sorted; None: that could not be asked.

    ``parent``: what the zone above says, with its ``parent_ttl``; ``said``: what resolvers got. ``child``: by
    server, the NS records that it serves itself. ``answered``: those of ours that serve the zone. ``ds``: DS
    records above. ``source``: the server whose records ``found`` holds, by ``name type``. ``targets``:
    addresses of hosts that ours point to."""

    parent: Names | None = None
    parent_ttl: int = 0
    said: Names | None = None
    child: dict[str, Names | None] = field(default_factory=dict)
    answered: Names = field(default_factory=list)
    ds: list[str] | None = None
    ds_ttl: int = 0
    source: str = ""
    found: dict[str, There | None] = field(default_factory=dict)
    targets: dict[str, list[str]] = field(default_factory=dict)

    def at(self, owner: str, rtype: str) -> There | None:
        """None: nobody knows. Whoever asks for a CNAME gets what A says: an alias, or the addresses that
        stand in its place."""
        return self.found.get(key(owner, "A" if rtype == "CNAME" else rtype))


def key(owner: str, rtype: str) -> str:
    return f"{owner} {rtype}"


def written(seen: Seen) -> dict[str, Any]:
    return dataclasses.asdict(seen)


def read(stored: Any) -> Seen:
    """What another version of the panel kept is as good as nothing."""
    try:
        found = {
            name: There(**value) if value is not None else None for name, value in stored["found"].items()
        }
        return Seen(**(stored | {"found": found}))
    except (KeyError, TypeError, AttributeError):
        return Seen()
