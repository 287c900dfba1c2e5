"""rspamd's log: one line for each mail, in a form of our own (deploy/rspamd/rspamd.conf, ``log_format``), and
its own talk.

Names and scores come first, without anything that strangers wrote. The same follows with what each symbol was
found by: hostile text, in which the names and scores that are known by then tell where each begins.
"""

from __future__ import annotations

import math
import re
from typing import Any

from nodeagent.signedin import signed_in

Data = dict[str, Any]
Found = tuple[str, str, Data]
Symbol = tuple[str, float]

SYMBOLS = 60  # of a mail that are kept, the weightiest
OPTIONS = 200  # characters of what one was found by
_KNOWN = 2000  # lists of symbols that are remembered

_TALK = re.compile(r"#\d+\([\w-]+\) ")
_VERDICT = re.compile(
    r"<[^<> ]*>; [\w-]+; rspamd_task_write_log: "
    r"verdict qid=<(\w*)> action=<([a-z ]*)> score=<(-?[\d.]+|-?nan)/(-?[\d.]+|-?nan)> size=<(\d*)> "
    r"time=<([\d.]*)(?:ms|s)?> user=<([^<> ]*)> ip=<([0-9a-fA-F.:]*|undef)> found=<([\w.,()+-]*)>"
)
_SYMBOL = re.compile(r"(\w[\w.-]*)\((-?[\d.]+)\)(?:,|\Z)")
_NONE = "undef"  # how rspamd says that there is none


class Rspamd:
    """Remembers how lists of symbols were read: most mails are found to be like others."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[list[Symbol], list[str]]] = {}

    def read(self, text: str) -> Found | None:
        """(kind, queue id, fields) of the text after the time stamp, or None if no grammar fits."""
        talk = _TALK.match(text)
        if talk is None:
            return None
        if (found := _VERDICT.match(text, talk.end())) is not None:
            if found[1] in {"", _NONE}:
                return "notice", "", {}  # a mail of nobody: our own question whether a key signs
            return "verdict", found[1], self._verdict(found, text[found.end() :])
        return "notice", "", {}

    def _verdict(self, found: re.Match[str], rest: str) -> Data:
        login, app = signed_in("" if found[7] == _NONE else found[7])
        data: Data = {
            "score": _number(found[3]) or 0.0,
            "required": _number(found[4]),
            "action": found[2],
            "size": int(found[5] or 0),
            "symbols": self._symbols(found[9], rest),
        }
        if login:
            data["user"] = login
        if app:
            data["app"] = app
        if found[8] not in {"", _NONE}:
            data["client"] = found[8]
        return data

    def _symbols(self, listed: str, rest: str) -> list[list[Any]]:
        known = self._known.get(listed)
        if known is None:
            pairs = [(one[1], one[2]) for one in _SYMBOL.finditer(listed)]
            known = (
                [(name, float(score)) for name, score in pairs],
                [f"{name}({score}){{" for name, score in pairs],
            )
            if len(self._known) >= _KNOWN:
                self._known.clear()
            self._known[listed] = known
        symbols, marks = known
        options = _options(marks, rest) if rest.startswith(" with=<") else [""] * len(marks)
        kept: list[list[Any]] = [
            [name, score, option] for (name, score), option in zip(symbols, options, strict=True)
        ]
        if len(kept) > SYMBOLS:
            kept = sorted(kept, key=lambda one: -abs(one[1]))[:SYMBOLS]
        return kept


def _options(marks: list[str], rest: str) -> list[str]:
    """What each symbol was found by. An option that looks like the beginning of a symbol could put its words
    into another's mouth: whose beginning is there twice has no options here."""
    end = rest.find("}> from=<")
    text = rest[7 : end if end >= 0 else len(rest)]
    parts = text.split("},")
    if len(parts) == len(marks) and all(map(str.startswith, parts, marks)):
        return [
            part[len(mark) : len(mark) + OPTIONS].rstrip(";}")
            for part, mark in zip(parts, marks, strict=True)
        ]
    places = [(text.find(mark), mark) if text.count(mark) == 1 else (-1, mark) for mark in marks]
    found = []
    for number, (at, mark) in enumerate(places):
        following = [place for place, _mark in places[number + 1 : number + 2] if place > at]
        begin = at + len(mark)
        stop = following[0] - 2 if following else len(text) if number + 1 == len(places) else begin
        found.append(text[begin : min(stop, begin + OPTIONS)].rstrip(";}") if at >= 0 else "")
    return found


def _number(text: str) -> float | None:
    """None for what is not set ("nan")."""
    try:
        number = float(text)
    except ValueError:
        return None
    return None if math.isnan(number) else round(number, 2)
