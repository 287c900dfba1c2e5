"""Values of records: what people type → checked → canonical text, and back to what people read.

Each type is one entry of TYPES. Canonical text is what dnspython writes after text → wire → text, with
names lower-case, absolute and in A-labels (RFC 4034 §6.2). Pure: no database. Errors: lib.errors.Refused
with the field.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import dns.exception
import dns.rdata
import dns.rdataclass
import dns.rdatatype
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as __

from dnszone import names
from dnszone import values as v
from lib.errors import Refused

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

Str: TypeAlias = "str | _StrPromise"  # translated now or when it is shown


@dataclass(frozen=True, slots=True)
class Field:
    """One part of a value. ``clean(text, zone)`` gives its token in canonical text; ``show`` the way back."""

    name: str
    label: Str
    hint: Str
    clean: Callable[[str, str], str]
    show: Callable[[str], str] = str
    kind: str = "text"  # text | number | long
    initial: str = ""


@dataclass(frozen=True, slots=True)
class RecordType:
    """``does``: one sentence for who does not know the type. ``points``: its last field is a host name."""

    name: str
    does: Str
    fields: tuple[Field, ...]
    points: bool = False


def _target(field: str, null: bool = False, alias: bool = False) -> Callable[[str, str], str]:
    def clean(text: str, zone: str) -> str:
        if names.is_address(text):
            raise Refused(v.address_as_target(text, zone), field)
        if null and text.strip() == ".":
            return "."
        return names.host(text, zone, field, alias=alias)

    return clean


def _number(field: str) -> Callable[[str, str], str]:
    return lambda text, _zone: str(v.number(text, 65535, field))


def _shown_target(text: str) -> str:
    """Without the dot at the end, unless one word alone would then be read as a name of the zone."""
    name = names.shown(text)
    return name if "." in name else name + "."


_PRIORITY = __("The lowest is tried first.")
TYPES: dict[str, RecordType] = {
    t.name: t
    for t in (
        RecordType(
            "A",
            __("gives a name its IPv4 address"),
            (
                Field(
                    "address",
                    __("IPv4 address"),
                    __("Such as 192.0.2.10."),
                    lambda text, zone: v.ipv4(text, "address"),
                    str,
                ),
            ),
        ),
        RecordType(
            "AAAA",
            __("gives a name its IPv6 address"),
            (
                Field(
                    "address",
                    __("IPv6 address"),
                    __("Such as 2001:db8::10."),
                    lambda text, zone: v.ipv6(text, "address"),
                    str,
                ),
            ),
        ),
        RecordType(
            "CNAME",
            __("makes a name another name for an existing one"),
            (
                Field(
                    "target",
                    __("Points to"),
                    __("The full host name it stands for."),
                    _target("target", alias=True),
                    _shown_target,
                ),
            ),
            points=True,
        ),
        RecordType(
            "MX",
            __("says which server takes the mail"),
            (
                Field("priority", __("Priority"), _PRIORITY, _number("priority"), str, "number", "10"),
                Field(
                    "target",
                    __("Destination"),
                    __("The mail server’s host name, never an address."),
                    _target("target", null=True),
                    _shown_target,
                ),
            ),
            points=True,
        ),
        RecordType(
            "TXT",
            __("holds text: SPF, DKIM, DMARC, proofs of ownership"),
            (
                Field(
                    "text",
                    __("Text"),
                    __("Of any length, in one line, without quotes around it."),
                    lambda text, zone: v.txt(text, "text"),
                    v.txt_shown,
                    "long",
                ),
            ),
        ),
        RecordType(
            "NS",
            __("hands a subdomain to other name servers"),
            (
                Field(
                    "target",
                    __("Name server"),
                    __("Its host name, such as ns1.example.net."),
                    _target("target"),
                    _shown_target,
                ),
            ),
            points=True,
        ),
        RecordType(
            "SRV",
            __("tells programs where a service runs"),
            (
                Field("priority", __("Priority"), _PRIORITY, _number("priority"), str, "number", "0"),
                Field(
                    "weight",
                    __("Weight"),
                    __("Shares the load among equal priorities."),
                    _number("weight"),
                    str,
                    "number",
                    "0",
                ),
                Field("port", __("Port"), __("Such as 993."), _number("port"), str, "number"),
                Field(
                    "target",
                    __("Server"),
                    __("Its host name; a lone dot says: not offered here."),
                    _target("target", null=True),
                    _shown_target,
                ),
            ),
            points=True,
        ),
        RecordType(
            "CAA",
            __("says who may issue certificates"),
            (
                Field(
                    "flags",
                    __("Flags"),
                    __("0, or 128 if an issuer must understand this."),
                    lambda text, zone: str(v.number(text, 255, "flags")),
                    str,
                    "number",
                    "0",
                ),
                Field(
                    "tag",
                    __("Tag"),
                    __("issue, issuewild or iodef."),
                    lambda text, zone: v.caa_tag(text, "tag"),
                    str,
                    initial="issue",
                ),
                Field(
                    "value",
                    __("Value"),
                    __("The issuer, such as letsencrypt.org."),
                    lambda text, zone: v.caa_value(text, "value"),
                    v.caa_shown,
                ),
            ),
        ),
    )
}


def record_type(name: str) -> RecordType:
    """Raises Refused for a type that has no entry."""
    try:
        return TYPES[name.strip().upper()]
    except KeyError:
        raise Refused(
            _("Choose one of these types: %(types)s.") % {"types": ", ".join(TYPES)}, "type"
        ) from None


def compose(rtype: str, values: Mapping[str, str], zone: str) -> str:
    """Canonical text from the typed fields. Raises Refused at the first field that does not fit."""
    kind = record_type(rtype)
    tokens = [field.clean(values.get(field.name, ""), zone) for field in kind.fields]
    if kind.name == "CAA":
        v.caa_pair(tokens[1], v.caa_shown(tokens[2]), "value")
    return _through_wire(kind.name, " ".join(tokens), kind.fields[-1].name)


def canonical(rtype: str, text: str, zone: str) -> str:
    """Canonical text from a whole value in presentation form; for TXT plain text without quotes as well."""
    kind = record_type(rtype)
    if kind.name == "TXT":
        return compose("TXT", {"text": text}, zone)
    parts = text.split(None, len(kind.fields) - 1) if kind.name == "CAA" else text.split()
    if len(parts) != len(kind.fields):
        wanted = " ".join(str(field.label) for field in kind.fields)
        raise Refused(
            _("%(type)s needs: %(wanted)s.") % {"type": kind.name, "wanted": wanted}, kind.fields[-1].name
        )
    if kind.name == "CAA":
        parts[2] = v.caa_shown(parts[2])
    return compose(
        kind.name, {field.name: part for field, part in zip(kind.fields, parts, strict=True)}, zone
    )


def split(rtype: str, canonical_text: str) -> dict[str, str]:
    """Canonical text → the fields as people read and edit them."""
    kind = TYPES[rtype]
    parts = canonical_text.split(" ", len(kind.fields) - 1)
    return {field.name: field.show(part) for field, part in zip(kind.fields, parts, strict=True)}


def shown(rtype: str, canonical_text: str) -> str:
    """The whole value in one line, as people read it. A type without an entry is shown as it is."""
    return " ".join(split(rtype, canonical_text).values()) if rtype in TYPES else canonical_text


def ascii_target(rtype: str, canonical_text: str) -> str:
    """The A-label form of the target when people see another one; else empty."""
    name = target(rtype, canonical_text).removesuffix(".")
    return name if name and names.shown(name) != name else ""


def target(rtype: str, canonical_text: str) -> str:
    """The host name that this value points to, absolute; empty when it points nowhere (null MX, A, TXT)."""
    if rtype not in TYPES or not TYPES[rtype].points:
        return ""
    name = canonical_text.rpartition(" ")[2]
    return "" if name == "." else name


def wire_size(rtype: str, canonical_text: str) -> int:
    return len(dns.rdata.from_text("IN", rtype, canonical_text).to_wire() or b"")


def _through_wire(rtype: str, text: str, field: str) -> str:
    """What a resolver would make of it. The fields are checked by then, so this only ever refuses the
    unforeseen."""
    rdtype = dns.rdatatype.from_text(rtype)
    try:
        wire = dns.rdata.from_text(dns.rdataclass.IN, rdtype, text, relativize=False).to_wire() or b""
        return dns.rdata.from_wire(dns.rdataclass.IN, rdtype, wire, 0, len(wire)).to_text()
    except (dns.exception.DNSException, ValueError) as error:
        raise Refused(
            _("This is not a value that %(type)s can hold: %(why)s.") % {"type": rtype, "why": error}, field
        ) from error
