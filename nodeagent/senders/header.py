"""The addresses in a From header (RFC 5322 §3.4), read so that no mail program finds one that is missed
here. Pure.

What the grammar does not know is refused, not guessed: programs guess in different ways, and a mail that says
one thing here and another thing to its reader is what a forger wants.
"""

from __future__ import annotations

import re

import idna

_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LOCAL = re.compile(rf"{_ATOM}(?:\.{_ATOM})*")
_DOMAIN = re.compile(r"(?=.{1,253}\Z)[^\s\x00-\x2c/:;<=>?@\[\\\]^`{|}~]+")
_TOKEN = re.compile(r"\s+|[^\s\"()\\<>@,;:]+|.", re.DOTALL)
MOST = 100  # addresses in one header
DEEP = 20  # comments inside comments

Token = tuple[str, str]
"""(kind, text): ``q`` a quoted string, ``w`` a word, else the character itself."""


class UnclearError(Exception):
    """The header is not of a form that everybody reads alike; the message says what is wrong."""


def addresses(value: str) -> list[str]:
    """In small letters, each as it stands. Raises UnclearError; an empty list: it names none."""
    found: list[str] = []
    part: list[Token] = []
    angle = False
    for token in [*_tokens(value), (",", ",")]:
        kind = token[0]
        if kind == "<":
            angle = True
        elif kind == ">":
            angle = False
        if kind in {",", ";"} and not angle:
            found += _mailbox(part)
            part = []
        elif kind == ":" and not angle:
            if any(one[0] not in {"w", "q"} for one in part):
                raise UnclearError("it has a colon where none belongs")
            part = []  # a group's name
        else:
            part.append(token)
    if angle or len(found) > MOST:
        raise UnclearError("it does not end where it should" if angle else "it names too many")
    return found


def _tokens(value: str) -> list[Token]:
    found: list[Token] = []
    at = 0
    while at < len(value):
        match = _TOKEN.match(value, at)
        text = match[0] if match else value[at]
        if text == '"':
            text, at = _quoted(value, at + 1)
            found.append(("q", text))
            continue
        if text == "(":
            at = _comment(value, at + 1)
            continue
        if text in {")", "\\"} or any(ord(letter) < 32 and letter not in "\t\r\n" for letter in text):
            raise UnclearError("it has a character that does not belong there")
        at += len(text)
        if text.strip():
            found.append((text if text in "<>@,;:" else "w", text))
    return found


def _quoted(value: str, at: int) -> tuple[str, int]:
    text = ""
    while at < len(value):
        letter = value[at]
        if letter == '"':
            return text, at + 1
        if letter == "\\":
            at += 1
            letter = value[at : at + 1]
        text += letter
        at += 1
    raise UnclearError("a quotation mark is never closed")


def _comment(value: str, at: int) -> int:
    deep = 1
    while at < len(value):
        letter = value[at]
        at += 2 if letter == "\\" else 1
        deep += (letter == "(") - (letter == ")")
        if not deep:
            return at
        if deep > DEEP:
            break
    raise UnclearError("a bracket is never closed")


def _mailbox(part: list[Token]) -> list[str]:
    """The address of ``Name <address>`` or of an address alone, and whatever in the name looks like one."""
    if not part:
        return []
    kinds = [kind for kind, _text in part]
    if "<" not in kinds and ">" not in kinds:
        return [_address(part)]
    begin = kinds.index("<") if "<" in kinds else -1
    if begin < 0 or kinds[-1] != ">" or kinds.count("<") != 1 or kinds.count(">") != 1:
        raise UnclearError("its angle brackets do not fit")
    return [*_in_name(part[:begin]), _address(part[begin + 1 : -1])]


def _in_name(name: list[Token]) -> list[str]:
    """``ana@luna.example <ana@luna.example>`` is against the grammar and common: then both count."""
    found = []
    for place, (kind, _text) in enumerate(name):
        if kind == "@":
            found.append(_address(name[max(0, place - 1) : place + 2]))
    return found


def _address(part: list[Token]) -> str:
    if len(part) != 3 or part[1][0] != "@" or part[2][0] != "w" or part[0][0] not in {"w", "q"}:
        raise UnclearError("it holds something that is no address")
    local, domain = part[0][1], part[2][1]
    if not _LOCAL.fullmatch(local) or not _DOMAIN.fullmatch(domain):
        raise UnclearError("it holds something that is no address")
    if not domain.isascii():
        try:
            domain = idna.encode(domain, uts46=True).decode("ascii")
        except idna.IDNAError:
            raise UnclearError("it holds something that is no address") from None
    return f"{local}@{domain}".lower()
