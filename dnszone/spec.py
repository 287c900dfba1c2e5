"""The shapes in which records travel between pages, services and other apps."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

DEFAULT_TTL = 3600


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordSpec:
    """A record as wanted. ``owner``: relative to the zone, ``@`` for its apex. ``rdata``: for zone_apply and
    managed_records_set any text that ``rdata.canonical`` reads. ``ttl`` in seconds. ``managed``: a label of
    managed.LABELS, or empty for a person's own record. ``comment``: for people, never served."""

    owner: str
    type: str
    rdata: str
    ttl: int = DEFAULT_TTL
    managed: str = ""
    comment: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """``record`` None: add ``spec``. ``spec`` None: delete the record with that primary key. Both: replace
    it."""

    record: int | None = None
    spec: RecordSpec | None = None


class Row(NamedTuple):
    """A record in a set that the rules look at; ``pk`` None: not saved yet. ``since``: the serial that
    brought it. A tuple, as a page of a large zone makes, hashes and compares 20,000 of them."""

    pk: int | None
    owner: str
    type: str
    rdata: str
    ttl: int
    managed: str
    since: int
    comment: str = ""

    @property
    def rrset(self) -> tuple[str, str]:
        return self[1:3]

    @property
    def identity(self) -> tuple[str, str, str]:
        return self[1:4]

    @property
    def served(self) -> tuple[str, str, str, int]:
        """All that name servers know of it."""
        return self[1:5]

    @property
    def kept(self) -> tuple[str, str, str, int, str, str]:
        """All that a version keeps of it: its entry, to look up."""
        return self.owner, self.type, self.rdata, self.ttl, self.managed, self.comment

    @property
    def entry(self) -> Entry:
        return [self.owner, self.type, self.rdata, self.ttl, self.managed, self.comment]


Entry = list[Any]
"""A record in JSON (drafts, versions): [owner, type, canonical rdata, ttl, managed, comment]."""


def row_of(entry: Entry, pk: int | None = None) -> Row:
    owner, rtype, rdata, ttl, managed, comment = entry
    return Row(pk, owner, rtype, rdata, ttl, managed, 0, comment)


def spec_of(entry: Entry) -> RecordSpec:
    owner, rtype, rdata, ttl, managed, comment = entry
    return RecordSpec(owner=owner, type=rtype, rdata=rdata, ttl=ttl, managed=managed, comment=comment)
