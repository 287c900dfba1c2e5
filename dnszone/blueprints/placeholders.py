"""A template's text: lines of a zone file with placeholders → records of one domain. Pure.

A line: ``name [TTL] [IN] TYPE value``; a blank in front means the name above; ``;`` begins a comment;
``$TTL`` sets the TTL of what follows (RFC 1035 §5.1, RFC 2308 §4). A name with a dot in it is a whole name,
as in the editor."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as __

from dnszone import changeset, rdata, rules
from dnszone.spec import DEFAULT_TTL, RecordSpec, Row
from lib.errors import Refused
from lib.said import gettext as _

TEXT_MAX = 40_000
LINES_MAX = 500
ERRORS_MAX = 20  # that are shown at once

PLACEHOLDERS: dict[str, str | Promise] = {
    "domain": __("the domain itself, such as example.test"),
    "mail_host": __("the mail server of the domain"),
    "ipv4": __("that server’s IPv4 address; without one the line is left out"),
    "ipv6": __("that server’s IPv6 address; without one the line is left out"),
    "panel_host": __("where the panel answers"),
    "provider": __("the provider’s own domain, as in include:_spf.{provider}"),
    "ns1": __("our first name server"),
    "ns2": __("our second name server"),
}
Values = Mapping[str, Sequence[str]]
"""What stands for each placeholder; several for a server with several addresses, none: it has none."""

_PARTS = re.compile(r"\{\{|\}\}|\{([^{}]*)\}|[{}]")
_TTL = re.compile(r"([0-9]{1,10})([smhdw]?)", re.IGNORECASE)
_UNITS = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}
_KEPT = {"autoconfig", "autodiscover", "_autodiscover._tcp"}


@dataclass(frozen=True, slots=True)
class Line:
    """``number`` counts from 1."""

    number: int
    owner: str
    ttl: int
    type: str
    value: str


@dataclass(frozen=True, slots=True)
class Rendered:
    """``left_out``: lines without a value for their placeholder, in words."""

    rows: list[Row]
    left_out: list[str]


class BadTemplate(Refused):
    """``errors``: every one that was found, in words with its line."""

    def __init__(self, errors: Sequence[str]) -> None:
        super().__init__(" ".join(errors[:ERRORS_MAX]), "text")
        self.errors = list(errors[:ERRORS_MAX])


def render(text: str, values: Values, *, strict: bool = True) -> Rendered:
    """The records that ``text`` makes for the domain in ``values``. Raises BadTemplate with every line that
    is wrong; not ``strict``: such lines are left out, and said."""
    zone = values["domain"][0]
    rows: dict[tuple[str, str, str], Row] = {}
    errors: list[str] = []
    left_out: list[str] = []
    for line in _lines(text, errors):
        try:
            specs = list(_filled(line, values))
            found = [_row(spec, zone) for spec in specs]
        except _Missing as missing:
            left_out.append(
                _("Line %(n)d is left out: the server has no {%(what)s}.")
                % {"n": line.number, "what": missing.name}
            )
            continue
        except Refused as refused:
            errors.append(_at(line.number, refused.message))
            continue
        rows.update((row.identity, row) for row in found)
    errors += _whole(zone, list(rows.values())) if not errors else []
    if errors and strict:
        raise BadTemplate(errors)
    kept = list(rows.values())
    return Rendered(kept if not errors else _fitting(zone, kept), left_out + errors)


class _Missing(Exception):
    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


def _at(number: int, message: str) -> str:
    return _("Line %(n)d: %(why)s") % {"n": number, "why": message}


def _lines(text: str, errors: list[str]) -> Iterator[Line]:
    owner, ttl, count = "", DEFAULT_TTL, 0
    for number, raw in enumerate(text.splitlines(), 1):
        try:
            body = _body(raw)
            if not body:
                continue
            if body.startswith("$"):
                ttl = _directive(body)
                continue
            line = _line(number, body, owner, ttl)
        except Refused as refused:
            errors.append(_at(number, refused.message))
            continue
        owner = line.owner
        count += 1
        if count > LINES_MAX:
            errors.append(_("A template has %(max)d records at most. Take some out.") % {"max": LINES_MAX})
            return
        yield line


def _body(raw: str) -> str:
    """The line without its comment. A blank in front stays one: the name above is meant."""
    raw = raw.replace("\t", " ")
    quoted, end = False, len(raw)
    for place, sign in enumerate(raw):
        if sign == '"' and raw[place - 1 : place] != "\\":
            quoted = not quoted
        elif sign == ";" and not quoted and (place == 0 or raw[place - 1].isspace()):
            end = place
            break
    body = raw[:end].rstrip()
    return " " + body.strip() if body[:1].isspace() and body.strip() else body.strip()


def _directive(body: str) -> int:
    word, _space, rest = body.partition(" ")
    if word.upper() != "$TTL":
        raise Refused(
            _("%(word)s is not understood in a template. Write the records themselves; only $TTL is known.")
            % {"word": word[:20]}
        )
    found = _seconds(rest.strip())
    if found is None:
        raise Refused(_("Write the TTL in seconds, such as $TTL 3600."))
    return found


def _seconds(text: str) -> int | None:
    match = _TTL.fullmatch(text)
    return int(match[1]) * _UNITS[match[2].lower()] if match else None


def _line(number: int, body: str, above: str, ttl: int) -> Line:
    same = body.startswith(" ")
    first, _space, rest = body.partition(" ")
    owner, rest = (above, body.strip()) if same else (first, rest.strip())
    if not owner:
        raise Refused(_("Begin with a name such as www, or @ for the domain itself."))
    for _word in range(2):  # TTL and class stand in either order (RFC 1035 §5.1)
        head, _space, tail = rest.partition(" ")
        if head.upper() == "IN":
            rest = tail.strip()
        elif (own := _seconds(head)) is not None:
            ttl, rest = own, tail.strip()
    kind, _space, value = rest.partition(" ")
    if kind.upper() not in rdata.TYPES:
        if kind.upper() == "SOA":
            raise Refused(_("The SOA record is kept by the panel. Take this line out."))
        raise Refused(
            _("“%(kind)s” is no type of record. A line is written like: www 3600 A 192.0.2.1.")
            % {"kind": kind[:20]}
        )
    if value.strip().startswith("(") or value.strip().endswith("("):
        raise Refused(_("Write each record in one line, without brackets around it."))
    return Line(number, owner, ttl, kind.upper(), value.strip())


def _filled(line: Line, values: Values) -> Iterator[RecordSpec]:
    """One record, or one for each address when the value is such a placeholder and nothing else."""
    owner = _put(line.owner, values)
    alone = _PARTS.fullmatch(line.value)
    if alone and alone[1] in ("ipv4", "ipv6"):
        found = values[alone[1]]
        if not found:
            raise _Missing(alone[1])
        many = list(found)
    else:
        many = [_put(line.value, values)]
    for value in many:
        yield RecordSpec(owner=owner, type=line.type, rdata=value, ttl=line.ttl)


def _put(text: str, values: Values) -> str:
    def one(match: re.Match[str]) -> str:
        sign = match[0]
        if sign in ("{{", "}}"):
            return sign[0]
        if len(sign) == 1:
            raise Refused(_("There is a lone %(sign)s. For the sign itself write it twice.") % {"sign": sign})
        name = match[1].strip()
        if name not in PLACEHOLDERS:
            known = ", ".join(f"{{{word}}}" for word in PLACEHOLDERS)
            raise Refused(
                _("{%(name)s} is no placeholder. There are: %(known)s.") % {"name": name[:40], "known": known}
            )
        found = values.get(name, ())
        if not found:
            raise _Missing(name)
        return found[0]

    return _PARTS.sub(one, text)


def _row(spec: RecordSpec, zone: str) -> Row:
    row = changeset.canonical_row(spec, zone)
    if changeset.is_locked(row):
        raise Refused(_("The name servers of the domain itself are kept by the panel. Take this line out."))
    if row.owner in _KEPT:
        raise Refused(
            _("“%(name)s” is kept by the panel, so that mail programs find their settings. Take it out.")
            % {"name": row.owner}
        )
    return row


def _whole(zone: str, rows: Sequence[Row]) -> list[str]:
    """What is wrong between the lines: a CNAME beside something else, two TTLs at one name."""
    ttls: dict[tuple[str, str], int] = {}
    for row in rows:
        if ttls.setdefault(row.rrset, row.ttl) != row.ttl:
            return [
                _("All %(type)s records of “%(name)s” need the same TTL.")
                % {"type": row.type, "name": row.owner}
            ]
    try:
        rules.check(zone, rows, {row.rrset for row in rows})
    except Refused as refused:
        return [refused.message]
    return []


def _fitting(zone: str, rows: Sequence[Row]) -> list[Row]:
    """As many of ``rows``, from the first, as get on with each other."""
    kept: list[Row] = []
    for row in rows:
        if not _whole(zone, [*kept, row]):
            kept.append(row)
    return kept
