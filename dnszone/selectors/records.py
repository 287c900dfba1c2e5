"""Records: one page of a long list, the MX records, aliases, all of a zone."""

from __future__ import annotations

import base64
import json
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q, QuerySet, Subquery, TextChoices, TextField, Value
from django.db.models.functions import Left, Replace
from django.utils.translation import gettext_lazy as _

from dnszone import names, rdata
from dnszone.models import Record, Zone
from dnszone.spec import Row
from lib.errors import Refused

PAGE = 50
# Every order ends in the key, so that it is total. Long values are told apart by their first 100 characters.
SORTS: dict[str, tuple[str, ...]] = {
    "name": ("owner", "type", "id"),
    "type": ("type", "owner", "id"),
    "value": ("head", "id"),
    "ttl": ("ttl", "owner", "id"),
}


class Kept(TextChoices):
    """Besides the types: who keeps a record."""

    PANEL = "panel", _("kept by the panel")
    PERSON = "own", _("written by you")


@dataclass(frozen=True, slots=True)
class RecordsPage:
    """``total``: how many match in all. ``previous`` and ``next``: cursors, empty at either end."""

    records: list[Record]
    total: int
    previous: str
    next: str


def other_records(zone: Zone, *, search: str = "", kind: str = "", kept: str = "") -> QuerySet[Record]:
    """All but the MX records of the domain itself. ``kind``: a type or empty. ``kept``: a value of Kept or
    empty."""
    found = Record.objects.filter(zone=zone).exclude(owner=names.APEX, type="MX")
    if kind in rdata.TYPES:
        found = found.filter(type=kind)
    if kept in Kept.values:
        found = found.exclude(managed="") if kept == Kept.PANEL else found.filter(managed="")
    search = search.replace("\x00", "").strip()[:253]
    if not search:
        return found
    whole = Replace(
        "rdata", Value('" "'), Value(""), output_field=TextField()
    )  # a long TXT is found across its strings
    return found.annotate(whole=whole).filter(
        Q(whole__icontains=search)
        | Q(owner__icontains=_relative(search, zone.name))
        | Q(comment__icontains=search)
    )


def _relative(search: str, zone: str) -> str:
    """People look for names in full and in their own script as well."""
    try:
        return names.owner(search, zone)
    except Refused:
        return search


def records_page(
    zone: Zone,
    *,
    search: str = "",
    kind: str = "",
    kept: str = "",
    sort: str = "name",
    after: str = "",
    before: str = "",
    without: Collection[str] = (),
) -> RecordsPage:
    """One page in one query, however long the zone. ``sort``: a key of SORTS, with ``-`` in front downwards.
    A cursor that is no cursor, or of another order, is the first page. ``without``: keys of LABELS that stand
    elsewhere on the page."""
    down, columns = sort.startswith("-"), SORTS.get(sort.removeprefix("-"), SORTS["name"])
    found = other_records(zone, search=search, kind=kind, kept=kept).exclude(managed__in=without)
    found = found.annotate(
        head=Left("rdata", 100),
        total=Subquery(found.order_by().values("zone").annotate(n=Count("*")).values("n")),
    )
    cursor = _cursor(before or after, columns)
    back = bool(before) and cursor is not None
    downwards = down != back
    if cursor is not None:
        found = found.filter(_beyond(columns, cursor, downwards=downwards))
    rows: list[Any] = list(found.order_by(*(f"-{c}" if downwards else c for c in columns))[: PAGE + 1])
    more, rows = len(rows) > PAGE, rows[:PAGE]
    if back:
        rows.reverse()
    has_previous, has_next = (more, True) if back else (cursor is not None, more)
    return RecordsPage(
        records=rows,
        total=rows[0].total if rows else 0,
        previous=_encoded(rows[0], columns) if rows and has_previous else "",
        next=_encoded(rows[-1], columns) if rows and has_next else "",
    )


def _beyond(columns: tuple[str, ...], cursor: list[Any], *, downwards: bool) -> Q:
    """(a, b, c) > (x, y, z), written out."""
    word = "lt" if downwards else "gt"
    beyond = Q()
    for i, column in enumerate(columns):
        beyond |= Q(**dict(zip(columns[:i], cursor[:i], strict=True)), **{f"{column}__{word}": cursor[i]})
    return beyond


def _encoded(record: Record, columns: tuple[str, ...]) -> str:
    values = json.dumps([getattr(record, column) for column in columns])
    return base64.urlsafe_b64encode(values.encode()).decode().rstrip("=")


def _cursor(text: str, columns: tuple[str, ...]) -> list[Any] | None:
    try:
        values = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except ValueError:
        return None
    fits = isinstance(values, list) and len(values) == len(columns) and all(map(_is_key, values, columns))
    return values if fits else None


def _is_key(value: object, column: str) -> bool:
    if column in {"id", "ttl"}:
        return (
            type(value) is int and 0 <= value < 2**31
            if column == "ttl"
            else type(value) is int and 0 <= value < 2**63
        )
    return isinstance(value, str) and "\x00" not in value and value.isprintable()


def rows_of(zone: Zone) -> list[Row]:
    """All records, without the cost of models: a zone may have 20,000."""
    columns = ("pk", "owner", "type", "rdata", "ttl", "managed", "since_serial", "comment")
    records: Any = Record.objects.filter(zone=zone).order_by("owner", "type", "rdata")
    return list(map(Row._make, records.values_list(*columns)))
