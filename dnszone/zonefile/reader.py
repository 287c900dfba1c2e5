"""From a zone file to records, with every mistake at its line. Pure. Never raises, whatever the text."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field, replace

from django.utils.translation import gettext as _

from dnszone import changeset, names, rdata, rules
from dnszone.spec import DEFAULT_TTL, RecordSpec, Row
from dnszone.zonefile import generic
from dnszone.zonefile.lexer import Entry, Token, entries
from dnszone.zonefile.words import Heard, comment_of
from lib.errors import Refused

PROBLEMS = 200
_TTL = re.compile(r"[0-9]{1,10}|(?:[0-9]{1,10}[smhdw])+", re.IGNORECASE)
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}
_ESCAPE = re.compile(r"\\([0-9]{3}|.)", re.DOTALL)
# Where in a value a name stands that may be relative to $ORIGIN.
_NAMES = {
    "CNAME": 0, "NS": 0, "PTR": 0, "ALIAS": 0, "MX": 1, "SRV": 3, "NAPTR": 5, "SVCB": 1, "HTTPS": 1,
}  # fmt: skip
# What a signed zone hands out besides; the panel signs for itself. TYPE65534: BIND's own notes of it.
_SIGNING = {
    "RRSIG", "NSEC", "NSEC3", "NSEC3PARAM", "DNSKEY", "CDS", "CDNSKEY", "ZONEMD", "DLV", "TYPE65534",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Problem:
    """``line`` counts from 1; 0: of the whole. ``text``: that line, cut."""

    line: int
    text: str
    reason: str


@dataclass(slots=True)
class Reading:
    """``rows``: what the file wants, in its order, without keys. ``lines``: of each row, its line and text.
    ``problems``: the first PROBLEMS of ``wrong``. ``records``: how many the file has, wrong ones too.
    ``heard``: what was left out or understood in a way that a person should know."""

    rows: list[Row] = field(default_factory=list)
    lines: dict[tuple[str, str, str], tuple[int, str]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    wrong: int = 0
    records: int = 0
    heard: Heard = field(default_factory=Heard)

    def say(self, line: int, text: str, reason: str) -> None:
        self.wrong += 1
        if len(self.problems) < PROBLEMS:
            self.problems.append(Problem(line, text.strip()[:200], reason))


def read(text: str, zone: str) -> Reading:
    """``zone``: its name without the last dot; what relative names are relative to before any $ORIGIN."""
    reader = _Reader(zone)
    for entry in entries(text):
        reader.take(entry)
        if reader.reading.wrong > rules.ZONE_RECORDS:  # no zone file; millions of them would take seconds
            break
    return reader.done()


def seconds(text: str) -> int | None:
    """``3600``, ``1h``, ``1d12h``; None for what is no TTL."""
    if not _TTL.fullmatch(text):
        return None
    if text.isdigit():
        return int(text)
    return sum(int(number) * _UNITS[unit.lower()] for number, unit in re.findall(r"([0-9]+)([a-zA-Z])", text))


class _Reader:
    def __init__(self, zone: str) -> None:
        self.zone = zone
        self.origin = f"{zone}."
        self.owner = ""  # absolute; of the record before
        self.ttl: int | None = None  # $TTL
        self.last_ttl: int | None = None
        self.found: dict[tuple[str, str, str], Row] = {}
        self.reading = Reading()

    def take(self, entry: Entry) -> None:
        try:
            if entry.wrong:
                raise Refused(entry.wrong)
            first = entry.tokens[0]
            if first.raw.startswith("$") and not first.quoted:
                self._directive(first.raw.upper(), entry.tokens[1:])
            else:
                self._record(entry)
        except Refused as refused:
            self.reading.say(entry.line, entry.text, refused.message)

    def _directive(self, name: str, words: list[Token]) -> None:
        if name == "$INCLUDE":
            raise Refused(
                _("$INCLUDE is not followed: it names a file on another machine. Put its lines in its place.")
            )
        if name == "$GENERATE":
            raise Refused(
                _("$GENERATE is not carried out. Write the records that it stands for, one a line.")
            )
        if name not in {"$ORIGIN", "$TTL"}:
            raise Refused(_("“%(name)s” is not known. $ORIGIN and $TTL are.") % {"name": name[:40]})
        if len(words) != 1:
            raise Refused(_("Behind %(name)s comes one value.") % {"name": name})
        if name == "$ORIGIN":
            self.origin = self._origin(words[0].raw)
        else:
            self.ttl = self._ttl(words[0].raw)

    def _origin(self, text: str) -> str:
        name = self._absolute(text).lower()
        if len(name) > 254:
            raise Refused(_("This name is too long: 253 characters with the domain are allowed."))
        return name

    def _ttl(self, text: str) -> int:
        value = seconds(text)
        if value is None or value > changeset.TTL_MAX:
            raise Refused(
                _("“%(text)s” is no TTL. Write seconds, or a time such as 1h or 2d.") % {"text": text[:40]}
            )
        return value

    def _absolute(self, text: str) -> str:
        if text == names.APEX:
            return self.origin
        if text.endswith(".") and not text.endswith(r"\."):
            return text
        return f"{text}." if self.origin == "." else f"{text}.{self.origin}"

    def _record(self, entry: Entry) -> None:
        self.reading.records += 1
        if self.reading.records > rules.ZONE_RECORDS:
            return  # counted, and said in the end
        words = list(entry.tokens)
        if not entry.indented:
            self.owner = ""
            self.owner = self._owner(words.pop(0), entry.line)
        elif not self.owner:
            raise Refused(
                _("This line begins with a blank, so its name is that of the line above, and there is none.")
            )
        ttl, kind = self._ttl_and_type(words)
        ttl = self._ttl_of(ttl)
        if self._left_out(kind):
            return
        if kind not in rdata.TYPES:
            raise Refused(
                _("%(type)s records cannot be kept here. Take the line out, or write one of %(types)s.")
                % {"type": kind, "types": ", ".join(rdata.TYPES)}
            )
        value = self._value(kind, words, entry.line)
        spec = RecordSpec(
            owner=self.owner, type=kind, rdata=value, ttl=ttl, comment=comment_of(entry.comment)
        )
        self._keep(changeset.canonical_row(spec, self.zone), entry)

    def _owner(self, token: Token, line: int) -> str:
        r"""Absolute, with escapes of plain characters undone: ``\042.example.test.`` is a wildcard."""
        text = _ESCAPE.sub(self._unescaped, token.raw) if "\\" in token.raw else token.raw
        if token.quoted:
            raise Refused(_("A name has no quotes around it. Take them out."))
        if f".{text.lower()}".endswith(f".{self.zone}") and self.origin != ".":
            self.reading.heard.dotless.append(line)
        return self._absolute(text)

    @staticmethod
    def _unescaped(match: re.Match[str]) -> str:
        octet = match[1]
        char = chr(int(octet)) if len(octet) == 3 else octet
        if not re.fullmatch(r"[A-Za-z0-9_*-]", char):
            raise Refused(
                _("“%(text)s” cannot be part of a name. Use letters, digits and hyphens.")
                % {"text": match[0]}
            )
        return char

    def _ttl_and_type(self, words: list[Token]) -> tuple[int | None, str]:
        """Takes TTL, class and type off ``words``; the first two in either order, or not there."""
        ttl, in_class = None, False
        while words and not words[0].quoted:
            word = words.pop(0).raw
            if ttl is None and word[0].isdigit() and seconds(word) is not None:
                ttl = self._ttl(word)
            elif not in_class and word.upper() in {"IN", "CLASS1"}:
                in_class = True
            elif word.upper() in {"CH", "HS", "CS", "CHAOS", "HESIOD"}:
                raise Refused(_("Only records of the class IN can be kept here."))
            elif kind := generic.type_name(word):
                return ttl, kind
            else:
                raise Refused(
                    _("“%(word)s” is no record type. A line is: name, TTL, IN, type, value.")
                    % {"word": word[:40]}
                )
        raise Refused(_("There is no record type in this line. A line is: name, TTL, IN, type, value."))

    def _ttl_of(self, written: int | None) -> int:
        """RFC 2308 §4: $TTL; before it was invented, the TTL of the record above."""
        if written is not None:
            self.last_ttl = written
            return written
        if self.ttl is not None:
            return self.ttl
        if self.last_ttl is not None:
            return self.last_ttl
        self.reading.heard.no_ttl = True
        return DEFAULT_TTL

    def _left_out(self, kind: str) -> bool:
        """What the panel keeps itself."""
        heard = self.reading.heard
        at_apex = self.owner.lower() == f"{self.zone}."
        if kind == "SOA":
            if not at_apex:
                raise Refused(
                    _("This is the file of %(other)s, and this zone is %(zone)s.")
                    % {"other": self.owner.rstrip(".")[:100] or ".", "zone": self.zone}
                )
            heard.soa = True
            return True
        if kind in _SIGNING:
            heard.signing += 1
            return True
        if kind == "NS" and at_apex:
            heard.name_servers += 1
            return True
        return False

    def _value(self, kind: str, words: list[Token], line: int) -> str:
        if words and words[0].written == generic.MARK:
            return generic.decoded(kind, [word.raw for word in words[1:]])
        if not words:
            raise Refused(_("There is no value behind %(type)s.") % {"type": kind})
        if kind == "TXT":
            if len(words) > 1 and not all(word.quoted for word in words):
                self.reading.heard.unquoted.append(line)
            return " ".join(f'"{word.raw}"' for word in words)
        at = _NAMES.get(kind, -1)
        if 0 <= at < len(words) and not words[at].quoted:
            words[at] = replace(words[at], raw=self._target(words[at].raw, line))
        return "".join(("" if word.glued else " ") + word.written for word in words).strip()

    def _target(self, text: str, line: int) -> str:
        """What is no name at all stays: the value's own check says what to write."""
        if names.is_address(text) or "@" in text[1:] or "/" in text:
            return text
        if "." in text.rstrip(".") and not text.endswith("."):
            self.reading.heard.dotless.append(line)
        return self._absolute(text)

    def _keep(self, row: Row, entry: Entry) -> None:
        if row.identity in self.found:
            self.reading.heard.twice.append(entry.line)
        else:
            self.found[row.identity] = row
            self.reading.lines[row.identity] = entry.line, entry.text.strip()[:200]

    def done(self) -> Reading:
        reading = self.reading
        if reading.records > rules.ZONE_RECORDS:
            reading.problems.clear()
            reading.wrong = 0
            reading.say(
                0,
                "",
                _("The file has %(count)d records, and a zone holds %(max)d at most.")
                % {"count": reading.records, "max": rules.ZONE_RECORDS},
            )
        lowest: dict[rules.Key, int] = {}
        for row in self.found.values():
            lowest[row.rrset] = min(row.ttl, lowest.get(row.rrset, row.ttl))
        uneven = Counter(row.rrset for row in self.found.values() if row.ttl != lowest[row.rrset])
        reading.heard.uneven = [f"{owner} {kind}" for owner, kind in uneven]
        reading.rows = [row._replace(ttl=lowest[row.rrset]) for row in self.found.values()]
        return reading
