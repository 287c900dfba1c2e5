"""The history of a zone, a page at a time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import JSONField, Q, TextField
from django.db.models.expressions import RawSQL

from dnszone.models import Zone, ZoneVersion
from dnszone.models.editing import Origin
from dnszone.selectors.versions import actors, who_of
from dnszone.spec import Entry

PAGE = 25
LINES = 3


@dataclass(frozen=True, slots=True)
class Brief:
    """A version in a list. ``who``: for people. ``counts``: (type, how many records), by type. ``lines``:
    (sign, entry), the first few of ``changed`` lines."""

    version: ZoneVersion
    who: str
    counts: list[tuple[str, int]]
    lines: list[tuple[str, Entry]]
    changed: int

    @property
    def more(self) -> int:
        return self.changed - len(self.lines)

    @property
    def undoable(self) -> bool:
        return self.version.origin != Origin.NEW


@dataclass(frozen=True, slots=True)
class VersionsPage:
    """``newer`` and ``older``: keys for the pages beside this one, or 0."""

    versions: list[Brief]
    newer: int
    older: int


_BY_TYPE = """(SELECT jsonb_object_agg(t, n) FROM (SELECT e->>1 AS t, count(*) AS n
    FROM jsonb_array_elements("dnszone_zoneversion"."{0}") e GROUP BY 1) by_type)"""
_FIRST = """jsonb_path_query_array("dnszone_zoneversion"."{0}", %s::jsonpath)"""


def versions_page(
    zone: Zone, *, search: str = "", origin: str = "", before: int = 0, after: int = 0
) -> VersionsPage:
    """Newest first, however large each is: the database counts, and hands out the first lines alone.
    ``before``: older than this key; ``after``: newer."""
    found = _matching(zone, search, origin).select_related("actor").defer("gone", "come")
    for side in ("gone", "come"):
        counts = RawSQL(_BY_TYPE.format(side), (), output_field=JSONField())  # noqa: S611 - a constant
        few = (f"$[0 to {LINES - 1}]",)
        first = RawSQL(_FIRST.format(side), few, output_field=JSONField())  # noqa: S611
        found = found.annotate(**{f"{side}_types": counts, f"{side}_first": first})
    if after:
        rows = list(found.filter(pk__gt=after).order_by("pk")[: PAGE + 1])
        more, rows = len(rows) > PAGE, rows[:PAGE][::-1]
        newer, older = more, True
    else:
        rows = list((found.filter(pk__lt=before) if before else found).order_by("-pk")[: PAGE + 1])
        newer, older, rows = bool(before), len(rows) > PAGE, rows[:PAGE]
    people = actors(zone, rows)
    return VersionsPage(
        [_brief(row, people) for row in rows],
        rows[0].pk if rows and newer else 0,
        rows[-1].pk if rows and older else 0,
    )


_OWNERS = """(CASE WHEN "dnszone_zoneversion"."records" < 1000 THEN
    (SELECT COALESCE(string_agg(DISTINCT lower(e->>0), ' '), '') FROM
     jsonb_array_elements("dnszone_zoneversion"."gone" || "dnszone_zoneversion"."come") e) ELSE '' END)"""


def _matching(zone: Zone, search: str, origin: str) -> Any:
    """``search``: words of the title, the reason, the person, or a record's name where few were changed."""
    found = ZoneVersion.objects.filter(zone=zone)
    if origin in Origin.values:
        found = found.filter(origin=origin)
    words = search.replace("\x00", "").lower().split()[:5]
    if words:
        owners = RawSQL(_OWNERS, (), output_field=TextField())  # noqa: S611 - a constant
        found = found.annotate(owners=owners)
    for word in words:
        who = Q(who__icontains=word) | Q(actor__name__icontains=word)
        said = Q(title__icontains=word) | Q(reason__icontains=word)
        found = found.filter(said | who | Q(owners__contains=word))
    return found


def _brief(row: Any, people: dict[int, str]) -> Brief:
    gone, come = row.gone_types or {}, row.come_types or {}
    counts = [(t, max(gone.get(t, 0), come.get(t, 0))) for t in sorted({*gone, *come})]
    changed = sum(gone.values()) + sum(come.values())
    room = max(LINES - len(row.come_first), (LINES + 1) // 2)
    lines = [("-", entry) for entry in row.gone_first[:room]] + [("+", entry) for entry in row.come_first]
    lines = lines[:LINES]
    return Brief(row, who_of(row, people), counts, lines, changed)
