"""Names as people type them, and as DNS keeps them: lower case, A-labels, absolute or relative to a zone.

RFC 1035 §2.3.4 (63 octets a label, 255 a name), RFC 5890 (A-labels), UTS 46 (what a keyboard can produce).
Pure: no database. All errors are lib.errors.Refused with the form's field.
"""

from __future__ import annotations

import re

import idna
from django.utils.translation import gettext as _

from lib.errors import Refused

APEX = "@"
_UNSEEN = re.compile(r"[\x00-\x20\x7f-\xa0\ud800-\udfff]")
_LABEL = re.compile(r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?")
_HOST_LABEL = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
_NUMBERED = re.compile(r"\\([0-9]{3})")  # RFC 1035 §5.1: \DDD
_ADDRESS = re.compile(r"\[?(?:[0-9]{1,3}(?:\.[0-9]{1,3}){3}|[0-9a-f]*:[0-9a-f:.]*)\]?", re.IGNORECASE)


def is_address(text: str) -> bool:
    """Whether this was meant as an IPv4 or IPv6 address, right or wrong."""
    return _ADDRESS.fullmatch(text.strip().rstrip(".")) is not None


def _ascii(text: str, field: str) -> str:
    """Lower case and A-labels; dots of other scripts become dots."""
    text = _NUMBERED.sub(_unnumbered, text)
    if _UNSEEN.search(text):
        raise Refused(_("A name has no spaces, line breaks or control characters. Take them out."), field)
    if text.isascii():
        return text.lower()
    try:
        mapped = idna.uts46_remap(text, std3_rules=False, transitional=False)
        return ".".join(part if part.isascii() else idna.alabel(part).decode() for part in mapped.split("."))
    except (idna.IDNAError, UnicodeError, IndexError) as error:
        raise Refused(
            _("“%(name)s” cannot be a name in DNS. Use letters, digits and hyphens.") % {"name": text[:80]},
            field,
        ) from error


def _unnumbered(match: re.Match[str]) -> str:
    """Only what needs no escape; a dot inside a label is no dot between labels."""
    sign = chr(int(match[1]))
    return sign if _LABEL.fullmatch(sign.lower()) or sign == "-" else match[0]


def _check(name: str, pattern: re.Pattern[str], field: str) -> None:
    if len(name) > 253:
        raise Refused(_("This name is too long: 253 characters with the domain are allowed."), field)
    for label in name.split("."):
        if not label:
            raise Refused(_("There are two dots in a row, or a dot in front. Take one out."), field)
        if len(label) > 63:
            raise Refused(
                _("“%(label)s…” is %(size)d characters long. The part between two dots has 63 at most.")
                % {"label": label[:20], "size": len(label)},
                field,
            )
        if not pattern.fullmatch(label):
            raise Refused(
                _(
                    "“%(label)s” cannot be part of this name. Use letters, digits and hyphens, with no "
                    "hyphen at either end."
                )
                % {"label": label},
                field,
            )


def owner(text: str, zone: str, field: str = "owner") -> str:
    """The name of a record, relative to ``zone``. Typed relative, in full, or empty (or ``@``) for the domain
    itself.

    A name in full may end in a dot; one that ends in a dot and lies outside the zone is refused.
    """
    name = _ascii(text.strip(), field)
    absolute, name = name.endswith("."), name.removesuffix(".")
    if name in (APEX, zone) or (not name and not absolute):
        return APEX
    if name.endswith("." + zone):
        name = name.removesuffix("." + zone)
    elif absolute:
        raise Refused(
            _("“%(name)s” is outside this zone. Names here end in .%(zone)s; leave that part out.")
            % {"name": name[:80], "zone": zone},
            field,
        )
    if is_address(name):
        raise Refused(
            _("This is an address. The name goes here, such as www; the address goes below."), field
        )
    below = name.removeprefix("*.")
    if "*" in below and name != "*":
        raise Refused(
            _("A star stands alone and in front, such as *.shop. Write the other names in full."), field
        )
    if name != "*":
        _check(below, _LABEL, field)
    if len(name) + 1 + len(zone) > 253:
        raise Refused(_("This name is too long: 253 characters with the domain are allowed."), field)
    return name


def host(text: str, zone: str, field: str, *, alias: bool = False) -> str:
    """A host name as target, absolute with its dot. One word alone is taken as a name of this zone, ``@`` as
    the domain itself. ``alias``: labels with underscores are fine too (a CNAME may point at a DKIM key)."""
    typed = text.strip()
    if typed == APEX:
        return zone + "."
    name = _ascii(typed, field)
    absolute, name = name.endswith("."), name.removesuffix(".")
    if "@" in name:
        raise Refused(
            _("This is an e-mail address. Write a host name, such as mail.%(zone)s.") % {"zone": zone}, field
        )
    if "://" in name or "/" in name:
        raise Refused(
            _("Write only the host name, such as www.%(zone)s, without http:// and without a path.")
            % {"zone": zone},
            field,
        )
    if not name:
        raise Refused(_("Write a host name, such as mail.%(zone)s.") % {"zone": zone}, field)
    if "." not in name and not absolute:
        name = f"{name}.{zone}"
    _check(name, _LABEL if alias else _HOST_LABEL, field)
    if name.rpartition(".")[2].isdigit():
        raise Refused(
            _("“%(name)s” is not a host name: its last part is a number. Write a name such as mail.%(zone)s.")
            % {"name": name, "zone": zone},
            field,
        )
    return name + "."


def lookup_key(typed: str) -> str:
    """A zone's name as it came in an address: any case, any script, with or without its last dot. What can
    be no name is left as it is, and no zone has it."""
    try:
        return _ascii(typed, "").removesuffix(".")
    except Refused:
        return ""


def absolute(owner_name: str, zone: str) -> str:
    """``www`` in ``example.test`` → ``www.example.test.``"""
    return f"{zone}." if owner_name == APEX else f"{owner_name}.{zone}."


def parents(name: str) -> list[str]:
    """The name itself and everything above it, without the last dot: where its zone can be."""
    labels = name.removesuffix(".").split(".")
    return [".".join(labels[i:]) for i in range(len(labels))]


def shown(name: str) -> str:
    """As people read it: A-labels in their own script where they can be, no dot at the end."""
    return ".".join(_ulabel(label) for label in name.removesuffix(".").split("."))


def _ulabel(label: str) -> str:
    if not label.startswith("xn--"):
        return label
    try:
        read = idna.ulabel(label)
        return read if _ascii(read, "") == label else label  # what is shown can be typed again
    except (idna.IDNAError, UnicodeError, IndexError, Refused):
        return label
