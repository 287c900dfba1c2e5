"""The shapes in which records travel between pages, services and other apps."""

from __future__ import annotations

from dataclasses import dataclass

DEFAULT_TTL = 3600


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordSpec:
    """A record as wanted. ``owner``: relative to the zone, ``@`` for its apex. ``rdata``: for zone_apply and
    managed_records_set any text that ``rdata.canonical`` reads. ``ttl`` in seconds. ``managed``: a label of
    managed.LABELS, or empty for a person's own record."""

    owner: str
    type: str
    rdata: str
    ttl: int = DEFAULT_TTL
    managed: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """``record`` None: add ``spec``. ``spec`` None: delete the record with that primary key. Both: replace
    it."""

    record: int | None = None
    spec: RecordSpec | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """A record in a set that the rules look at; ``pk`` None: not saved yet. ``since``: the serial that
    brought it."""

    pk: int | None
    owner: str
    type: str
    rdata: str
    ttl: int
    managed: str
    since: int

    @property
    def rrset(self) -> tuple[str, str]:
        return self.owner, self.type

    @property
    def identity(self) -> tuple[str, str, str]:
        return self.owner, self.type, self.rdata
