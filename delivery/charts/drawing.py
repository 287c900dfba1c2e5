"""Numbers into bars. All lengths are percent of the drawing, so one drawing fits every width and its text
never shrinks. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

GAP = 0.22  # of a part's width that stays free
LABELS = 8  # at most so many labels below
LEAST = 1.5  # percent of the height that a number above nought is drawn with


@dataclass(frozen=True, slots=True)
class Piece:
    """One layer of a bar. ``x y width height``: percent, with one digit, as SVG takes them in every
    language."""

    kind: str
    x: str
    y: str
    width: str
    height: str


@dataclass(frozen=True, slots=True)
class Label:
    """``minor``: left out where there is little room. ``anchor``: of SVG's text."""

    text: str
    x: str
    anchor: str = "middle"
    minor: bool = False
    now: bool = False


@dataclass(frozen=True, slots=True)
class Bars:
    """``top``: what the full height stands for; 0: there is nothing to draw. ``now``: where the last part
    stands."""

    pieces: tuple[Piece, ...]
    labels: tuple[Label, ...]
    top: int
    now: Piece


def nice(most: int) -> int:
    """The smallest round number that is not below ``most``: 1, 2, 5, 10, 20, 50 …"""
    step = 1
    while True:
        for factor in (1, 2, 5):
            if factor * step >= most:
                return factor * step if most > 0 else 0
        step *= 10


def nice_size(most: int) -> int:
    """The same for bytes, of their unit: 1, 2, 5, 10 … 500 bytes, KB, MB …"""
    unit = 1
    while most > unit * 500:
        unit *= 1024
    return max(unit, nice(-(-most // unit)) * unit) if most > 0 else 0


def bars(
    columns: Sequence[Mapping[str, int]],
    labels: Sequence[str],
    kinds: Sequence[str],
    rounded: Callable[[int], int] = nice,
) -> Bars:
    """A bar for each of ``columns``, {kind: number ≥ 0}, its ``kinds`` on top of each other, first at the
    foot. What is small beside the others is still seen."""
    top = rounded(max((sum(column.get(kind, 0) for kind in kinds) for column in columns), default=0))
    each = 100 / max(len(columns), 1)
    pieces = [
        Piece(
            kind,
            _text(index * each + each * GAP / 2),
            _text(100 - foot - tall),
            _text(each * (1 - GAP)),
            _text(tall),
        )
        for index, column in enumerate(columns)
        for kind, foot, tall in _layers(column, kinds, top)
    ]
    last = (len(columns) - 1) * each
    return Bars(
        pieces=tuple(pieces),
        labels=tuple(_labels(labels, each)),
        top=top,
        now=Piece("now", _text(max(last, 0)), "0", _text(each), "100"),
    )


def _layers(column: Mapping[str, int], kinds: Sequence[str], top: int) -> list[tuple[str, float, float]]:
    """(kind, foot, height) in percent: each at least LEAST high, and all of them within the drawing."""
    there = [(kind, column[kind]) for kind in kinds if column.get(kind, 0) > 0]
    tall = [max(number * 100 / top, LEAST) for _kind, number in there]
    shrink = min(1.0, 100 / sum(tall)) if tall else 1.0
    made, foot = [], 0.0
    for (kind, _number), height in zip(there, tall, strict=True):
        made.append((kind, foot, height * shrink))
        foot += height * shrink
    return made


def _labels(texts: Sequence[str], each: float) -> list[Label]:
    """Every n-th counted from the last, which is now; every second of those is for wide drawings only."""
    step = max(1, -(-len(texts) // LABELS))
    made = []
    for back, index in enumerate(range(len(texts) - 1, -1, -step)):
        last = back == 0 and len(texts) > 1
        middle = (index + 1) * each if last else (index + 0.5) * each
        made.append(
            Label(texts[index], _text(middle), "end" if last else "middle", minor=back % 2 == 1, now=last)
        )
    # A label's half must not stand outside.
    if made and not made[-1].now and float(made[-1].x) < 6:
        made[-1] = Label(made[-1].text, "0.0", "start", minor=made[-1].minor)
    return made[::-1]


def _text(percent: float) -> str:
    return f"{percent:.2f}"
