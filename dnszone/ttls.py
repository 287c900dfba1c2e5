"""How long others may keep an answer: the times that people choose from, and their words. Pure.

Pages read what is posted with ``seconds``: one of the presets, a number, or a number with s, m, h, d or w
as zone files have it."""

from __future__ import annotations

import re

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as __
from django.utils.translation import ngettext

from dnszone import values
from dnszone.spec import DEFAULT_TTL
from lib.errors import Refused

TTL_MAX = 2_147_483_647  # RFC 2181 §8
PRESETS: tuple[tuple[int, object, object], ...] = (
    (300, __("5 minutes"), __("while you change things")),
    (1800, __("30 minutes"), __("before a move")),
    (DEFAULT_TTL, __("1 hour"), __("right for most")),
    (14_400, __("4 hours"), __("for what changes rarely")),
    (86_400, __("1 day"), __("for what hardly ever changes")),
)
"""Seconds, name, what it is for."""

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}
_WITH_UNITS = re.compile(r"(?:[0-9]{1,10}[smhdw])+", re.IGNORECASE)


def choices(now: int | None = None) -> list[tuple[str, str]]:
    """For a select: seconds and words. ``now``: a value of its own, if it is none of the presets."""
    found = [(str(seconds), f"{name}: {why}") for seconds, name, why in PRESETS]
    if now is not None and now not in [seconds for seconds, _name, _why in PRESETS]:
        found.append((str(now), in_words(now)))
    return found


def seconds(text: str, field: str = "ttl") -> int:
    """``3600``, ``1h`` or ``1h30m`` → seconds. Raises Refused."""
    typed = text.strip()
    if _WITH_UNITS.fullmatch(typed):
        parts = re.findall(r"([0-9]+)([a-z])", typed.lower())
        typed = str(sum(int(number) * _UNITS[unit] for number, unit in parts))
    try:
        return values.number(typed, TTL_MAX, field)
    except Refused:
        raise Refused(
            _("Write the TTL as a whole number of seconds from 0 to %(max)d, such as 3600.")
            % {"max": TTL_MAX},
            field,
        ) from None


def in_words(seconds: int) -> str:
    """``5400`` → “1 hour 30 minutes”: the two largest parts that are not nothing."""
    minutes, s = divmod(seconds, 60)
    hours, m = divmod(minutes, 60)
    d, h = divmod(hours, 24)
    parts = [
        ngettext("%(n)d day", "%(n)d days", d) % {"n": d} if d else "",
        ngettext("%(n)d hour", "%(n)d hours", h) % {"n": h} if h else "",
        ngettext("%(n)d minute", "%(n)d minutes", m) % {"n": m} if m else "",
        ngettext("%(n)d second", "%(n)d seconds", s) % {"n": s} if s or not seconds else "",
    ]
    return " ".join([part for part in parts if part][:2])


def about(seconds: int) -> str:
    """A time that runs out, as in_words and rounded up: whole minutes above one, whole hours above a day."""
    unit = 3600 if seconds > 86_400 else 60 if seconds > 60 else 1
    return in_words(-(-seconds // unit) * unit)
