"""From the bytes of a file to text. Pure."""

from __future__ import annotations

import re

from django.utils.translation import gettext as _

from lib.errors import Refused

_BINARY = re.compile(rb"[\x00-\x08\x0b\x0e-\x19\x1b-\x1f]")
FIELD = "file"


def decoded(data: bytes) -> tuple[str, str]:
    """The text, and what to say of how it was read, or nothing. Raises Refused (field ``file``) for what is
    no text: an archive, a picture, a document."""
    if wide := _wide(data):
        try:
            return data.decode(wide), ""
        except UnicodeDecodeError:
            raise Refused(_not_text(), FIELD) from None
    if _BINARY.search(data[:4096]):
        raise Refused(_not_text(), FIELD)
    try:
        return data.decode("utf-8-sig"), ""
    except UnicodeDecodeError:
        said = _("The file is not in UTF-8, so it was read as Latin-1. Look at letters with accents.")
        return data.decode("latin-1"), said


def _wide(data: bytes) -> str:
    """UTF-16 by its mark, or since every second byte of plain text is zero in it; the codec."""
    if data[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        return "utf-16"
    head = data[:400]
    for offset, codec in ((1, "utf-16-le"), (0, "utf-16-be")):
        every_second, others = head[offset::2], head[1 - offset :: 2]
        if len(head) > 3 and every_second.count(0) > 0.8 * len(every_second) and not others.count(0):
            return codec
    return ""


def _not_text() -> str:
    return _("This is no text file. Export the zone as a zone file (BIND format) and choose that.")
