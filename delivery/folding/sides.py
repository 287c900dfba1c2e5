"""What a row may say of the other servers: each side's own part. Pure."""

from __future__ import annotations

import re

from delivery.folding.mail import Addressee, Mail, Row
from delivery.statuses import Direction

_CODES = re.compile(r"(?:\A|said: |[\s(])([245]\d\d)(?:[ -]#?([245]\.\d{1,3}\.\d{1,3}))?(?![\d.])")


def told(mail: Mail, row: Row, one: Addressee) -> tuple[str, str]:
    """(other server, its answer). From where one of our own people handed it in is theirs; where an alias of
    somebody else leads, and so what is said there, is its owner's."""
    if row.direction == Direction.IN:
        return ("" if mail.sasl_user else mail.client), one.reply
    if row.direction == Direction.OUT and one.orig_to:
        found = _CODES.search(one.reply)
        return "", " ".join(filter(None, found.groups())) if found else ""
    return (mail.client if one.relay in {"", "none"} else one.relay), one.reply
