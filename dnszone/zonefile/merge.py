"""What a zone becomes with a file: which of its records stay, and what would break a rule of DNS. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from enum import StrEnum

from dnszone import changeset, names, rdata, rules
from dnszone.spec import Row
from dnszone.zonefile.reader import Reading
from dnszone.zonefile.words import comment_of
from lib.errors import Refused

_ALIASES = {"CNAME", "ALIAS"}
_ADDRESSES = {"A", "AAAA"}


class How(StrEnum):
    REPLACE = "replace"  # what is not in the file goes
    ADD = "add"  # a name and type of the file replaces the same name and type; the rest stays


def wanted(before: Iterable[Row], file: Sequence[Row], how: How, *, managed_too: bool) -> list[Row]:
    """All records of the zone with ``file``. What the panel keeps (Row.managed) stays unless the file has
    something in its place, or ``managed_too``. A record that is in both stays as it is, with its label, and
    with its comment unless the file has another one."""
    places = _Places(file)
    kept: list[Row] = []
    same: dict[tuple[str, str, str], Row] = {}
    for row in before:
        if row.identity in places.identities:
            same[row.identity] = row
        elif changeset.is_locked(row):
            kept.append(row)
        elif row.managed and not managed_too:
            if not places.takes_managed(row):
                kept.append(row)
        elif how is How.ADD and not places.takes(row):
            kept.append(row)
    ttls = {row.rrset: row.ttl for row in file}
    stay = [row._replace(ttl=ttls.get(row.rrset, row.ttl)) for row in kept]
    return stay + [_as_before(row, same.get(row.identity)) for row in file]


def _as_before(row: Row, old: Row | None) -> Row:
    if old is None:
        return row
    said = row.comment and row.comment != comment_of(old.comment)
    return old._replace(ttl=row.ttl, comment=row.comment if said else old.comment)


class _Places:
    """What the records of a file leave no room for."""

    def __init__(self, file: Iterable[Row]) -> None:
        rows = list(file)
        self.identities = {row.identity for row in rows}
        self.rrsets = {row.rrset for row in rows}
        self.types: dict[str, set[str]] = defaultdict(set)
        for row in rows:
            self.types[row.owner].add(row.type)
        self.tags = {_tag(row) for row in rows if row.rrset == (names.APEX, "TXT")}

    def takes(self, row: Row) -> bool:
        """The same name and type, or what cannot stand beside it: a CNAME beside anything (RFC 1034 §3.6.2),
        an ALIAS beside addresses."""
        come = self.types.get(row.owner, set())
        if row.rrset in self.rrsets or "CNAME" in come or (come and row.type == "CNAME"):
            return True
        return bool(come & _ADDRESSES) if row.type == "ALIAS" else "ALIAS" in come and row.type in _ADDRESSES

    def takes_managed(self, row: Row) -> bool:
        """TXT at the domain itself serves many: the tag in front tells SPF from a proof of ownership."""
        if row.rrset == (names.APEX, "TXT"):
            return _tag(row) in self.tags
        return self.takes(row)


def _tag(row: Row) -> str:
    return rdata.shown("TXT", row.rdata).replace(";", " ").partition(" ")[0].lower()


def check(zone: str, rows: Sequence[Row], reading: Reading) -> None:
    """Says in ``reading`` what of ``rows`` breaks a rule of DNS, at the line that brings it. What needs more
    than one name to be seen, such as aliases in a circle, the draft refuses."""
    by_owner: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        by_owner[row.owner].append(row)
    for here in by_owner.values():
        touched = dict.fromkeys(row.rrset for row in here if row.identity in reading.lines)
        if any(row.type in _ALIASES for row in here):
            _try(zone, here, set(touched), reading)  # one rule for all types of the name: said once
        else:
            for key in touched:
                _try(zone, here, {key}, reading)


def _try(zone: str, here: Sequence[Row], touched: set[rules.Key], reading: Reading) -> None:
    try:
        rules.check(zone, here, touched)
    except Refused as refused:
        at = [
            reading.lines[row.identity]
            for row in here
            if row.rrset in touched and row.identity in reading.lines
        ]
        line, text = max(at)
        reading.say(line, text, refused.message)
