"""What waits in the queue, as ``postqueue -j`` tells it. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable, Mapping
from typing import Any, TypedDict

QUEUE_ID = re.compile(r"[0-9A-Za-z]{6,20}\Z")
RECIPIENTS = 50  # shown of one mail
REASON_CHARACTERS = 500
_CODES = re.compile(r"(?:\A|said: |[\s(])([245]\d\d)(?:[ -]#?([245]\.\d{1,3}\.\d{1,3}))?(?![\d.])")
ADDRESS_CHARACTERS = 400


class Waiting(TypedDict):
    """One mail. ``queue``: active, deferred, hold, incoming or maildrop. ``at``: Unix seconds of its arrival.
    ``recipients``: pairs of an address and why it waits, at most RECIPIENTS of ``all``."""

    id: str
    queue: str
    at: int
    size: int
    sender: str
    recipients: list[tuple[str, str]]
    all: int


def waiting(lines: Iterable[str], senders: Collection[str] | None = None) -> list[Waiting]:
    """The mails from one of ``senders`` (lower case; None: from anybody), the oldest first. Lines that are no
    JSON are passed over: mail content never gets here, but addresses of strangers do."""
    found = [shortened(mail) for line in lines if (mail := mail_of(line)) is not None]
    wanted = [mail for mail in found if senders is None or mail["sender"].lower() in senders]
    return sorted(wanted, key=place)


def mail_of(line: str) -> Waiting | None:
    """With all its recipients; None: no mail, or one that nothing can be done to."""
    try:
        told = json.loads(line)
        recipients = [(clean(one["address"]), _reason(one)) for one in told["recipients"]]
        mail = Waiting(
            id=str(told["queue_id"]),
            queue=str(told["queue_name"]),
            at=int(told["arrival_time"]),
            size=int(told["message_size"]),
            sender=clean(told["sender"]),
            recipients=recipients,
            all=len(recipients),
        )
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, OverflowError):
        return None
    return mail if QUEUE_ID.match(mail["id"]) else None


def place(mail: Waiting) -> tuple[int, str]:
    """Where it stands in a list: by its age, and then by its id."""
    return mail["at"], mail["id"]


def shortened(mail: Waiting, recipients: int = RECIPIENTS) -> Waiting:
    return {**mail, "recipients": mail["recipients"][:recipients]}


def covered(mail: Waiting, written: Mapping[str, str] | None, domains: Collection[str]) -> Waiting:
    """As the owner of ``domains``, who sent it, may know it: of an alias of anybody else the address that was
    written to, and codes instead of answers. ``written``: of each recipient that waits, small, what was
    written to; None: not known, and then nobody is named."""
    found: dict[str, str] = {}
    for address, why in mail["recipients"] if written is not None else ():
        to = (written or {}).get(address.lower())
        if to is None:
            continue
        mine = to.lower() == address.lower() or to.rpartition("@")[2].lower() in domains
        if mine:
            found[address] = why
        else:
            codes = _CODES.search(why)
            found.setdefault(to, " ".join(filter(None, codes.groups())) if codes else "")
    return {**mail, "recipients": list(found.items()), "all": len(found)}


def clean(text: Any, characters: int = ADDRESS_CHARACTERS) -> str:
    """What the panel can keep: neither NUL nor half a character."""
    return str(text).replace("\0", "�").encode("utf-8", "replace").decode()[:characters]


def _reason(recipient: dict[str, Any]) -> str:
    return clean(recipient.get("delay_reason", ""), REASON_CHARACTERS)
