"""The post-office drawing: from stations with their measured states to the coordinates of two SVGs, wide and
tall.

Pure: it asks nothing and draws nothing. Units are SVG user units, one a CSS pixel at full width. The
templates only loop over what stands here, with classes
and presentation attributes: the page's CSP forbids inline styles.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from provision.selectors import Status

PLATE_H = 104
GAP = 12
LINES_SHOWN = 3  # MX records drawn; the list has them all


@dataclass(frozen=True, slots=True)
class Mark:
    """A state as every page shows it: class, icon and word."""

    css: str
    icon: str
    word: str

    @property
    def broken(self) -> bool:
        return self.css == "bad"


@dataclass(frozen=True, slots=True, kw_only=True)
class Station:
    """One stop on a letter's way. ``host``: what can be copied; ``why``: the proof or the reason, with its
    time;
    ``status``: the push behind it, which the list can try again; ``asks``: only the domain's people can mend
    it."""

    key: str
    title: str
    host: str
    mark: Mark
    url: str
    link: str
    icon: str
    note: str = ""
    why: str = ""
    counts: tuple[tuple[str, int], ...] = ()
    status: Status | None = None
    asks: bool = False
    delivers_here: bool = True

    @property
    def waits_for_a_person(self) -> bool:
        refused = self.status is not None and self.status.state == "failed"
        return self.mark.broken and (self.asks or refused)


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """A pigeonhole. ``filled``: 0 to 1 of its quota; ``sign``: "", "bad", "wait" (suspended) or "move"."""

    filled: float = 0.0
    sign: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Office:
    """The stations of one domain. ``rack``: its first mailboxes, as far as there is room for them."""

    mx: Sequence[Station]
    incoming: Station
    mailboxes: Station
    imap: Station
    pop3: Station
    outgoing: Station
    seal: Station
    rack: Sequence[Box] = ()
    marks: Sequence[Mark] = ()

    @property
    def stations(self) -> list[Station]:
        return [*self.mx, self.incoming, self.mailboxes, self.imap, self.pop3, self.outgoing, self.seal]


@dataclass(frozen=True, slots=True)
class Plate:
    station: Station
    x: float
    y: float
    w: float
    h: float

    @property
    def room(self) -> int:
        """Characters of a typewritten host name that fit beside the margins (12 px, 7 px a letter)."""
        return int((self.w - 28) // 7)

    @property
    def host(self) -> str:
        """Cut in its middle when it is too long; the list beside the drawing has it whole."""
        host, room = self.station.host, self.room
        return host if len(host) <= room else f"{host[: room // 2]}…{host[-(room - room // 2 - 1) :]}"

    @property
    def inner(self) -> float:
        return self.w - 28

    @property
    def right(self) -> float:
        return self.w - 14

    @property
    def pictogram(self) -> float:
        return self.w - 32

    @property
    def rows(self) -> list[tuple[int, str, int]]:
        """The station's counts, each with its line's height in the plate."""
        return [(130 + 22 * row, label, number) for row, (label, number) in enumerate(self.station.counts)]


@dataclass(frozen=True, slots=True)
class Line:
    """``d``: the path; ``head``: its arrowhead's path, or empty."""

    d: str
    head: str
    broken: bool = False


@dataclass(frozen=True, slots=True)
class Hole:
    x: float
    y: float
    w: float
    h: float
    fill_y: float
    fill_h: float
    css: str
    sign: str
    sign_css: str

    @property
    def fill_x(self) -> float:
        return round(self.x + 2.5, 1)

    @property
    def fill_w(self) -> float:
        return round(self.w - 5, 1)


@dataclass(slots=True)
class Drawing:
    width: int
    height: int = 0
    plates: list[Plate] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)
    holes: list[Hole] = field(default_factory=list)
    rack: Plate | None = None
    marks: list[tuple[float, float, Mark]] = field(default_factory=list)  # x, y in the rack's plate
    more: tuple[int, int] | None = None  # MX records that only the list has, and where that is said (tall)
    lower: int = 0  # where the row of what leaves starts (wide), or the second world (tall)
    label_y: int = 0  # of the words beside the way from the devices to the outgoing server

    @property
    def globe_y(self) -> int:
        return self.height // 2

    def right(self, x1: float, x2: float, y: float, *, broken: bool = False) -> None:
        self.lines.append(Line(f"M{x1:g} {y:g}H{x2 - 2:g}", f"M{x2:g} {y:g}l-8-4.5v9z", broken))

    def left(self, x1: float, x2: float, y: float, *, broken: bool = False, start: str = "") -> None:
        self.lines.append(Line(f"{start or f'M{x1:g} {y:g}'}H{x2 + 2:g}", f"M{x2:g} {y:g}l8-4.5v9z", broken))

    def down(self, x: float, y1: float, y2: float, *, broken: bool = False) -> None:
        self.lines.append(Line(f"M{x:g} {y1:g}V{y2 - 2:g}", f"M{x:g} {y2:g}l-4.5-8h9z", broken))

    def plate(self, station: Station, x: float, y: float, w: float, h: float = PLATE_H) -> Plate:
        plate = Plate(station, x + 0.5, y + 0.5, w - 1, h - 1)
        self.plates.append(plate)
        return plate


def wide(office: Office) -> Drawing:
    """At least 52rem of room: the world left, what arrives above, what leaves below."""
    drawing = Drawing(984)
    mx = list(office.mx)[:LINES_SHOWN]
    arriving = max(2 * PLATE_H + GAP, len(mx) * (PLATE_H + GAP) - GAP)
    drawing.lower = arriving + 60
    drawing.height = drawing.lower + PLATE_H
    for number, station in enumerate(mx):
        middle = number * (PLATE_H + GAP) + PLATE_H / 2
        drawing.plate(station, 150, middle - PLATE_H / 2, 200)
        drawing.right(104, 150, middle, broken=station.mark.broken)
        if station.delivers_here:
            drawing.right(350, 402, middle, broken=station.mark.broken)
    drawing.plate(office.incoming, 402, 0, 180, arriving)
    drawing.right(582, 626, 110, broken=office.incoming.mark.broken)
    drawing.rack = drawing.plate(office.mailboxes, 626, 0, 170, arriving)
    drawing.label_y = drawing.lower + PLATE_H // 2
    drawing.holes = _rack(office.rack, x=640, y=58, w=142, columns=7, h=30, rows=3)
    drawing.marks = [(14, 170 + 19 * row, mark) for row, mark in enumerate(office.marks[:3])]
    for number, station in enumerate((office.imap, office.pop3)):
        top = number * (PLATE_H + GAP)
        drawing.plate(station, 840, top, 144)
        drawing.right(796, 840, top + PLATE_H / 2, broken=station.mark.broken)
    leaving = drawing.lower + PLATE_H / 2
    devices_end = 2 * PLATE_H + GAP
    drawing.lines.append(Line(f"M711 {arriving}V{leaving:g}", ""))
    drawing.left(
        912, 582, leaving, broken=office.outgoing.mark.broken, start=f"M912 {devices_end}V{leaving:g}"
    )
    drawing.plate(office.outgoing, 402, drawing.lower, 180)
    drawing.left(402, 350, leaving, broken=office.outgoing.mark.broken)
    drawing.plate(office.seal, 150, drawing.lower, 200)
    drawing.left(150, 104, leaving, broken=office.outgoing.mark.broken)
    return drawing


def tall(office: Office) -> Drawing:
    """A phone: the world on top and at the foot, and one way down between them."""
    drawing = Drawing(358)
    half, right, step = 170, 188, 38
    y = 62 + step
    mx = _two(office.mx)
    width = half if len(mx) == 2 else 358
    for x, station in zip((0, right), mx, strict=False):
        drawing.down(x + width / 2, y - step, y, broken=station.mark.broken)
        drawing.plate(station, x, y, width)
        if station.delivers_here:
            drawing.down(x + width / 2, y + PLATE_H, y + PLATE_H + step, broken=station.mark.broken)
    y += PLATE_H + step
    if len(office.mx) > len(mx):
        drawing.more = (len(office.mx) - len(mx), y - step // 2 + 4)
    drawing.plate(office.incoming, 0, y, 358)
    y += PLATE_H
    drawing.down(179, y, y + 24, broken=office.incoming.mark.broken)
    y += 24
    rows = max(1, min(3, -(-len(office.rack) // 7)))
    rack_h = 54 + rows * 32 + 46
    drawing.rack = drawing.plate(office.mailboxes, 0, y, 358, rack_h)
    drawing.holes = _rack(office.rack, x=14, y=y + 54, w=330, columns=7, h=32, rows=3)
    drawing.marks = [(14 + 112 * column, rack_h - 18, mark) for column, mark in enumerate(office.marks[:3])]
    y += rack_h
    for x, station in ((0, office.imap), (right, office.pop3)):
        drawing.down(x + half / 2, y, y + step, broken=station.mark.broken)
        drawing.plate(station, x, y + step, half)
    devices_end = y + step + PLATE_H
    out = devices_end + 56
    drawing.lines.append(Line(f"M85 {devices_end}v22H273v-22", ""))
    drawing.down(179, y, out, broken=office.outgoing.mark.broken)
    drawing.plate(office.outgoing, 0, out, 358)
    drawing.down(179, out + PLATE_H, out + PLATE_H + 30, broken=office.outgoing.mark.broken)
    drawing.plate(office.seal, 0, out + PLATE_H + 30, 358)
    y = out + 2 * PLATE_H + 30
    drawing.down(179, y, y + 30, broken=office.outgoing.mark.broken)
    drawing.lower, drawing.label_y = y + 30, devices_end + 40
    drawing.height = drawing.lower + 62
    return drawing


def _two(mx: Sequence[Station]) -> list[Station]:
    """As many as a phone has room for, in their order: the first, and the first that delivers here if that is
    another."""
    here = next((station for station in mx if station.delivers_here), None)
    shown = [mx[0], here] if here is not None and here not in mx[:2] else mx[:2]
    return list(shown)


_SIGNS = {
    "bad": ("M{l:.1f} {t:.1f}l8 8m0-8-8 8", "bad"),
    "wait": ("M{l1:.1f} {t:.1f}v8m6-8v8", "wait"),
    "move": ("M{l:.1f} {m:.1f}h8m-3-3 3 3-3 3", "move"),
}


def _rack(
    boxes: Sequence[Box], *, x: float, y: float, w: float, columns: int, h: float, rows: int
) -> list[Hole]:
    """Pigeonholes from left to right; the last row is filled up with empty ones, as furniture has them."""
    shown = list(boxes)[: columns * rows]
    cells = max(columns, -(-len(shown) // columns) * columns)
    each = w / columns
    return [
        _hole(
            shown[number] if number < len(shown) else None,
            x + number % columns * each,
            y + number // columns * h,
            each,
            h,
        )
        for number in range(cells)
    ]


def _hole(box: Box | None, x: float, y: float, w: float, h: float) -> Hole:
    box = box or Box()
    full = h - 5
    fill = 0.0 if box.sign else full * min(max(box.filled, 0.0), 1.0)
    css = "full" if box.filled >= 1 else "warn" if box.filled >= 0.85 else ""
    path, sign_css = _SIGNS.get(box.sign, ("", ""))
    centre, middle = x + w / 2, y + h / 2
    sign = path.format(l=centre - 4, l1=centre - 3, t=middle - 4, m=middle)
    return Hole(
        round(x, 1), y, round(w, 1), h, round(y + h - 2.5 - fill, 1), round(fill, 1), css, sign, sign_css
    )
