"""A zone as its checks look at it: what is at a name, what a star answers, what is handed over. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection

from dnszone.names import APEX
from dnszone.spec import Row


class Shape:
    """The rows by what the checks look up."""

    def __init__(self, zone: str, rows: Collection[Row]) -> None:
        self.name = zone
        self.suffix = f".{zone}."
        self.kinds: dict[str, frozenset[str]] = {}
        self.of: dict[str, list[Row]] = defaultdict(list)
        self.zero: dict[tuple[str, str], None] = {}
        alone: dict[str, frozenset[str]] = {}
        for row in rows:
            _pk, owner, kind, _rdata, ttl, *_rest = row
            here = self.kinds.get(owner)
            if here is None:  # most names have one type: they share its set
                self.kinds[owner] = alone.get(kind) or alone.setdefault(kind, frozenset({kind}))
            elif kind not in here:
                self.kinds[owner] = here | {kind}
            if kind not in ("A", "AAAA"):
                self.of[kind].append(row)
            if ttl == 0:
                self.zero[owner, kind] = None
        self.stars = {owner for owner in self.kinds if owner[0] == "*"}
        self.cuts = {row.owner for row in self.of["NS"] if row.owner != APEX}
        self._parents: set[str] | None = None

    def owner(self, target: str) -> str:
        """A target as a name of this zone; empty when it lies elsewhere."""
        if target == self.suffix[1:]:
            return APEX
        return target.removesuffix(self.suffix) if target.endswith(self.suffix) else ""

    def answers(self, owner: str) -> frozenset[str]:
        """The types at a name, a star counted (RFC 4592 §3.3)."""
        return self.kinds.get(owner) or self.kinds.get(self.star_for(owner), frozenset())

    def star_for(self, owner: str) -> str:
        """The star that answers for a name which is not there; empty when none does."""
        if not self.stars or owner == APEX or self.exists(owner):
            return ""
        above = owner
        while above != APEX:
            above = above.partition(".")[2] or APEX
            star = "*" if above == APEX else f"*.{above}"
            if star in self.stars:
                return star
            if above == APEX or self.exists(above):
                return ""
        return ""

    def exists(self, owner: str) -> bool:
        """There are records, or names below that have some."""
        if owner in self.kinds:
            return True
        if self._parents is None:
            self._parents = {
                name
                for known in self.kinds
                for at, sign in enumerate(known)
                if sign == "."
                for name in (known[at + 1 :],)
            }
        return owner in self._parents

    def delegated(self, owner: str) -> str:
        """The subdomain handed to other name servers that this name is or lies in; empty when none."""
        while self.cuts and owner and owner != APEX:
            if owner in self.cuts:
                return owner
            owner = owner.partition(".")[2]
        return ""
