"""The mail programs that have a guide: one TOML file each in ``guides/programs``, read once.

A text is a string, the same in every language, or a table with one for each of LANGUAGES. What a file may say
stands in docs/programs.md; ``ProgramWrong`` names the file and the place of what is wrong.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

LANGUAGES = ("en", "es")
HERE = Path(__file__).with_name("programs")

GROUPS = ("computer", "phone", "web", "thing")
PROTOCOLS = ("imap", "pop3", "smtp")
QUICK = ("", "autoconfig", "autodiscover", "profile", "qr")
LOOKS = (
    "thunderbird", "windows", "outlook", "mac", "web", "gnome", "kde", "terminal",
    "iphone", "android", "samsung", "device", "page",
)  # fmt: skip
KINDS = (
    "field", "select", "check", "radio", "switch", "head", "caption", "text", "item", "link", "tabs", "code",
)  # fmt: skip
# What stands in braces in a text: whose it is, and what.
_SERVERS = ("in", "imap", "pop3", "out", "alt_in", "alt_out")
_OF_SERVERS = ("protocol", "host", "port", "security", "username")
VALUES = frozenset(
    {"address", "local", "domain", "name", "password", "provider"}
    | {f"{server}.{what}" for server in _SERVERS for what in _OF_SERVERS}
)
VALUE = re.compile(r"\{([a-z0-9_.]+)\}")

Words = Mapping[str, str]
NOTHING: Words = dict.fromkeys(LANGUAGES, "")


class ProgramWrong(Exception):
    """A file that the catalogue cannot take."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A line of a drawn window. ``kind``: one of KINDS. ``mark``: what the reader fills in, or presses.
    ``on``: of a tick-box, a switch or a radio button. Of ``tabs`` the value is a list parted by ``|``, with a
    star before the open one."""

    kind: str
    label: Words
    value: Words
    mark: bool
    on: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Button:
    """``press``: the one to press, marked. ``bar``: left or right in the title bar, as on phones."""

    label: Words
    press: bool
    bar: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    look: str
    title: Words
    rows: Sequence[Row]
    buttons: Sequence[Button]


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """``protocols``: for whom the step is; empty: for all. ``copy``: values with a copy button besides those
    of the windows. ``otherwise``: what to do when the program says something else."""

    text: Words
    protocols: Sequence[str]
    copy: Sequence[str]
    windows: Sequence[Window]
    otherwise: Words


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """What the program says when it does not work, and what to do then."""

    says: Words
    do: Words


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """``systems``: where it runs, in words. ``quick``: the way without typing it takes. ``seen``: how it
    calls itself in the log, lower case. ``checked``: the versions whose dialogs were looked up.
    ``security``: its words for SSL/TLS and STARTTLS, by the keys ``tls`` and ``starttls``."""

    slug: str
    name: Words
    systems: Words
    group: str
    order: int
    look: str
    protocols: Sequence[str]
    quick: str
    seen: Sequence[str]
    checked: Words
    summary: Words
    security: Mapping[str, Words]
    steps: Sequence[Step]
    troubles: Sequence[Trouble]
    related: Sequence[str] = field(default_factory=tuple)

    def steps_for(self, protocol: str) -> list[Step]:
        return [step for step in self.steps if not step.protocols or protocol in step.protocols]


@lru_cache(maxsize=1)
def programs() -> Mapping[str, Program]:
    """By slug, in the order in which they are offered. Raises ProgramWrong."""
    found = [read(path) for path in sorted(HERE.glob("*.toml"))]
    found.sort(key=lambda one: (GROUPS.index(one.group), one.order, one.slug))
    return {one.slug: one for one in found}


def read(path: Path) -> Program:
    """One file; its name is the slug. Raises ProgramWrong."""
    try:
        with path.open("rb") as file:
            return _program(path.stem, tomllib.load(file))
    except (tomllib.TOMLDecodeError, KeyError, TypeError, ValueError) as error:
        raise ProgramWrong(f"{path.name}: {error}") from error


def _program(slug: str, given: dict[str, Any]) -> Program:
    security = given.pop("security", {})
    made = Program(
        slug=slug,
        name=_words(given.pop("name")),
        systems=_words(given.pop("systems")),
        group=_one_of(given.pop("group"), GROUPS),
        order=int(given.pop("order", 50)),
        look=_one_of(given.pop("look"), LOOKS),
        protocols=_some_of(given.pop("protocols"), PROTOCOLS),
        quick=_one_of(given.pop("quick", ""), QUICK),
        seen=[str(one).lower() for one in given.pop("seen", [])],
        checked=_words(given.pop("checked")),
        summary=_words(given.pop("summary")),
        security={name: _words(security[name]) for name in ("tls", "starttls") if name in security},
        steps=[_step(one) for one in given.pop("step")],
        troubles=[_trouble(one) for one in given.pop("trouble", [])],
        related=[str(one) for one in given.pop("related", [])],
    )
    _nothing_left(given)
    return made


def _step(given: dict[str, Any]) -> Step:
    otherwise = given.pop("otherwise", None)
    step = Step(
        text=_words(given.pop("text")),
        protocols=_some_of(given.pop("protocols", []), PROTOCOLS),
        copy=_some_of(given.pop("copy", []), VALUES),
        windows=[_window(one) for one in given.pop("window", [])],
        otherwise=_words(otherwise) if otherwise else NOTHING,
    )
    _nothing_left(given)
    return step


def _window(given: dict[str, Any]) -> Window:
    window = Window(
        look=_one_of(given.pop("look", ""), ("", *LOOKS)),
        title=_words(given.pop("title")),
        rows=[_row(one) for one in given.pop("row", [])],
        buttons=[_button(one) for one in given.pop("button", [])],
    )
    _nothing_left(given)
    return window


def _row(given: dict[str, Any]) -> Row:
    row = Row(
        kind=_one_of(given.pop("kind", "field"), KINDS),
        label=_words(given.pop("label", "")),
        value=_words(given.pop("value", "")),
        mark=bool(given.pop("mark", False)),
        on=bool(given.pop("on", False)),
    )
    _nothing_left(given)
    return row


def _button(given: dict[str, Any]) -> Button:
    button = Button(
        label=_words(given.pop("label")),
        press=bool(given.pop("press", False)),
        bar=_one_of(given.pop("bar", ""), ("", "left", "right")),
    )
    _nothing_left(given)
    return button


def _trouble(given: dict[str, Any]) -> Trouble:
    trouble = Trouble(says=_words(given.pop("says")), do=_words(given.pop("do")))
    _nothing_left(given)
    return trouble


def _words(given: Any) -> Words:
    words = dict.fromkeys(LANGUAGES, given) if isinstance(given, str) else given
    if not isinstance(words, dict) or set(words) != set(LANGUAGES):
        raise ValueError(f"a text lacks a language, or has one too many: {given!r}")
    for text in words.values():
        unknown = set(VALUE.findall(text)) - VALUES
        if unknown:
            raise ValueError(f"no such value: {', '.join(sorted(unknown))}")
    used = {language: sorted(set(VALUE.findall(text))) for language, text in words.items()}
    if len({tuple(one) for one in used.values()}) > 1:
        raise ValueError(f"the languages of a text use different values: {given!r}")
    return words


def _one_of(given: str, allowed: Sequence[str]) -> str:
    if given not in allowed:
        raise ValueError(f"{given!r} is none of {', '.join(allowed)}")
    return given


def _some_of(given: Sequence[str], allowed: Any) -> Sequence[str]:
    return [_one_of(one, sorted(allowed)) for one in given]


def _nothing_left(given: dict[str, Any]) -> None:
    if given:
        raise ValueError(f"not known here: {', '.join(given)}")
