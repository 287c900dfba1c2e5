"""The drawings of Learn: stops and the ways between them as coordinates of two SVGs, wide and tall.

Pure. Units are SVG user units, one a CSS pixel at full width; the templates only loop (as
panel.overview.drawing, which draws measured states; here nothing is measured).
"""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass, field

WIDE, GAP, TALL = 984, 26, 358
COLUMN = (WIDE - 4 * GAP) // 5
LETTER, HOST_LETTER = 6.4, 7.1  # about how wide a letter of a note, of a host name is
MARGIN = 14
TOP = 50  # where the notes of a plate begin
TYPED = 17  # each typewritten line puts them lower
STEP = 17
ARROW = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """``host`` and ``port``: typewritten, may be empty. ``note``: one short sentence. ``icon`` of
    static/icons.svg."""

    title: str
    note: str
    icon: str
    host: str = ""
    port: str = ""

    @property
    def typed(self) -> list[str]:
        return [line for line in (self.host, self.port) if line]


@dataclass(frozen=True, slots=True)
class Plate:
    stop: Stop
    x: float
    y: float
    w: float
    h: float

    @property
    def typed(self) -> list[tuple[int, str]]:
        """Host and port, each with its height in the plate."""
        return [(46 + TYPED * row, self._cut(text)) for row, text in enumerate(self.stop.typed)]

    def _cut(self, text: str) -> str:
        """In its middle when it is too long; the list beside the drawing has it whole."""
        room = int((self.w - 2 * MARGIN) // HOST_LETTER)
        return text if len(text) <= room else f"{text[: room // 2]}…{text[-(room - room // 2 - 1) :]}"

    @property
    def lines(self) -> list[tuple[int, str]]:
        """Of the note, each with its height in the plate."""
        top = _top(self.stop)
        return [(top + STEP * row, text) for row, text in enumerate(_wrapped(self.stop.note, self.w))]

    @property
    def pictogram(self) -> float:
        return self.w - 32


@dataclass(frozen=True, slots=True)
class Way:
    """``d``: a line's path; ``head``: its arrowhead's, or empty."""

    d: str
    head: str = ""


@dataclass(slots=True)
class Drawing:
    width: int
    height: int = 0
    plates: list[Plate] = field(default_factory=list)
    ways: list[Way] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Pair:
    wide: Drawing
    tall: Drawing
    stops: Sequence[Stop]


def _wrapped(note: str, width: float) -> list[str]:
    return textwrap.wrap(note, int((width - 2 * MARGIN) // LETTER), break_long_words=False)


def _top(stop: Stop) -> int:
    return TOP + TYPED * len(stop.typed) + (2 if stop.typed else 0)


def _height(stop: Stop, width: float) -> int:
    return _top(stop) + STEP * (len(_wrapped(stop.note, width)) - 1) + 18


def chain(stops: Sequence[Stop]) -> Pair:
    """One way from the first to the last; five have room beside each other."""
    return Pair(_row(stops), _column(stops), stops)


def office(coming: Sequence[Stop], out: Stop) -> Pair:
    """What arrives above, through ``coming`` (the world first, the devices last); what leaves below, from the
    devices through ``out`` back into the world."""
    wide = _row(coming)
    top, height = wide.height + 44, max(_height(out, COLUMN), 88)
    middle = top + height / 2
    first, last = wide.plates[0], wide.plates[-1]
    x = 2 * (COLUMN + GAP)
    wide.plates.append(_plate(out, x, top, COLUMN, height))
    right, left = last.x + last.w / 2, first.x + first.w / 2
    wide.ways.append(
        Way(f"M{right:g} {wide.height}V{middle:g}H{x + COLUMN + 2:g}", _head_left(x + COLUMN, middle))
    )
    wide.ways.append(Way(f"M{x:g} {middle:g}H{left:g}V{wide.height + 2}", _head_up(left, wide.height)))
    wide.height = int(top + height)
    every = [*coming, out, coming[0]]
    return Pair(wide, _column(every), [*coming, out])


def _plate(stop: Stop, x: float, y: float, w: float, h: float) -> Plate:
    return Plate(stop, x + 0.5, y + 0.5, w - 1, h - 1)


def _row(stops: Sequence[Stop]) -> Drawing:
    height = max(_height(stop, COLUMN) for stop in stops)
    drawing = Drawing(WIDE, height)
    for number, stop in enumerate(stops):
        x = number * (COLUMN + GAP)
        drawing.plates.append(_plate(stop, x, 0, COLUMN, height))
        if number:
            y = height / 2
            drawing.ways.append(Way(f"M{x - GAP:g} {y:g}H{x - 2:g}", f"M{x:g} {y:g}l-8-4.5v9z"))
    return drawing


def _column(stops: Sequence[Stop]) -> Drawing:
    drawing = Drawing(TALL)
    y = 0
    for number, stop in enumerate(stops):
        if number:
            drawing.ways.append(Way(f"M{TALL / 2:g} {y}v{ARROW - 2}", f"M{TALL / 2:g} {y + ARROW}l-4.5-8h9z"))
            y += ARROW
        height = _height(stop, TALL)
        drawing.plates.append(_plate(stop, 0, y, TALL, height))
        y += height
    drawing.height = y
    return drawing


def _head_left(x: float, y: float) -> str:
    return f"M{x:g} {y:g}l8-4.5v9z"


def _head_up(x: float, y: float) -> str:
    return f"M{x:g} {y:g}l-4.5 8h9z"
