"""What a page of charts shows: drawings with their words and their table. No query here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.utils import translation
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from delivery.charts.drawing import Bars, bars, nice_size
from delivery.charts.selectors import Part, whole
from delivery.charts.spans import Span
from delivery.models import Direction, Status
from lib.dates import written
from lib.templatetags.ui import count, size

# (name of the layer, status), first at the foot of the bar.
WELL = (("ok", Status.DELIVERED), ("move", Status.PROGRESS))
ILL = (("wait", Status.DEFERRED), ("held", Status.HELD), ("bad", Status.FAILED), ("off", Status.REJECTED))
WAYS = {"in": Direction.IN, "out": Direction.OUT, "inside": Direction.INSIDE}
_RECT = '<rect x="{}%" y="{}%" width="{}%" height="{}%" fill="url(#cp-{})" />'
ICONS = {"ok": "check", "move": "go", "wait": "clock", "held": "pause", "bad": "cross", "off": "noentry"}


@dataclass(frozen=True, slots=True)
class Layer:
    """A line of the legend. ``css``: of the status word."""

    kind: str
    word: str
    total: str
    icon: str = ""

    @property
    def css(self) -> str:
        return "wait" if self.kind == "held" else self.kind


@dataclass(frozen=True, slots=True)
class Chart:
    """``gist``: what it tells, for who does not see it. ``top``: in words what the full height stands for."""

    title: str
    bars: Bars
    legend: list[Layer]
    gist: str
    top: str

    @property
    def rects(self) -> SafeString:
        """The drawing's rectangles: made here, for a template takes ten times as long with a thousand."""
        drawn = ((one.x, one.y, one.width, one.height, one.kind) for one in self.bars.pieces)
        return format_html_join("\n", _RECT, drawn)


def name_of(part: Part, over: Span) -> str:
    """``14:00`` or ``Mon 16``."""
    local = part.start.astimezone(over.zone)
    return written(local, "H:i") if over.hourly else written(local, "j M" if len(over.starts) > 7 else "D j")


def long_name(part: Part, over: Span) -> str:
    """For the table: with its date; an hour with its distance from UTC, for one that comes twice when the
    clock goes back."""
    local = part.start.astimezone(over.zone)
    if not over.hourly:
        return written(local, "D j M Y")
    return f"{written(local, 'j M, H:i')} ({local:%z})"


def charts(found: Sequence[Part], over: Span) -> list[Chart]:
    """What went well, what did not on a scale of its own, and how much it was."""
    names = [name_of(part, over) for part in found]
    if names:
        names[-1] = _("Now") if over.hourly else _("Today")
    return [
        _by_status(_("On its way and delivered"), WELL, found, names),
        _by_status(_("Not delivered"), ILL, found, names),
        _volume(found, names),
    ]


def _by_status(title: str, kinds: Any, found: Sequence[Part], names: list[str]) -> Chart:
    sums = whole(found)
    legend = [Layer(kind, str(status.label), count(sums[status]), ICONS[kind]) for kind, status in kinds]
    columns = [{kind: max(part.statuses[status], 0) for kind, status in kinds} for part in found]
    drawn = bars(columns, names, [kind for kind, _status in kinds])
    return Chart(title, drawn, legend, _gist(title, legend, columns, names), count(drawn.top))


def _volume(found: Sequence[Part], names: list[str]) -> Chart:
    title = _("Volume")
    words = {"in": _("Incoming"), "out": _("Outgoing"), "inside": _("Inside")}
    columns = [{kind: max(part.sizes[way], 0) for kind, way in WAYS.items()} for part in found]
    sums = {kind: sum(column[kind] for column in columns) for kind in WAYS}
    legend = [Layer(kind, words[kind], size(sums[kind])) for kind in WAYS if sums[kind] or kind != "inside"]
    drawn = bars(columns, names, list(WAYS), nice_size)
    return Chart(title, drawn, legend, _gist(title, legend, columns, names), size(drawn.top))


def _gist(title: str, legend: list[Layer], columns: list[dict[str, int]], names: list[str]) -> str:
    told = ", ".join(f"{one.word} {one.total}" for one in legend)
    sums = [sum(column.values()) for column in columns]
    if not any(sums):
        return _("%(title)s: nothing in this time.") % {"title": title}
    most = names[sums.index(max(sums))]
    return _("%(title)s: %(told)s. Most: %(when)s.") % {"title": title, "told": told, "when": most}


def heads() -> list[str]:
    return [
        _("When"),
        *(str(status.label) for _kind, status in (*WELL, *ILL)),
        _("Incoming"),
        _("Outgoing"),
        _("Inside"),
        _("Incoming volume"),
        _("Outgoing volume"),
        _("Volume inside"),
    ]


def table(found: Sequence[Part], over: Span) -> list[tuple[str, SafeString]]:
    """(time, its cells as people read them), newest first."""
    number, volume = cache(count), cache(size)  # most are alike: nought
    made = []
    for part in reversed(found):
        cells = [*map(number, _numbers(part)), *map(volume, _in_order(part.sizes))]
        row = format_html_join("", "<td><bdi>{}</bdi></td>", ((cell,) for cell in cells))
        made.append((long_name(part, over), row))
    return made


def rows(found: Sequence[Part], over: Span, language: str) -> Iterator[list[object]]:
    """For a spreadsheet: the heads first, then oldest first; volumes in bytes, time with its distance from
    UTC (ISO 8601)."""
    with translation.override(language):
        yield [*heads()]
        for part in found:
            local = part.start.astimezone(over.zone)
            when = local.isoformat(timespec="minutes") if over.hourly else local.date().isoformat()
            yield [when, *_numbers(part), *_in_order(part.sizes)]


def _numbers(part: Part) -> list[int]:
    return [*(part.statuses[status] for _kind, status in (*WELL, *ILL)), *_in_order(part.ways)]


def _in_order(by_way: Mapping[int, int]) -> list[int]:
    return [by_way[way] for way in WAYS.values()]
