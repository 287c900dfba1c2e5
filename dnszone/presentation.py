"""Presentation form, as zone files have it (RFC 1035 §5.1): words, strings in quotes, escapes. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator

from django.utils.translation import gettext as _

from lib.errors import Refused

CONTROL = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"\s*', re.DOTALL)
_ESCAPE = re.compile(rb"\\([0-9]{3}|.)", re.DOTALL)
# What a line is made of: a string in quotes, an escape, or a single character.
_PIECE = re.compile(r'"(?:[^"\\]|\\.)*"|\\[0-9]{3}|\\.|.', re.DOTALL)


def words(text: str, field: str, *, comments: bool = False) -> list[str]:
    """The words of one value. Strings keep their quotes and escapes; parentheses join lines and are left
    out. ``comments``: a semicolon is a character like any other."""
    found: list[str] = [""]
    depth = 0
    for piece in _pieces(text, field):
        if piece in "()":
            depth += 1 if piece == "(" else -1
            if depth < 0:
                break
        if piece in "\r\n" and not depth:
            raise Refused(_("A value stands on one line. Take the line break out."), field)
        if piece == ";" and not comments:
            raise Refused(
                _("A semicolon starts a comment, and comments have a field of their own. Take it out."), field
            )
        if piece in "() \t\r\n":
            found.append("")
        else:
            found[-1] += piece
    if depth:
        raise Refused(_("The parentheses do not pair. Take them out, or close each one."), field)
    return [word for word in found if word]


def _pieces(text: str, field: str) -> Iterator[str]:
    for match in _PIECE.finditer(text.strip(" \t\r\n")):
        if match[0] == '"':
            raise Refused(_("The quotes do not pair. Take them out, or close each one."), field)
        yield match[0]


def quote(data: bytes) -> str:
    """One string in presentation form."""
    return '"' + "".join(map(_ESCAPED.__getitem__, data)) + '"'


def _escaped(octet: int) -> str:
    if octet in b'"\\':
        return "\\" + chr(octet)
    return chr(octet) if 0x20 <= octet < 0x7F else f"\\{octet:03d}"


_ESCAPED = [_escaped(octet) for octet in range(256)]


def strings(text: str, field: str) -> list[bytes]:
    """``"a" "b"`` → [b"a", b"b"], with \\" \\\\ and \\DDD understood."""
    parts = _QUOTED.findall(text)
    if _QUOTED.sub("", text):
        raise Refused(_("The quotes do not pair. Write the text without quotes around it."), field)
    try:
        return [_ESCAPE.sub(_unescaped, encode(part, field)) for part in parts]
    except ValueError:
        raise Refused(
            _("After a backslash come three digits up to 255, or one other character."), field
        ) from None


def unquote(text: str, field: str) -> bytes:
    """``"a" "b"`` → b"ab"."""
    return b"".join(strings(text, field))


def _unescaped(match: re.Match[bytes]) -> bytes:
    code = match[1]
    return bytes([int(code)]) if len(code) == 3 else code


def encode(text: str, field: str) -> bytes:
    if CONTROL.search(text):
        raise Refused(
            _("Line breaks, tabs and control characters do not fit here. Write it in one line."), field
        )
    return text.encode()


def is_quoted(text: str) -> bool:
    return len(text) > 1 and text[0] == text[-1] == '"'


def plain(data: bytes) -> str:
    """As people read and type it. What would not come back the same when typed again stays in quotes."""
    text = data.decode("utf-8", "replace")
    same = text.encode() == data and text == text.strip() and not CONTROL.search(text)
    return text if same and not is_quoted(text) else quote(data)
