r"""Values in the form that every server reads, whatever the type: ``\# 4 0a000001`` (RFC 3597 §5). Pure."""

from __future__ import annotations

import re

import dns.exception
import dns.name
import dns.rdata
import dns.rdataclass
import dns.rdatatype
from django.utils.translation import gettext as _

from lib.errors import Refused

ALIAS = "ALIAS"
ALIAS_NUMBER = 65401  # PowerDNS's own type: no other server knows it by name
MARK = r"\#"


def type_name(written: str) -> str:
    """``mx``, ``TYPE15`` → ``MX``; ``TYPE65401`` → ``ALIAS``. Empty for what is no type at all."""
    name = written.upper()
    if name == ALIAS:
        return ALIAS
    if re.fullmatch(r"TYPE[0-9]{1,5}", name):
        number = int(name[4:])
        if number > 0xFFFF:
            return ""
        return (
            ALIAS if number == ALIAS_NUMBER else dns.rdatatype.to_text(dns.rdatatype.RdataType.make(number))
        )
    try:
        return dns.rdatatype.to_text(dns.rdatatype.from_text(name))
    except (dns.exception.DNSException, ValueError):
        return ""


def decoded(rtype: str, words: list[str]) -> str:
    r"""The value in its usual form from what stands behind ``\#``. Raises Refused."""
    count, digits = (words[0] if words else ""), "".join(words[1:])
    if not re.fullmatch(r"[0-9]{1,5}", count) or not re.fullmatch(r"(?:[0-9a-fA-F]{2})*", digits):
        raise Refused(_("Behind \\# come the number of bytes and then the bytes as hexadecimal digits."))
    wire = bytes.fromhex(digits)
    if len(wire) != int(count):
        raise Refused(
            _("It says %(said)s bytes and has %(found)d. Part of the line may be missing.")
            % {"said": count, "found": len(wire)}
        )
    try:
        return _text(rtype, wire)
    except (dns.exception.DNSException, ValueError, IndexError) as error:
        raise Refused(_("These bytes are no value that %(type)s can hold.") % {"type": rtype}) from error


def _text(rtype: str, wire: bytes) -> str:
    if rtype != ALIAS:
        return dns.rdata.from_wire(
            dns.rdataclass.IN, dns.rdatatype.from_text(rtype), wire, 0, len(wire)
        ).to_text()
    name, used = dns.name.from_wire(wire, 0)
    if used != len(wire):
        raise ValueError("something behind the name")
    return name.to_text()


def alias(target: str) -> str:
    """``target``, absolute, as the value of TYPE65401."""
    wire = dns.name.from_text(target).to_wire() or b""
    return f"{MARK} {len(wire)} {wire.hex()}"
