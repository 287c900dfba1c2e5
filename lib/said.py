"""Texts that are kept, and read by people of several languages.

``gettext`` and ``ngettext`` here take the place of Django's where a text may end in the database: what they
give is the translated text, and remembers what it was made of. SaidCharField and SaidTextField keep that
instead, and give it back in the language of whoever loads the row:

    from lib.said import gettext as _
    brand.trouble = _("%(host)s has no address yet.") % {"host": host}

What a person typed, and rows from before, are plain texts and stay as they are."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, cast

from django.db import models
from django.utils import timezone, translation
from django.utils.functional import Promise

from lib import dates

MARK = "\x1d"  # stands before a kept source; never before what a person typed (kept)
DEEPEST = 8
# A source: a plain text or number, or a list that begins with one of these.
_TEXT, _MANY, _WITH, _JOINED, _DATE = "_", "n", "%", "+", "d"


class Said(str):
    """A text in the language that was active when it was made. A slice of it is a plain text."""

    source: Any

    @classmethod
    def of(cls, source: Any) -> Said:
        """Raises ValueError for what is no source."""
        said = cls(_rendered(source, 0))
        said.source = source
        return said

    def __mod__(self, values: Any) -> Said:
        if not isinstance(values, Mapping):
            return cast(Said, str(self) % values)
        return Said.of([_WITH, self.source, {name: _source(value) for name, value in values.items()}])

    def __add__(self, other: str) -> Said:
        return Said.of([_JOINED, self.source, _source(other)])

    def __radd__(self, other: str) -> Said:
        return Said.of([_JOINED, _source(other), self.source])


def gettext(message: str) -> Said:
    return Said.of([_TEXT, message])


def ngettext(singular: str, plural: str, number: int) -> Said:
    return Said.of([_MANY, singular, plural, number])


def of_lazy(text: str | Promise) -> str:
    """What ``gettext_lazy`` was given, as ``gettext`` gives it."""
    if not isinstance(text, Promise):
        return text
    with translation.override(None):
        message = str(text)
    return gettext(message)


def moment(at: dt.datetime, form: str) -> Said:
    """A moment in the zone of the pages, written as lib.dates.written does."""
    return Said.of([_DATE, at.isoformat(), form])


def kept(text: str, most: int | None = None) -> str:
    """As it stands in a column of at most ``most`` characters. What would not fit stays in its language."""
    if isinstance(text, Said):
        whole = MARK + json.dumps(text.source, ensure_ascii=False, separators=(",", ":"))
        if most is None or len(whole) <= most:
            return whole
    return str(text).lstrip(MARK)[:most]


def read(column: str) -> str:
    """``kept`` back, in the language that is active."""
    if not column.startswith(MARK):
        return column
    try:
        return Said.of(json.loads(column[1:]))
    except (ValueError, TypeError, KeyError, RecursionError):
        return column.lstrip(MARK)


def _source(value: Any) -> Any:
    if isinstance(value, Said):
        return value.source
    if isinstance(value, Promise):
        return _source(of_lazy(value))
    return value if isinstance(value, int | float) else str(value)


def _rendered(source: Any, depth: int) -> str:
    if isinstance(source, str | int | float):
        return str(source)
    if depth > DEEPEST:
        raise ValueError(source)
    match source:
        case [str(kind), str(text)] if kind == _TEXT:
            return translation.gettext(text)
        case [str(kind), str(one), str(many), int(number)] if kind == _MANY:
            return translation.ngettext(one, many, number)
        case [str(kind), inner, dict(values)] if kind == _WITH:
            return _rendered(inner, depth + 1) % {name: _value(each, depth) for name, each in values.items()}
        case [str(kind), *parts] if kind == _JOINED:
            return "".join(_rendered(part, depth + 1) for part in parts)
        case [str(kind), str(at), str(form)] if kind == _DATE:
            return dates.written(timezone.localtime(dt.datetime.fromisoformat(at)), form)
    raise ValueError(source)


def _value(source: Any, depth: int) -> Any:
    return source if isinstance(source, int | float) else _rendered(source, depth + 1)


class _Kept:
    max_length: int | None

    def from_db_value(self, value: str | None, *_: Any) -> str | None:
        return value if value is None else read(value)

    def get_prep_value(self, value: Any) -> Any:
        return kept(of_lazy(value), self.max_length) if isinstance(value, str | Promise) else value


if TYPE_CHECKING:
    _Char = models.CharField[str, str]
    _Text = models.TextField[str, str]
else:
    _Char = models.CharField
    _Text = models.TextField


class SaidCharField(_Kept, _Char):
    """What does not fit with its source is kept in the language of its making."""


class SaidTextField(_Kept, _Text):
    pass
