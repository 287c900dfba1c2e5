"""From an answer to its entry in the catalogue. Pure, and suspicious: answers are hostile text of any length.

An answer is cut and stripped to what does not change from mail to mail, and what was found for that is
remembered. Nothing here goes back and forth over the text: every pattern is read in one pass (possessive, or
anchored at the start of a word)."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from delivery.explain.catalogue import CATALOGUE, FALLBACK
from delivery.statuses import Status

MOST = 1500  # characters that are looked at; the longest known answers of large providers have 1,000
REMEMBERED = 2048  # answers
PROVIDERS = {
    "google": ("google.com", "googlemail.com", "gsmtp"),
    "microsoft": ("outlook.com", "hotmail.com", "office365.us", "outlook.cn"),
    "yahoo": ("yahoodns.net", "yahoo.com", "aol.com", "yahoo.co.jp"),
    "apple": ("icloud.com", "apple.com", "me.com"),
    "gmx": ("gmx.net", "gmx.com", "gmx.de", "web.de", "kundenserver.de", "1and1.com", "ionos.com"),
    "telekom": ("t-online.de",),
    "orange": ("orange.fr", "wanadoo.fr"),
    "free": ("free.fr",),
    "laposte": ("laposte.net",),
    "comcast": ("comcast.net",),
    "mailru": ("mail.ru",),
    "proton": ("protonmail.ch", "proton.ch", "proton.me"),
}
# Words that only one of them writes, wherever its server is called.
MARKS = {" gsmtp": "google", "prod.outlook.com": "microsoft", "protection.outlook.com": "microsoft"}
_BY_HOST = {name: provider for provider, names in PROVIDERS.items() for name in names}
_HOST = re.compile(
    r"host ([^\s\[\]]{1,255}+)\[([^\]]{0,80}+)\](?::\d{1,5})? (?:said|refused to talk to me): "
)
_OWN_STORE = "private/dovecot-lmtp"
_TO = " (in reply to "  # Postfix says to which command; the other server did not
_SUSPENDED = re.compile(r"(?:delivery temporarily suspended: )++")
_CODE = re.compile(r"\A([245]\d\d)(?![\d.])[- ]?(?:#?([245]\.\d{1,3}\.\d{1,3})(?![\d.]))?")
# The codes that each line of a long answer repeats.
_LINES = re.compile(
    r"(?<!\S)[245]\d\d(?:[- ]#?[245]\.\d{1,3}\.\d{1,3}(?!\S)|-|(?!\S))"
    r"|(?<!\S)#?[245]\.\d{1,3}\.\d{1,3}(?![^\s:])"
)
_WORD = re.compile(r"\S++")
_NUMBER = re.compile(r"\d{4,}+")
_ADDRESS = re.compile(r"\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}")
_DSN = re.compile(r"[245]\.\d{1,3}\.\d{1,3}")


class Answer(NamedTuple):
    """``code``: of three digits, ``dsn``: enhanced (RFC 3463), each "" if there is none. ``provider``: who
    said it: key of PROVIDERS, "postfix" or "dovecot" of our own, or "". ``text``: masked."""

    code: str
    dsn: str
    provider: str
    text: str


def read(dsn: str, reply: str) -> Answer:
    text = reply[:MOST].strip()
    text = _SUSPENDED.sub("", text, count=1) if text.startswith("delivery temporarily") else text
    host, where = "", ""
    if (found := _HOST.match(text)) is not None:
        host, where, text = found[1].lower(), found[2], text[found.end() :]
    said = _CODE.match(text)
    code, inner = (said[1], said[2] or "") if said else ("", "")
    if not _DSN.fullmatch(dsn) or (inner and dsn.endswith(".0.0")):
        dsn = inner
    text = masked(text.partition(_TO)[0])
    if not host:
        return Answer(code, dsn, "postfix", text)
    return Answer(code, dsn, "dovecot" if where == _OWN_STORE else _provider(host, text), text)


def masked(text: str) -> str:
    """In small letters, without the codes of its lines; addresses and long numbers are one sign each."""
    return " ".join(_WORD.sub(_mask, _LINES.sub(" ", text.lower())).split())


def _mask(found: re.Match[str]) -> str:
    word = found[0]
    if "@" in word:
        return "@"
    if len(word) > 60:
        return word[:60]
    if word.isalpha():
        return word
    return _NUMBER.sub("#", _ADDRESS.sub("#", word))


def _provider(host: str, text: str) -> str:
    parts = host.rstrip(".").split(".")
    for most in (3, 2):
        if found := _BY_HOST.get(".".join(parts[-most:])):
            return found
    return next((provider for mark, provider in MARKS.items() if mark in text), "")


@lru_cache(maxsize=REMEMBERED)
def _find(status: int, answer: Answer) -> str:
    detail = answer.dsn[2:]
    for cause in CATALOGUE:
        if cause.fits(status, detail, answer.provider, answer.text):
            return cause.slug
    if status == Status.REJECTED:
        return ""
    return FALLBACK.get(detail, "")


def cause_of(status: int, dsn: str, reply: str) -> str:
    """The slug of the first entry that fits; "" when none does, or there is nothing to explain. Never raises;
    10 to 20 µs for an answer like one that was seen before."""
    if status == Status.DELIVERED:
        return "discarded" if reply == "discard.invalid" else ""
    if status == Status.HELD:
        return "held"
    if status == Status.PROGRESS or not (reply or dsn):
        return ""
    return _find(int(status), read(dsn, reply))
