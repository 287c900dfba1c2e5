"""What waits in the queue, as ``postqueue -j`` tells it, and which of it is asked for. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable
from typing import Any, TypedDict

QUEUE_ID = re.compile(r"[0-9A-Za-z]{6,20}\Z")
RECIPIENTS = 50  # shown of one mail
REASON_CHARACTERS = 500


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
    found = [entry for line in lines if (entry := _entry(line)) is not None]
    wanted = [entry for entry in found if senders is None or entry["sender"].lower() in senders]
    return sorted(wanted, key=lambda entry: (entry["at"], entry["id"]))


def _entry(line: str) -> Waiting | None:
    try:
        told = json.loads(line)
        recipients = [(str(one["address"]), _reason(one)) for one in told["recipients"]]
        entry = Waiting(
            id=str(told["queue_id"]),
            queue=str(told["queue_name"]),
            at=int(told["arrival_time"]),
            size=int(told["message_size"]),
            sender=str(told["sender"]),
            recipients=recipients[:RECIPIENTS],
            all=len(recipients),
        )
    except (ValueError, KeyError, TypeError):
        return None
    return entry if QUEUE_ID.match(entry["id"]) else None


def _reason(recipient: dict[str, Any]) -> str:
    return str(recipient.get("delay_reason", ""))[:REASON_CHARACTERS]
