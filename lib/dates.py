"""Dates with a form of their own, as the language writes them.

Django's formats carry over whole (formats/es), single letters do not: English writes "17 Nov 2026", Spanish
"17 nov 2026" and "17 de noviembre de 2026"."""

from __future__ import annotations

import datetime as dt
import re

from django.utils import formats, translation

# In the letters of django.utils.dateformat; a backslash keeps a letter as it is.
_SPANISH = (
    (re.compile(r"(?<!\\)j F Y"), r"j \\d\\e F \\d\\e Y"),
    (re.compile(r"(?<!\\)j F"), r"j \\d\\e F"),
    (re.compile(r"(?<!\\)(?<!\\e )F Y"), r"F \\d\\e Y"),
    (re.compile(r"(?<!\\)M"), "b"),
)


def in_language(form: str) -> str:
    """A form of django.utils.dateformat in English order → the same in the language that is active."""
    if (translation.get_language() or "").startswith("es"):
        for pattern, instead in _SPANISH:
            form = pattern.sub(instead, form)
    return form


def written(moment: dt.date, form: str) -> str:
    """``written(moment, "j F Y, H:i")``: ``17 November 2026, 04:51`` or ``17 de noviembre de 2026, 04:51``.
    Moments are given in the zone that people read."""
    return formats.date_format(moment, in_language(form))
