"""The single parts that a record's value is made of: addresses, numbers, text. Pure."""

from __future__ import annotations

import ipaddress
import re

from django.utils.translation import gettext as _

from lib.errors import Refused

TXT_MAX = 16_000  # octets; with its framing still far from a 64 KiB answer
_CONTROL = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"\s*', re.DOTALL)
_ESCAPE = re.compile(rb"\\([0-9]{3}|.)", re.DOTALL)
# RFC 8659 §4.2: an issuer's domain name (or none), then parameters after a semicolon.
_ISSUER = re.compile(
    r"(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*)?(?:\s*;[\x20-\x7e]*)?",
    re.IGNORECASE,
)
_TAGS = ("issue", "issuewild", "iodef")


def number(text: str, top: int, field: str) -> int:
    """A whole number from 0 to ``top``, in plain digits without a zero in front."""
    text = text.strip()
    if not re.fullmatch(r"[0-9]{1,20}", text) or int(text) > top:
        raise Refused(_("Write a whole number from 0 to %(top)d, such as 10.") % {"top": top}, field)
    if text != str(int(text)):
        raise Refused(_("Write %(number)d, without a zero in front.") % {"number": int(text)}, field)
    return int(text)


def ipv4(text: str, field: str) -> str:
    text = text.strip()
    try:
        return str(ipaddress.IPv4Address(text))
    except ValueError:
        pass
    if ":" in text and _is_ipv6(text):
        raise Refused(_("This is an IPv6 address. Use an AAAA record for it."), field)
    if re.fullmatch(r"[0-9.]+", text) and re.search(r"(^|\.)0[0-9]", text):
        raise Refused(_("Write each part of the address without a zero in front, such as 192.0.2.10."), field)
    if re.search(r"[a-z]", text, re.IGNORECASE):
        raise Refused(
            _(
                "An A record holds an IPv4 address such as 192.0.2.10. To point at a name, use a CNAME "
                "record."
            ),
            field,
        )
    raise Refused(
        _("Write an IPv4 address: four numbers from 0 to 255 with dots, such as 192.0.2.10."), field
    )


def ipv6(text: str, field: str) -> str:
    """RFC 5952 form; no zone index (``%eth0``)."""
    text = text.strip().removeprefix("[").removesuffix("]")
    if _is_ipv6(text):
        address = ipaddress.IPv6Address(text)
        if (
            address.ipv4_mapped
        ):  # RFC 4291 §2.5.5.2: never on the wire, and PowerDNS refuses the whole zone for it
            raise Refused(
                _("This is the IPv4 address %(address)s in disguise. Use an A record for it.")
                % {"address": address.ipv4_mapped},
                field,
            )
        return str(address)
    if re.fullmatch(r"[0-9]{1,3}(\.[0-9]{1,3}){3}", text):
        raise Refused(_("This is an IPv4 address. Use an A record for it."), field)
    raise Refused(
        _("Write an IPv6 address such as 2001:db8::10. To point at a name, use a CNAME record."), field
    )


def _is_ipv6(text: str) -> bool:
    try:
        return ipaddress.IPv6Address(text).scope_id is None
    except ValueError:
        return False


def address_as_target(text: str, zone: str) -> str:
    """RFC 1035 §3.3.9, RFC 2181 §10.3: a target is a host name."""
    kind = "AAAA" if ":" in text else "A"
    return _(
        "This needs a host name, not an address. Make an %(kind)s record such as mail.%(zone)s with the "
        "address %(address)s, "
        "then write mail.%(zone)s here."
    ) % {"kind": kind, "zone": zone, "address": text.strip()[:50]}


def txt(text: str, field: str) -> str:
    """Plain text, or strings in quotes as a zone file has them → quoted strings of at most 255 octets."""
    text = text.strip()
    if not text:
        raise Refused(_("Write the text that this record shall hold."), field)
    data = unquote(text, field) if len(text) > 1 and text[0] == text[-1] == '"' else _encode(text, field)
    if len(data) > TXT_MAX:
        raise Refused(
            _("This text is too long: %(max)d bytes at most, and it has %(size)d.")
            % {"max": TXT_MAX, "size": len(data)},
            field,
        )
    return " ".join(quote(data[i : i + 255]) for i in range(0, max(len(data), 1), 255))


def txt_shown(canonical_text: str) -> str:
    """The strings joined, as resolvers hand them to SPF, DKIM and others (RFC 7208 §3.3). What would not come
    back the same when typed again stays in quotes."""
    data = unquote(canonical_text, "text")
    plain = data.decode("utf-8", "replace")
    if plain.encode() != data or plain != plain.strip() or not plain or _CONTROL.search(plain):
        return quote(data)
    return quote(data) if len(plain) > 1 and plain[0] == plain[-1] == '"' else plain


def quote(data: bytes) -> str:
    """One string in presentation form (RFC 1035 §5.1)."""
    return '"' + "".join(_escaped(octet) for octet in data) + '"'


def _escaped(octet: int) -> str:
    if octet in b'"\\':
        return "\\" + chr(octet)
    return chr(octet) if 0x20 <= octet < 0x7F else f"\\{octet:03d}"


def unquote(text: str, field: str) -> bytes:
    """``"a" "b"`` → b"ab", with \\" \\\\ and \\DDD understood."""
    parts = _QUOTED.findall(text)
    if _QUOTED.sub("", text):
        raise Refused(_("The quotes do not pair. Write the text without quotes around it."), field)
    try:
        return b"".join(_ESCAPE.sub(_unescaped, _encode(part, field)) for part in parts)
    except ValueError:
        raise Refused(
            _("After a backslash come three digits up to 255, or one other character."), field
        ) from None


def _unescaped(match: re.Match[bytes]) -> bytes:
    code = match[1]
    return bytes([int(code)]) if len(code) == 3 else code


def _encode(text: str, field: str) -> bytes:
    if _CONTROL.search(text):
        raise Refused(
            _("Line breaks, tabs and control characters do not fit here. Write it in one line."), field
        )
    return text.encode()


def caa_tag(text: str, field: str) -> str:
    tag = text.strip().lower()
    if tag not in _TAGS:
        raise Refused(_("Write issue, issuewild or iodef."), field)
    return tag


def caa_value(text: str, field: str) -> str:
    text = caa_shown(text)
    if not re.fullmatch(r"[\x20-\x7e]{1,255}", text):
        raise Refused(_("Write the issuer’s domain, such as letsencrypt.org, in plain letters."), field)
    return quote(text.encode())


def caa_shown(canonical_text: str) -> str:
    """The value without its quotes; text that has none stays."""
    text = canonical_text.strip()
    return unquote(text, "value").decode("latin-1") if len(text) > 1 and text[0] == text[-1] == '"' else text


def caa_pair(tag: str, value: str, field: str) -> None:
    """RFC 8659 §4.2 to §4.4: what each tag may say."""
    if tag == "iodef":
        if not re.fullmatch(r"(mailto:[^@\s]+@[^@\s]+|https?://\S+)", value, re.IGNORECASE):
            raise Refused(
                _("iodef takes an address to report to, such as mailto:security@example.test."), field
            )
    elif not _ISSUER.fullmatch(value):
        raise Refused(
            _("Write the issuer’s domain, such as letsencrypt.org. A lone ; means: nobody may."), field
        )
