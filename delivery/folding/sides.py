"""What a row may say of the other servers: each side's own part. Pure."""

from __future__ import annotations

import re

from delivery.folding.mail import Addressee, Mail, Row
from delivery.statuses import Direction, Status

_CODES = re.compile(r"(?:\A|said: |[\s(])([245]\d\d)(?:[ -]#?([245]\.\d{1,3}\.\d{1,3}))?(?![\d.])")


BY_HAND = "deleted from the queue"  # the answer of a mail that somebody took out of it (delivery.explain)
# What this server says to a signed-in sender about the recipient; all else is about the sender.
_OF_RECIPIENT = "Recipient address rejected: "
_LIMIT = "Sending limit for "


def covered(row: Row, one: Addressee) -> bool:
    """The sender's row of an alias of somebody else."""
    return bool(row.direction == Direction.OUT and one.orig_to)


def of_sender(mail: Mail, reply: str) -> bool:
    """A refusal of one of our own people: his login, his limits, and why he is suspended are his matter."""
    return bool(mail.sasl_user) and (_OF_RECIPIENT not in reply or _LIMIT in reply)


def codes(reply: str) -> str:
    """``550 5.1.1``: of an answer no more."""
    if reply == BY_HAND:
        return reply
    found = _CODES.search(reply)
    return " ".join(filter(None, found.groups())) if found else ""


def told(mail: Mail, row: Row, one: Addressee) -> tuple[str, str]:
    """(other server, its answer). From where one of our own people handed it in is theirs; where an alias of
    somebody else leads, and so what is said there, is its owner's."""
    if row.direction == Direction.IN:
        own = one.status == Status.REJECTED and of_sender(mail, one.reply)
        return ("" if mail.sasl_user else mail.client), codes(one.reply) if own else one.reply
    if covered(row, one):
        return "", codes(one.reply)
    return (mail.client if one.relay in {"", "none"} else one.relay), one.reply
