"""What people type → canonical text, and back to what people read."""

from __future__ import annotations

import re
from collections.abc import Mapping

import dns.exception
import dns.name
import dns.rdata
import dns.rdataclass
import dns.rdatatype
from django.utils.translation import gettext as _

from dnszone import names
from dnszone import values as v
from dnszone.presentation import is_quoted, words
from dnszone.rdata.base import RecordType
from dnszone.rdata.catalog import TYPES, record_type
from lib.errors import Refused


def compose(rtype: str, values: Mapping[str, str], zone: str) -> str:
    """Canonical text from the typed fields. Raises Refused at the first field that does not fit."""
    kind = record_type(rtype)
    tokens = [field.clean(values.get(field.name, ""), zone) for field in kind.fields]
    if kind.check:
        kind.check(tokens)
    found = _through_wire(kind, " ".join(token for token in tokens if token))
    if kind.served:
        kind.served(found)
    return found


def canonical(rtype: str, text: str, zone: str, *, origin: str = "") -> str:
    """Canonical text from a whole value in presentation form; for TXT plain text without quotes as well, for
    every type RFC 3597's ``\\# 4 c0000201``. A single word as target is a name of the zone, a name with dots
    is taken as it is: people leave out the last dot. With ``origin`` (a name without its last dot), whatever
    has no dot at the end lies below it, as zone files have it."""
    kind = record_type(rtype)
    if origin or text.lstrip().startswith("\\#"):
        text = _read(kind, text, origin)
    if kind.name == "TXT":
        return compose("TXT", {"text": text}, zone)
    parts = words(text, kind.last, comments=kind.name == "CAA")
    if kind.rest and len(parts) > len(kind.fields):
        parts[len(kind.fields) - 1 :] = [" ".join(parts[len(kind.fields) - 1 :])]
    if not sum(not field.optional or field.string for field in kind.fields) <= len(parts) <= len(kind.fields):
        wanted = " ".join(str(field.label) for field in kind.fields)
        raise Refused(_("%(type)s needs: %(wanted)s.") % {"type": kind.name, "wanted": wanted}, kind.last)
    typed = dict(zip((field.name for field in kind.fields), parts, strict=False))
    for field in kind.fields:
        if field.string and not is_quoted(typed[field.name]):
            typed[field.name] = f'"{typed[field.name]}"'
    return compose(kind.name, typed, zone)


def _read(kind: RecordType, text: str, origin: str) -> str:
    """``text`` with every name in full and RFC 3597's form resolved, as dnspython writes it."""
    try:
        base = dns.name.from_text(f"{origin}.") if origin else dns.name.root
        if not kind.wire:
            return str(dns.name.from_text(text.strip(), base))
        rdata = dns.rdata.from_text(
            dns.rdataclass.IN, kind.name, text, origin=base if origin else None, relativize=False
        )
        return rdata.to_text()
    except (dns.exception.DNSException, ValueError, OverflowError) as error:
        raise _unfit(kind, error) from error


def _unfit(kind: RecordType, error: Exception) -> Refused:
    """The fields are checked before, so this only ever refuses the unforeseen."""
    return Refused(
        _("This is not a value that %(type)s can hold: %(why)s.") % {"type": kind.name, "why": error},
        kind.last,
    )


# What comes back from the wire as it went there, so that a large file need not go through it: the fields have
# been checked, and these have no octet that is escaped, no case, no other way to be written.
_HOST = r"[a-z0-9_](?:[a-z0-9_.-]{0,251}[a-z0-9_])?\."
_SURE = {
    "A": re.compile(r"[0-9.]+"),
    "AAAA": re.compile(r"[1-9a-f][0-9a-f:]+"),  # ::192.0.2.1 is written in more than one way
    "CNAME": re.compile(_HOST),
    "NS": re.compile(_HOST),
    "MX": re.compile(rf"[0-9]+ {_HOST}"),
    "TXT": re.compile(r'"[ !#-\[\]-~]*"(?: "[ !#-\[\]-~]*")*'),
}


def _through_wire(kind: RecordType, text: str) -> str:
    """What a resolver would make of it. ``text``: the fields, each as its ``clean`` wrote it."""
    sure = _SURE.get(kind.name)
    if not kind.wire or (sure and sure.fullmatch(text)):
        return text
    rdtype = dns.rdatatype.from_text(kind.name)
    try:
        wire = dns.rdata.from_text(dns.rdataclass.IN, rdtype, text, relativize=False).to_wire() or b""
        return dns.rdata.from_wire(dns.rdataclass.IN, rdtype, wire, 0, len(wire)).to_text()
    except (dns.exception.DNSException, ValueError, OverflowError) as error:
        raise _unfit(kind, error) from error


def _parts(kind: RecordType, canonical_text: str) -> list[str]:
    """The tokens of canonical text, one for each field."""
    count = len(kind.fields)
    found = canonical_text.split(" ", count - 1) if kind.rest else words(canonical_text, "")
    return [*found, *[""] * (count - len(found))]


def split(rtype: str, canonical_text: str) -> dict[str, str]:
    """Canonical text → the fields as people read and edit them."""
    kind = TYPES[rtype]
    parts = _parts(kind, canonical_text)
    return {field.name: field.show(part) for field, part in zip(kind.fields, parts, strict=True)}


def shown(rtype: str, canonical_text: str) -> str:
    """The whole value in one line, as people read it; text whole, however it is divided. A type without an
    entry is shown as it is."""
    kind = TYPES.get(rtype)
    if kind is None:
        return canonical_text
    if rtype == "TXT":
        return v.txt_text(canonical_text)
    pairs = zip(kind.fields, _parts(kind, canonical_text), strict=True)
    return " ".join(part if field.string else field.show(part) for field, part in pairs).rstrip()


def text(canonical_text: str) -> str:
    """What a TXT record says, its strings joined: for whoever reads SPF, DKIM or DMARC."""
    return v.txt_text(canonical_text)


def ascii_target(rtype: str, canonical_text: str) -> str:
    """The A-label form of the target when people see another one; else empty."""
    name = target(rtype, canonical_text).removesuffix(".")
    return name if name and names.shown(name) != name else ""


_POINTS = {
    kind.name: (position, kind.rest)
    for kind in TYPES.values()
    for position, field in enumerate(kind.fields)
    if field.name == kind.points
}


def target(rtype: str, canonical_text: str) -> str:
    """The host name that this value points to, absolute; empty when it points nowhere (null MX, A, TXT)."""
    if rtype not in _POINTS:
        return ""
    position, rest = _POINTS[rtype]
    name = canonical_text.split(" ", position + 1)[position] if rest else canonical_text.rpartition(" ")[2]
    return "" if name == "." else name


def wire_size(rtype: str, canonical_text: str) -> int:
    if not TYPES[rtype].wire:
        return len(dns.name.from_text(canonical_text).to_wire() or b"")
    return len(dns.rdata.from_text("IN", rtype, canonical_text).to_wire() or b"")
