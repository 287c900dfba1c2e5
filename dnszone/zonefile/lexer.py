"""From the text of a zone file to its entries: lines, parentheses, quotes and comments (RFC 1035 §5.1). Pure.

Own lexing, one regular expression a line, since dnspython's goes by the character: 5 MB take it many
seconds, and it stops at the first thing that is wrong."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

ENTRY_CHARS = 100_000  # a TXT of values.TXT_MAX octets with each of them as \DDD has 64,000
_BLANK = " \t\u00a0\u2000-\u200b\u202f\u3000\ufeff"  # what web pages put between words is a blank too
_PLAIN = re.compile(rf'[{_BLANK[1:]};"()\\“”]')
_TOKEN = re.compile(
    rf'(?P<blank>[{_BLANK}]++)|(?P<comment>;.*+)|"(?P<quoted>(?:[^"\\]++|\\.)*+)"|(?P<bracket>[()])'
    rf'|(?P<word>(?:[^{_BLANK};"()\\]++|\\.)++)|(?P<wrong>.)',
    re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Token:
    """``raw``: with its escapes as written, without quotes. ``glued``: no blank before it (``alpn="h2"``)."""

    raw: str
    quoted: bool = False
    glued: bool = False

    @property
    def written(self) -> str:
        return f'"{self.raw}"' if self.quoted else self.raw


@dataclass(slots=True)
class Entry:
    """One record or directive. ``line`` counts from 1, ``text`` is that line. ``indented``: it begins with a
    blank, so its name is the one before. ``comment``: behind an entry of one line. ``wrong``: why it
    cannot be read; then ``tokens`` mean nothing."""

    line: int
    text: str
    indented: bool = False
    tokens: list[Token] = field(default_factory=list)
    comment: str = ""
    wrong: str = ""
    depth: int = 0
    chars: int = 0


def entries(text: str) -> Iterator[Entry]:
    """Every entry that is not empty, wrong ones too. A parenthesis that is never closed ends the reading."""
    entry: Entry | None = None
    for number, line in enumerate(_lines(text), 1):
        if entry is None:
            if not line or line.isspace():
                continue
            entry = Entry(number, line, indented=line[0] in " \t\u00a0")
        _take(entry, line)
        if entry.depth and not entry.wrong:
            entry.comment = ""
            continue
        if entry.tokens or entry.wrong:
            entry.comment = entry.comment if entry.line == number else ""
            yield entry
        entry = None
    if entry is not None:
        entry.wrong = _(
            "The parenthesis that is opened here is never closed, so nothing below could be read. Close it."
        )
        yield entry


def _lines(text: str) -> list[str]:
    """Of Unix, Windows and old Mac files; the mark at the start and the end sign of DOS are no text."""
    text = text.removeprefix("\ufeff").rstrip("\x1a")
    return text.replace("\r\n", "\n").replace("\r", "\n").split("\n")


def _take(entry: Entry, line: str) -> None:
    entry.chars += len(line)
    if entry.chars > ENTRY_CHARS:
        entry.wrong = _("This is too long for one record.")
    elif not _PLAIN.search(line):
        entry.tokens += [Token(word) for word in line.split(" ") if word]
    else:
        _take_tokens(entry, line)


def _take_tokens(entry: Entry, line: str) -> None:
    glued = False
    for match in _TOKEN.finditer(line):
        kind, raw = match.lastgroup, match[match.lastgroup or 0]
        if kind == "comment":
            entry.comment = raw[1:]
        elif kind == "bracket":
            entry.depth += 1 if raw == "(" else -1
            if entry.depth < 0:
                entry.wrong = _("This closes a parenthesis that was never opened. Take it out.")
        elif kind == "wrong":
            entry.wrong = (
                _("The quotes do not pair in this line. Put one in front of the text and one behind it.")
                if raw == '"'
                else _("There is nothing behind the backslash. Take it out.")
            )
        elif kind != "blank":
            if kind == "word" and raw[0] in "“”":
                entry.wrong = _('These are typographic quotes. Write plain ones: ".')
            entry.tokens.append(Token(raw, kind == "quoted", glued))
        glued = kind in {"word", "quoted"}
        if entry.wrong:
            return
