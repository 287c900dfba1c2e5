"""What a record type is: its fields as people know them, and how each is read and shown."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from django.utils.translation import gettext as _

from dnszone import names
from dnszone import values as v
from lib.errors import Refused

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

Str: TypeAlias = "str | _StrPromise"  # translated now or when it is shown
Clean: TypeAlias = Callable[[str, str], str]


@dataclass(frozen=True, slots=True)
class Field:
    """One part of a value. ``clean(text, zone)`` gives its token in canonical text; ``show`` the way back.
    ``kind``: text, number, long (many lines) or choice (one of ``choices``: value and what it means).
    ``optional``: may stay empty. ``string``: a character-string (RFC 1035 §5.1), in quotes in zone files."""

    name: str
    label: Str
    hint: Str
    clean: Clean
    show: Callable[[str], str] = str
    kind: str = "text"
    initial: str = ""
    choices: tuple[tuple[str, Str], ...] = ()
    optional: bool = False
    string: bool = False


@dataclass(frozen=True, slots=True)
class RecordType:
    """``does``: one sentence for who does not know the type. ``points``: the field that is a host name, or
    empty. ``rest``: the last field takes all that is left of a line. ``check``: what the tokens may not be
    together. ``served``: what canonical text may not be. ``wire``: dnspython knows it."""

    name: str
    does: Str
    fields: tuple[Field, ...]
    points: str = ""
    rest: bool = False
    check: Callable[[Sequence[str]], None] | None = None
    served: Callable[[str], None] | None = None
    wire: bool = True

    @property
    def last(self) -> str:
        """Where an error of the whole value is shown."""
        return self.fields[-1].name


def target(
    label: Str, hint: Str, *, null: bool = False, alias: bool = False, name: str = "target", initial: str = ""
) -> Field:
    """A host name. ``null``: a lone dot has a meaning; ``alias``: labels with underscores are fine."""

    def clean(text: str, zone: str) -> str:
        if names.is_address(text):
            raise Refused(v.address_as_target(text, zone), name)
        if null and text.strip() == ".":
            return "."
        return names.host(text, zone, name, alias=alias)

    return Field(name, label, hint, clean, shown_target, initial=initial)


def shown_target(text: str) -> str:
    """Without the dot at the end, unless one word alone would then be read as a name of the zone."""
    name = names.shown(text)
    return name if "." in name else name + "."


def number(name: str, label: Str, hint: Str, initial: str = "", top: int = 65535) -> Field:
    return Field(
        name, label, hint, lambda text, _zone: str(v.number(text, top, name)), str, "number", initial
    )


def choice(
    name: str, label: Str, hint: Str, choices: tuple[tuple[str, Str], ...], initial: str = "", **words: str
) -> Field:
    """One of ``choices``; ``words``: other spellings, upper case, of what they stand for."""
    known = {value: value for value, _label in choices} | {value.upper(): value for value, _label in choices}

    def clean(text: str, _zone: str) -> str:
        typed = text.strip()
        try:
            return known.get(typed) or (known | words)[typed.upper()]
        except KeyError:
            raise Refused(
                _("Choose one of these: %(values)s.") % {"values": ", ".join(value for value, _l in choices)},
                name,
            ) from None

    return Field(name, label, hint, clean, str, "choice", initial, choices)


def hexadecimal(name: str, label: Str, hint: Str) -> Field:
    """Octets in hexadecimal digits; blanks and colons between them are left out."""
    return Field(name, label, hint, lambda text, _zone: v.hexadecimal(text, name), str, "long")
