"""Text that strangers wrote: made inert before it is stored for display, searched or shown. Pure."""

from __future__ import annotations

import binascii
import re
import unicodedata
from base64 import b64decode
from collections.abc import Iterable
from functools import lru_cache
from quopri import decodestring

SUBJECT_MAX = 500
HEADER_SHOWN = 200 - len(
    "Subject: "
)  # bytes of a header's value that Postfix logs (cleanup_message.c: "%.200s")
_ASCII_PLAIN = re.compile(r"[\x20-\x7e]*\Z")
_WORD = re.compile(r"=\?([A-Za-z0-9_.:-]{1,40})(?:\*[A-Za-z-]{0,20})?\?([bBqQ])\?([^? ]*)\?=")
# Between two encoded words white space means nothing (RFC 2047 §6.2); Postfix prints the fold's newline as
# "?".
_GAP = re.compile(r"(?<=\?=)\??\s+(?==\?)")
_CHARSET = re.compile(
    r"(?i:utf-?8|us-ascii|ascii|latin-?1|iso-8859-\d{1,2}|windows-125\d|cp125\d|koi8-[ru]|gb2312|gbk|gb18030"
    r"|big5|euc-(?:kr|jp)|iso-2022-(?:jp|kr)|shift_jis|ks_c_5601-1987)\Z"
)
# What the cut leaves at the end: a word without its "?=", or a piece of a word's beginning.
_CUT_WORD = re.compile(r"=\?([A-Za-z0-9_.:-]{1,40})(?:\*[A-Za-z-]{0,20})?\?([bBqQ])\?([^? ]*)\??\Z")
_CUT_START = re.compile(r"\??\s*=(?:\?[^? ]*(?:\?[bBqQ]?)?)?\Z")
WORD_MAX = 200
_ADDRESS = re.compile(r"\[([0-9A-Fa-f.:]+)\]\Z")
_SERVER = re.compile(r"([^\[\]]*)\[([^\[\]]*)\](?::\d{1,5})?\Z")
_IP = re.compile(r"[0-9A-Fa-f.:]+\Z")
_SPLIT = re.compile(r"[\W_]+")
HIDDEN = frozenset("\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u3164\ufeff\uffa0")


def inert(text: str) -> str:
    """``text`` with every control, direction, zero-width and otherwise unseen character shown as ⟨U+XXXX⟩."""
    if _ASCII_PLAIN.match(text):
        return text
    return "".join(_shown(char, text[at - 1 : at]) for at, char in enumerate(text))


def _shown(char: str, before: str) -> str:
    if char == "\u200d" and before and (before == "\ufe0f" or unicodedata.category(before) in {"So", "Sk"}):
        return char  # joins two pictures into one
    if char in HIDDEN or unicodedata.category(char) in {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}:
        return " " if char == "\t" else f"⟨U+{ord(char):04X}⟩"
    return char


def subject(raw: str) -> str:
    """The Subject header's value as people read it: RFC 2047 words decoded where they are valid, left as they
    are where not; inert; at most SUBJECT_MAX characters. One that Postfix cut ends in "…"."""
    cut = len(raw.encode("utf-8", "replace")) >= HEADER_SHOWN
    if "=?" in raw:
        raw = _GAP.sub("", raw)
        if cut:
            raw = _CUT_START.sub("", _CUT_WORD.sub(_decoded_piece, raw))
        raw = _WORD.sub(_decoded, raw)
    return inert(raw)[:SUBJECT_MAX] + ("…" if cut else "")


def _decoded_piece(match: re.Match[str]) -> str:
    whole = (
        match[3][: len(match[3]) // 4 * 4] if match[2] in "bB" else re.sub(r"=[0-9A-Fa-f]?\Z", "", match[3])
    )
    return _decode(match[1], match[2], whole, "ignore") or ""


def _decoded(match: re.Match[str]) -> str:
    text = _decode(match[1], match[2], match[3], "strict")
    return match[0] if text is None else text


def _decode(charset: str, encoding: str, body: str, errors: str) -> str | None:
    """The text of an encoded word, or None when it is not one that can be read."""
    if not _CHARSET.match(charset):
        return None
    try:
        if encoding in "bB":
            data = b64decode(body + "=" * (-len(body) % 4), validate=True)
        else:
            data = decodestring(body.replace("_", " ").encode("ascii"), header=False)
        return data.decode(charset, errors)
    except (LookupError, ValueError, binascii.Error):
        return None


def words(*texts: str) -> list[str]:
    """Search words of the texts: lower case, letters and digits only, each once, at most 80 of 64
    characters."""
    found = dict.fromkeys(word[:64] for text in texts if text for word in _SPLIT.split(text.lower()) if word)
    return list(found)[:80]


def words_of(*, addresses: Iterable[str], texts: Iterable[str], names: Iterable[str]) -> list[str]:
    """What a row is found by, lower case, each once, at most 80: addresses and names (ids, hosts) whole, an
    address also by its domain and the parts of its local part, texts by their words."""
    found = [word for address in addresses if address for word in _of_address(address)]
    found += [name.strip("<>").lower()[:WORD_MAX] for name in names if name]
    for text in texts:
        if text:
            found += _of_text(text)
    known = dict.fromkeys(found)
    known.pop("", None)
    return list(known)[:80]


# The same people, subjects and answers come again and again.
@lru_cache(2048)
def _of_address(address: str) -> tuple[str, ...]:
    whole = address.lower()[:WORD_MAX]
    local, at, domain = whole.rpartition("@")
    return (whole, domain, *_SPLIT.split(local)) if at else (whole,)


@lru_cache(512)
def _of_text(text: str) -> tuple[str, ...]:
    return tuple(word[:64] for word in _SPLIT.split(text.lower()) if word)


def mark(name: str, value: object) -> str:
    """A word that no text has, for what a list may be narrowed to: rare things are then found by the index of
    words. ``value``: of our own."""
    return f"{name}={value}"


def vector(found: Iterable[str]) -> str:
    """``found`` as a literal of PostgreSQL's type tsvector."""
    several = list(found)
    together = "".join(several)
    if "'" in together or "\\" in together:
        several = [word.replace("\\", "\\\\").replace("'", "''") for word in several]
    return "'" + "' '".join(several) + "'" if several else ""


def client_address(client: str) -> str:
    """Of a client as the log names it: ``192.0.2.1`` or ``host.test[192.0.2.1]``."""
    found = _ADDRESS.search(client)
    return found[1] if found else client


def server_names(server: str) -> list[str]:
    """What a server is found by: ``host.test[192.0.2.1]:25`` by its name and its address."""
    found = _SERVER.match(server)
    return [found[1], *([found[2]] if _IP.match(found[2]) else [])] if found else [server]


def domain_of(address: str) -> str:
    """The address's domain in lower case without a trailing dot, or nothing."""
    return address.rpartition("@")[2].lower().rstrip(".") if "@" in address else ""
