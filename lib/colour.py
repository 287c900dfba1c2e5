"""Colours that a person chooses, made readable: WCAG 2.2 contrast in sRGB. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass

RGB = tuple[int, int, int]

READABLE = 4.5  # text against its ground, WCAG 2.2 §1.4.3
# The grounds that text stands on (static/postroom.css: --paper, --sheet, --shade).
LIGHT = ("#f6f4ee", "#fffefa", "#ece9df")
DARK = ("#14171c", "#1a1e25", "#242a34")

_HEX = re.compile(r"#?([0-9a-f]{3}|[0-9a-f]{6})", re.ASCII)
_RGB = re.compile(r"rgb\(?\s*(\d{1,3})[\s,]+(\d{1,3})[\s,]+(\d{1,3})\s*\)?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Pair:
    """One colour for two grounds, ``#rrggbb`` each."""

    light: str
    dark: str


def parse(text: str) -> str | None:
    """``#rrggbb`` from what people type: ``#1a5fb4``, ``1A5FB4``, ``#15b``, ``rgb(26, 95, 180)``. None:
    no colour."""
    typed = text.strip().lower()
    if found := _HEX.fullmatch(typed):
        digits = found[1] if len(found[1]) == 6 else "".join(digit * 2 for digit in found[1])
        return f"#{digits}"
    if (found := _RGB.fullmatch(typed)) and all(int(part) <= 255 for part in found.groups()):
        return _hex((int(found[1]), int(found[2]), int(found[3])))
    return None


def contrast(one: str, other: str) -> float:
    """1 to 21 (WCAG 2.2, "contrast ratio"); both ``#rrggbb``."""
    darker, lighter = sorted([_luminance(_rgb(one)), _luminance(_rgb(other))])
    return (lighter + 0.05) / (darker + 0.05)


def worst(colour: str, grounds: tuple[str, ...]) -> float:
    return min(contrast(colour, ground) for ground in grounds)


def readable(colour: str) -> Pair:
    """The same hue, as little darker on the light grounds and lighter on the dark ones as makes it READABLE
    there."""
    return Pair(_towards(colour, 0, LIGHT), _towards(colour, 255, DARK))


def _towards(colour: str, end: int, grounds: tuple[str, ...]) -> str:
    """The contrast grows with every step towards black (or white), so the first step that does is searched
    by halves. The last one always does: black and white are readable on these grounds."""
    rgb = _rgb(colour)

    def at(step: int) -> str:
        red, green, blue = (round(part + (end - part) * step / 255) for part in rgb)
        return _hex((red, green, blue))

    if worst(colour, grounds) >= READABLE and _on_side(colour, end, grounds):
        return colour
    low, high = 0, 255
    while low < high:
        middle = (low + high) // 2
        fits = worst(at(middle), grounds) >= READABLE and _on_side(at(middle), end, grounds)
        low, high = (low, middle) if fits else (middle + 1, high)
    return at(low)


def _on_side(colour: str, end: int, grounds: tuple[str, ...]) -> bool:
    """Whether the colour is on the far side of the grounds: darker than all of them, or lighter."""
    own = _luminance(_rgb(colour))
    others = [_luminance(_rgb(ground)) for ground in grounds]
    return own > max(others) if end else own < min(others)


def _luminance(rgb: RGB) -> float:
    """Relative luminance, 0 to 1 (WCAG 2.2)."""
    red, green, blue = (_linear(part / 255) for part in rgb)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else float(((part + 0.055) / 1.055) ** 2.4)


def _rgb(text: str) -> RGB:
    return int(text[1:3], 16), int(text[3:5], 16), int(text[5:7], 16)


def _hex(rgb: RGB) -> str:
    return "#{:02x}{:02x}{:02x}".format(*rgb)
