"""What the words about a change are made from. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from django.utils.translation import gettext as _

from dnszone import mx, names, rdata
from dnszone.spec import Row
from dnszone.ttls import in_words

OK, WAIT, BAD = "ok", "wait", "bad"
ADDRESSES = ("A", "AAAA", "CNAME", "ALIAS")


@dataclass(frozen=True, slots=True)
class Said:
    """``verdict``: a few words; ``says``: sentences below it."""

    headline: str
    tone: str
    verdict: str
    says: list[str] = field(default_factory=list)


class Place:
    """A zone before and after, as the sentences ask about it."""

    def __init__(self, zone: str, before: Sequence[Row], after: Sequence[Row]) -> None:
        self.zone = zone
        self._before, self._after = before, after

    @cached_property
    def shown(self) -> str:
        return names.shown(self.zone)

    @cached_property
    def old(self) -> dict[tuple[str, str], list[Row]]:
        return _by_rrset(self._before)

    @cached_property
    def new(self) -> dict[tuple[str, str], list[Row]]:
        return _by_rrset(self._after)

    def new_rows(self) -> Sequence[Row]:
        return self._after

    @cached_property
    def mail_hosts(self) -> set[str]:
        """The owners whose addresses the mail of the domain goes to, before or after."""
        return self._hosts(self.old) | self._hosts(self.new)

    def _hosts(self, rows: dict[tuple[str, str], list[Row]]) -> set[str]:
        targets = [rdata.target("MX", row.rdata) for row in rows.get((names.APEX, "MX"), [])]
        if not targets:
            return {names.APEX}  # RFC 5321 §5.1
        return {owner for owner in map(self.inside, targets) if owner}

    def inside(self, target: str) -> str:
        """The owner in this zone that an absolute name stands for; empty for a name elsewhere."""
        name = target.removesuffix(".")
        if name == self.zone:
            return names.APEX
        return name.removesuffix(f".{self.zone}") if name.endswith(f".{self.zone}") else ""

    def has_address(self, owner: str) -> bool:
        """Afterwards, by itself, by a star, or below a name that is handed to other name servers."""
        owners = [owner, *_stars(owner)] if owner != names.APEX else [owner]
        if any((name, kind) in self.new for name in owners for kind in ADDRESSES):
            return True
        return any((name, "NS") in self.new for name in _above(owner) if name != names.APEX)

    def full(self, owner: str) -> str:
        """For people: ``www.example.test``."""
        return self.shown if owner == names.APEX else f"{names.shown(owner)}.{self.shown}"

    def short(self, owner: str) -> str:
        return self.shown if owner == names.APEX else names.shown(owner)

    def sentence(self, rows: Iterable[Row]) -> str:
        """Where the mail of the domain goes by these records, in words."""
        rows = [row for row in rows if row.owner == names.APEX]
        rdatas = [row.rdata for row in rows if row.type == "MX"]
        return mx.sentence(
            self.shown, rdatas, addresses=mx.own_addresses((r.owner, r.type, r.rdata) for r in rows)
        )


def _by_rrset(rows: Iterable[Row]) -> dict[tuple[str, str], list[Row]]:
    found: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in rows:
        found[row[1:3]].append(row)
    return dict(found)


def _above(owner: str) -> list[str]:
    labels = owner.split(".")
    return [".".join(labels[i:]) for i in range(len(labels))]


def _stars(owner: str) -> list[str]:
    """Every star that could answer for this name (RFC 4592 §3.3.1)."""
    return ["*" if not above else f"*.{above}" for above in [*_above(owner)[1:], ""]]


def values(rows: Iterable[Row], few: int = 3) -> str:
    """The values as people read them, the first few of them."""
    found = [rdata.shown(row.type, row.rdata)[:120] for row in rows]
    text = ", ".join(found[:few])
    if len(found) > few:
        return _("%(some)s and %(n)d more") % {"some": text, "n": len(found) - few}
    return text


def ttl_of(rows: Iterable[Row]) -> int:
    return max((row.ttl for row in rows), default=0)


def lasts(rows: Iterable[Row]) -> str:
    """How long others may go on with what was."""
    return in_words(ttl_of(rows))
