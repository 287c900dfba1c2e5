"""Records as the list shows them to a person who is changing them: what is there, and what is wished."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from django.utils.translation import gettext as _

from dnszone import changeset, drafting, names, rdata, ttls
from dnszone.drafting import Item
from dnszone.managed import LABELS, Label
from dnszone.models import Draft, Zone
from dnszone.selectors.records import rows_of
from dnszone.spec import DEFAULT_TTL, RecordSpec, Row, row_of, spec_of

L = TypeVar("L", bound="Line")
NEW, CHANGED, GONE = "new", "changed", "gone"
LONG = 320  # characters; a longer value is folded


@dataclass(frozen=True, slots=True)
class Line:
    """One record in the list. ``row``: as it shall be; one that goes: as it is. ``was``: as it was when the
    person changed it. ``item``: its change in the draft, 0 for none. ``taken``: the label (managed.LABELS)
    under which the panel would keep it."""

    row: Row
    state: str = ""
    item: int = 0
    was: Row | None = None
    hints: tuple[Any, ...] = ()
    taken: str = ""

    @property
    def key(self) -> str:
        """Names it in a form: the record's key, or ``new-3`` for the third change of the draft."""
        return str(self.row.pk) if self.row.pk is not None else f"new-{self.item}"

    @property
    def owner(self) -> str:
        return names.shown(self.row.owner)

    @property
    def owner_ascii(self) -> str:
        return "" if self.owner == self.row.owner else self.row.owner

    @property
    def value(self) -> str:
        return rdata.shown(self.row.type, self.row.rdata)

    @property
    def value_ascii(self) -> str:
        return rdata.ascii_target(self.row.type, self.row.rdata)

    @property
    def long(self) -> bool:
        return len(self.value) > LONG

    @property
    def what(self) -> str:
        return f"{self.owner} {self.row.type}"

    @property
    def label(self) -> Label | None:
        return LABELS.get(self.row.managed)

    @property
    def locked(self) -> bool:
        return changeset.is_locked(self.row)

    @property
    def editable(self) -> bool:
        return not self.locked and self.row.type in rdata.TYPES

    @property
    def spec(self) -> RecordSpec:
        return spec_of(self.row.entry)

    @property
    def was_words(self) -> str:
        """What differs, for the line under the value: the old name, value, TTL or comment."""
        old = self.was
        if self.state != CHANGED or old is None:
            return ""
        parts = []
        if old.owner != self.row.owner:
            parts.append(names.shown(old.owner))
        if old.rdata != self.row.rdata:
            parts.append(rdata.shown(old.type, old.rdata)[:LONG])
        if old.ttl != self.row.ttl:
            parts.append(_("TTL %(ttl)d") % {"ttl": old.ttl})
        if not parts:
            parts.append(
                _("the comment “%(text)s”") % {"text": old.comment} if old.comment else _("without comment")
            )
        return ", ".join(parts)


@dataclass(frozen=True, slots=True)
class MxLine(Line):
    """An MX record of the domain itself."""

    @property
    def priority(self) -> int:
        return int(self.row.rdata.partition(" ")[0])

    @property
    def target(self) -> str:
        return self.row.rdata.partition(" ")[2]

    @property
    def shown(self) -> str:
        return "." if self.target == "." else names.shown(self.target)

    @property
    def state_key(self) -> str:
        """Where the page puts what zone-mx-states finds out."""
        return str(self.row.pk) if self.row.pk is not None else f"d{self.item}"

    @property
    def counts(self) -> bool:
        """Whether mail goes by it once the draft is applied."""
        return self.state != GONE and _is_mx(self.row)


@dataclass(frozen=True, slots=True)
class Pending:
    """A person's draft beside the list. ``count``: of changes. ``ttl``: how many seconds others may still
    give the old answers once it is applied."""

    count: int
    ttl: int
    items: Sequence[Item]
    by_record: dict[int, Item]
    ttls: dict[tuple[str, str], int]

    @property
    def within(self) -> str:
        """``ttl`` in words: ``1 hour``."""
        return ttls.in_words(self.ttl)

    def line(self, row: Row) -> Line:
        return self._line(Line, row)

    def mx(self, row: Row) -> MxLine:
        return self._line(MxLine, row)

    def _line(self, kind: type[L], row: Row) -> L:
        item = self.by_record.get(row.pk or 0)
        if item is None:
            ttl = self.ttls.get(row.rrset, row.ttl)  # one TTL a name and type: it changes with its neighbour
            return kind(row) if ttl == row.ttl else kind(row._replace(ttl=ttl), CHANGED, 0, row)
        if item["spec"] is None:
            return kind(row, GONE, item["id"])
        return kind(changeset.kept(row, row_of(item["spec"], row.pk)), CHANGED, item["id"], row)

    def new_mx(self) -> list[MxLine]:
        """What the draft brings to the domain's MX records besides those that are there."""
        found = []
        for item in self.items:
            row = row_of(item["spec"], item["record"]) if item["spec"] else None
            was = row_of(item["was"], item["record"]) if item["was"] else None
            if row and _is_mx(row) and not (was and _is_mx(was)):
                found.append(MxLine(row, CHANGED if was else NEW, item["id"], was))
        return found

    def new(self) -> list[Line]:
        """What the draft adds elsewhere."""
        lines = [
            Line(row_of(item["spec"]), NEW, item["id"])
            for item in self.items
            if item["spec"] and item["record"] is None
        ]
        return [line for line in lines if not _is_mx(line.row)]

    def added(self, item: int) -> Line | None:
        """The record that this change adds; None when there is no such change."""
        found = next((i for i in self.items if i["id"] == item and i["spec"] and i["record"] is None), None)
        return Line(row_of(found["spec"]), NEW, item) if found and found["spec"] else None


def wishes(draft: Draft | None) -> Pending:
    """None: nothing is gathered."""
    items: list[Item] = list(draft.items) if draft else []
    old = [item["was"][3] for item in items if item["was"]]
    fresh = [DEFAULT_TTL for item in items if not item["was"]]  # a refusal is kept so long: desired.soa
    return Pending(
        count=len(items) + (1 if draft and draft.routing else 0),
        ttl=max(old + fresh, default=0),
        items=items,
        by_record={item["record"]: item for item in items if item["record"] is not None},
        ttls={(item["spec"][0], item["spec"][1]): item["spec"][3] for item in items if item["spec"]},
    )


def in_conflict(zone: Zone, pending: Pending, rows: Sequence[Row] | None = None) -> bool:
    """Whether somebody else changed what the draft changes too. ``rows``: all of the zone; None: they are
    fetched, and only if the zone moved."""
    if all(item["base"] == zone.serial for item in pending.items):
        return False
    return bool(drafting.conflicts(pending.items, rows_of(zone) if rows is None else rows))


def drafted(rows: Iterable[Row], pending: Pending) -> list[Row]:
    """``rows`` with the draft, as far as it is about them, and what it adds."""
    lines = [pending.line(row) for row in rows]
    came = [line.row for line in pending.new()] + [line.row for line in pending.new_mx() if line.state == NEW]
    return [line.row for line in lines if line.state != GONE] + came


def apex_rows(rows: Iterable[Row], pending: Pending) -> list[Row]:
    """Those of ``rows`` and of the draft that are of the domain itself."""
    return [
        row
        for row in drafted((row for row in rows if row.owner == names.APEX), pending)
        if row.owner == names.APEX
    ]


def mx_lines(rows: Iterable[Row], pending: Pending) -> list[MxLine]:
    """``rows``: the MX records of the domain. With what the draft makes of them, in the order in which
    senders will try them."""
    lines = [pending.mx(row) for row in rows if _is_mx(row)] + pending.new_mx()
    return sorted(lines, key=lambda line: (line.priority, line.target, line.state == GONE))


def _is_mx(row: Row) -> bool:
    return row.owner == names.APEX and row.type == "MX"
