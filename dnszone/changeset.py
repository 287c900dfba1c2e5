"""From a zone's rows and what somebody wants to the rows that it shall have. Pure: services lock, store and
push."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping, Sequence

from django.utils.translation import gettext as _

from dnszone import names, rdata, rules
from dnszone.spec import Change, RecordSpec, Row
from lib.errors import Refused

TTL_MAX = 2_147_483_647  # RFC 2181 §8
COMMENT_MAX = 200


class Stale(Refused):
    """Somebody else changed the same records since. ``serial``: saving on top of that one is meant."""

    def __init__(self, message: str, serial: int) -> None:
        super().__init__(message)
        self.serial = serial


def canonical_row(spec: RecordSpec, zone: str, pk: int | None = None) -> Row:
    """Raises Refused with the field of the typed form."""
    kind = rdata.record_type(spec.type).name
    if not 0 <= spec.ttl <= TTL_MAX:
        raise Refused(
            _("Write the TTL as a whole number of seconds from 0 to %(max)d, such as 3600.")
            % {"max": TTL_MAX},
            "ttl",
        )
    owner = names.owner(spec.owner, zone)
    value = rdata.canonical(kind, spec.rdata, zone)
    return Row(pk, owner, kind, value, spec.ttl, spec.managed, 0, spec.comment.strip()[:COMMENT_MAX])


def applied(
    zone: str, before: Sequence[Row], changes: Sequence[Change], *, serial: int, base_serial: int | None
) -> list[Row]:
    """``before`` with ``changes``. Refused when it would break a rule, touch a locked record, or undo unseen
    what somebody else changed since ``base_serial``."""
    rows = {row.pk: row for row in before}
    placed: list[Row] = []
    touched: set[rules.Key] = set()
    for change in changes:
        old = _taken(rows, change.record)
        new = canonical_row(change.spec, zone, change.record) if change.spec else None
        for row in (old, new):
            if row:
                _refuse_locked(row)
                touched.add(row.rrset)
        if new:
            placed.append(kept(old, new))
    if base_serial not in (None, serial):
        _refuse_unseen(before, touched, base_serial or 0, serial)
    after = _one_ttl([*rows.values(), *placed], placed)
    rules.check(zone, after, touched)
    return after


def settled(zone: str, before: Sequence[Row], placings: Iterable[tuple[int | None, Row | None]]) -> list[Row]:
    """``before`` with rows that are canonical already, their labels as they say, in the place of the records
    with these keys (None: beside them; no row: that record goes). For drafts and versions. Refused as
    ``applied``."""
    rows = {row.pk: row for row in before}
    placed: list[Row] = []
    touched: set[rules.Key] = set()
    for record, new in placings:
        old = _taken(rows, record)
        for row in (old, new):
            if row:
                _refuse_locked(row)
                touched.add(row.rrset)
        if new:
            same = old is not None and old.entry == new.entry
            placed.append(old if old and same else new if new.pk == record else new._replace(pk=record))
    after = _one_ttl([*rows.values(), *placed], placed)
    rules.check(zone, after, touched)
    return after


def _taken(rows: dict[int | None, Row], record: int | None) -> Row | None:
    if record is None:
        return None
    try:
        return rows.pop(record)
    except KeyError:
        raise Refused(
            _(
                "One of these records is no longer there: somebody deleted it meanwhile. Look at the list "
                "again."
            )
        ) from None


def is_locked(row: Row) -> bool:
    """The name servers of the domain itself: the panel's alone."""
    return row.owner == names.APEX and row.type == "NS"


def _refuse_locked(row: Row) -> None:
    if is_locked(row):
        raise Refused(
            _(
                "The name servers of the domain itself are kept by the panel. For a subdomain, write its "
                "name."
            ),
            "owner",
        )


def kept(old: Row | None, new: Row) -> Row:
    """A record saved as it was stays the panel's; a changed one is the person's own from now on."""
    if old and old.identity == new.identity:
        return new._replace(managed=old.managed, since=old.since)
    return new


def _refuse_unseen(before: Iterable[Row], touched: set[rules.Key], base_serial: int, serial: int) -> None:
    news = [row for row in before if row.rrset in touched and row.since > base_serial]
    if news:
        raise stale(news, serial)


def stale(rows: Sequence[Row], serial: int) -> Stale:
    """``rows``: what is there now."""
    shown = [f"{row.owner} {row.type} {rdata.shown(row.type, row.rdata)[:80]}" for row in rows[:5]]
    return Stale(
        _(
            "Somebody changed these records while this page was open. Now there is: %(now)s. Save again "
            "to go on."
        )
        % {"now": "; ".join(shown) or _("nothing")},
        serial,
    )


def _one_ttl(rows: Sequence[Row], placed: Sequence[Row]) -> list[Row]:
    """RFC 2181 §5.2: an RRset has one TTL, here that of the record placed last."""
    ttls = {row.rrset: row.ttl for row in placed}
    owners = {row.owner for row in placed}
    return [
        row
        if row.owner not in owners or ttls.get(row.rrset, row.ttl) == row.ttl
        else row._replace(ttl=ttls[row.rrset])
        for row in rows
    ]


def with_managed(
    zone: str, before: Sequence[Row], label: str, specs: Iterable[RecordSpec]
) -> tuple[list[Row], list[RecordSpec]]:
    """``before`` with ``specs`` as all that ``label`` holds; and those of them that a person's records leave
    no room for."""
    ours = {row.identity: row for row in before if row.managed == label}
    held = {row.rrset for row in ours.values()}
    after = [row for row in before if row.managed != label]
    ttls: Mapping[rules.Key, int] = {row.rrset: row.ttl for row in before}
    left_out = []
    for spec in specs:
        row = canonical_row(dataclasses.replace(spec, managed=label), zone)
        row = ours.get(row.identity) or row._replace(ttl=ttls.get(row.rrset, row.ttl))
        if any(row.identity == other.identity for other in after):
            continue
        if (row.rrset not in held and any(_in_its_place(row, other) for other in after)) or not _fits(
            zone, [*after, row], row
        ):
            left_out.append(spec)
        else:
            after.append(row)
    return after, left_out


def _in_its_place(row: Row, other: Row) -> bool:
    """Whether a person wrote ``other`` for the same purpose. TXT at the apex serves many: the tag before the
    first blank or semicolon (``v=spf1``) tells them apart."""
    if other.managed or other.rrset != row.rrset:
        return False
    return row.type != "TXT" or row.owner != names.APEX or _tag(row) == _tag(other)


def _tag(row: Row) -> str:
    return rdata.shown("TXT", row.rdata).replace(";", " ").partition(" ")[0].lower()


def _fits(zone: str, rows: Sequence[Row], row: Row) -> bool:
    try:
        rules.check(zone, rows, {row.rrset})
    except Refused:
        return False
    return True
