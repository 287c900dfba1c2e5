"""The single parts that a record's value is made of: addresses, numbers, text. Pure."""

from __future__ import annotations

import ipaddress
import re

from django.utils.translation import gettext as _

from dnszone.presentation import encode, is_quoted, plain, quote, strings, unquote, words
from lib.errors import Refused

TXT_MAX = 50_000  # octets; with its framing still below a 64 KiB answer
STRING_MAX = 255  # octets of one character-string, RFC 1035 §3.3
DATA_MAX = 16_000  # octets of a certificate or of parameters
# RFC 8659 §4.2: an issuer's domain name (or none), then parameters after a semicolon.
_ISSUER = re.compile(
    r"(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*)?(?:\s*;[\x20-\x7e]*)?",
    re.IGNORECASE,
)


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
    """Plain text, or strings in quotes as a zone file has them → quoted strings of at most 255 octets.
    Several strings stay several: some programs tell them apart (RFC 6763 §6.1)."""
    text = text.strip()
    if not text:
        raise Refused(_("Write the text that this record shall hold."), field)
    parts = strings(text, field) if is_quoted(text) else [encode(text, field)]
    size = sum(map(len, parts))
    if size + len(parts) > TXT_MAX:
        raise Refused(
            _("This text is too long: %(max)d bytes at most, and it has %(size)d.")
            % {"max": TXT_MAX, "size": size},
            field,
        )
    return " ".join(quote(piece) for part in parts for piece in _pieces(part))


def _pieces(data: bytes) -> list[bytes]:
    return [data[i : i + STRING_MAX] for i in range(0, max(len(data), 1), STRING_MAX)]


def txt_text(canonical_text: str) -> str:
    """The strings joined, as resolvers hand them to SPF, DKIM and others (RFC 7208 §3.3); in quotes when
    that is no plain text."""
    return plain(unquote(canonical_text, "text")) or '""'


def txt_shown(canonical_text: str) -> str:
    """What the field holds when the record is edited: plain text, unless the strings were divided in another
    way than ``txt`` does."""
    parts = strings(canonical_text, "text")
    return txt_text(canonical_text) if parts == _pieces(b"".join(parts)) else canonical_text


def string(text: str, field: str) -> str:
    """One character-string: plain text, or in quotes as a zone file has it. May be empty."""
    text = text.strip()
    data = unquote(text, field) if is_quoted(text) else encode(text, field)
    if len(data) > STRING_MAX:
        raise Refused(
            _("This text is too long: %(max)d bytes at most, and it has %(size)d.")
            % {"max": STRING_MAX, "size": len(data)},
            field,
        )
    return quote(data)


def string_shown(token: str) -> str:
    return plain(unquote(token, ""))


def hexadecimal(text: str, field: str) -> str:
    """Octets, lower case. Blanks and colons between the digits are left out."""
    digits = re.sub(r"[ \t\r\n:]", "", text).lower()
    if not digits or not re.fullmatch(r"[0-9a-f]+", digits):
        raise Refused(
            _("Write hexadecimal digits only: 0 to 9 and a to f, as in 4f3a9c."),
            field,
        )
    if len(digits) % 2:
        raise Refused(
            _("There is one digit too few or too many: %(size)d. Copy the whole value again.")
            % {"size": len(digits)},
            field,
        )
    if len(digits) > 2 * DATA_MAX:
        raise Refused(_("This is too long: %(max)d digits at most.") % {"max": 2 * DATA_MAX}, field)
    return digits


# In canonical text: what PowerDNS takes of protocols, where it keeps no escapes but those of \ and comma.
_ALPN = re.compile(r' alpn="(?:[!#-\[\]-~]|\\\\)*"(?: |$)')
_PARAMETER = re.compile(r"([a-z0-9-]{1,63})(?:=(.*))?", re.DOTALL)


def parameters(text: str, field: str) -> str:
    """SvcParams as key=value (RFC 9460 §2.1), any order. dnspython looks at the values of those that it
    knows."""
    if not text.isascii() or len(text) > DATA_MAX:
        raise Refused(
            _("Write the parameters in plain letters, %(max)d at most, such as alpn=h2,h3.")
            % {"max": DATA_MAX},
            field,
        )
    seen: set[str] = set()
    found = words(text, field)
    for word in found:
        match = _PARAMETER.fullmatch(word)
        if match is None or any(ord(sign) < 0x20 or ord(sign) == 0x7F for sign in word):
            raise Refused(
                _("“%(word)s” is no parameter. Write key=value, such as alpn=h2,h3 port=443.")
                % {"word": word[:40]},
                field,
            )
        if match[1] in seen:
            raise Refused(_("“%(key)s” stands here twice. Write it once.") % {"key": match[1]}, field)
        if match[1] == "alpn" and not re.fullmatch(r'"?[!#-~]*?"?', match[2] or ""):
            raise Refused(_("Write protocols without blanks, such as alpn=h2,h3."), field)
        seen.add(match[1])
    return " ".join(found)


def parameters_served(canonical_text: str, field: str) -> None:
    """PowerDNS refuses the whole change of a zone for these, in whatever spelling they come."""
    if re.search(r"[();]", canonical_text):
        raise Refused(
            _("Parameters hold no parentheses and no semicolons here. Take them out."),
            field,
        )
    if ' alpn="' in canonical_text and not _ALPN.search(canonical_text):
        raise Refused(_("Write protocols without blanks, such as alpn=h2,h3."), field)


def naptr_flags(text: str, field: str) -> str:
    """RFC 3403 §4.1: single letters and digits."""
    token = string(text, field)
    if not re.fullmatch(r'"[A-Za-z0-9]*"', token):
        raise Refused(_("Write S, A, U or P, or leave it empty."), field)
    return token


def naptr_service(text: str, field: str) -> str:
    """RFC 3403 §4.1 leaves it to the application; all of them use these characters (RFC 6116, RFC 3263)."""
    token = string(text, field)
    if not re.fullmatch(r'"[A-Za-z0-9+:._/-]*"', token):
        raise Refused(
            _("Write a service such as E2U+sip, in letters, digits and +, or leave it empty."), field
        )
    return token


def naptr_regexp(text: str, field: str) -> str:
    """RFC 3402 §3.2: a delimiter, what is looked for, the delimiter, what takes its place, the delimiter."""
    token = string(text, field)
    data = unquote(token, field)
    if not data:
        return token
    sign = data[:1]
    parts = re.split(rb"(?<!\\)(?:\\\\)*" + re.escape(sign), data[1:])
    if sign in b"0123456789i\\" or len(parts) != 3 or parts[2] not in (b"", b"i"):
        raise Refused(
            _("Write it as !what to look for!what comes instead!, with the same sign three times."), field
        )
    return token


def caa_value(text: str, field: str) -> str:
    text = caa_shown(text)
    if not re.fullmatch(r"[\x20-\x7e]{0,255}", text) or not text.strip():
        raise Refused(_("Write the issuer’s domain, such as letsencrypt.org, in plain letters."), field)
    return quote(text.encode())


def caa_shown(canonical_text: str) -> str:
    """The value without its quotes; text that has none stays."""
    text = canonical_text.strip()
    return unquote(text, "value").decode("latin-1") if is_quoted(text) else text


def caa_pair(tag: str, value: str, field: str) -> None:
    """RFC 8659 §4.2 to §4.4: what each tag may say."""
    if tag == "iodef":
        if not re.fullmatch(r"(mailto:[^@\s]+@[^@\s]+|https?://\S+)", value, re.IGNORECASE):
            raise Refused(
                _("iodef takes an address to report to, such as mailto:security@example.test."), field
            )
    elif tag == "contactemail":
        if not re.fullmatch(r"[^@\s\"]+@[^@\s\"]+", value):
            raise Refused(_("Write a mail address, such as security@example.test."), field)
    elif tag == "contactphone":
        if not re.fullmatch(r"\+?[0-9][0-9 ().-]{2,40}", value):
            raise Refused(_("Write a telephone number, such as +1 555 0100."), field)
    elif not _ISSUER.fullmatch(value):
        raise Refused(
            _("Write the issuer’s domain, such as letsencrypt.org. A lone ; means: nobody may."), field
        )
