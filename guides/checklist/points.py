"""A point of the checklist, and what all of them make together. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

GOOD, FAIR = 85, 60  # of 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """``met`` None: it does not apply, and counts for nothing. ``found``: what was seen, hostile text among
    it; ``why``: what it is good for; ``weight``: how much of the whole it is. ``action``, ``url``: the one
    thing to do; ``learn``: slug of the article about it."""

    key: str
    title: str
    met: bool | None
    found: str
    why: str
    weight: int
    action: str = ""
    url: str = ""
    learn: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """``gain``: what the score rises by when it is met; 0 for one that is."""

    point: Point
    gain: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """``value``: 0 to 100. ``todo``: what raises it most comes first."""

    value: int
    word: str
    todo: Sequence[Line]
    met: Sequence[Line]
    silent: Sequence[Point]

    @property
    def good(self) -> bool:
        return self.value >= GOOD


def score(points: Sequence[Point]) -> Score:
    """Met weight of what applies, in whole hundredths; 100 where nothing applies."""
    asked = [point for point in points if point.met is not None]
    whole = sum(point.weight for point in asked)
    have = sum(point.weight for point in asked if point.met)
    value = 100 if not whole else 100 * have // whole
    todo = [Line(point=one, gain=100 * (have + one.weight) // whole - value) for one in asked if not one.met]
    return Score(
        value=value,
        word=_word(value),
        todo=sorted(todo, key=lambda line: -line.point.weight),
        met=[Line(point=one, gain=0) for one in asked if one.met],
        silent=[one for one in points if one.met is None],
    )


def _word(value: int) -> str:
    if value >= GOOD:
        return _("Well protected")
    return _("Something to do") if value >= FAIR else _("Much to do")
