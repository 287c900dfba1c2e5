"""Who signed in to a mailbox with IMAP, POP3 or SMTP, and who was refused. From the node's log lines."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from delivery.models import SignIn
from delivery.models.signins import PROTOCOLS
from delivery.selectors import Key
from delivery.text import client_address
from lib import timekey

__all__ = ["PROTOCOLS", "Key", "Page", "SignIn", "client_address", "recent_sign_ins"]

PAGE = 50
SIGN_IN_KINDS = frozenset({"sign-in", "client"})


@dataclass(frozen=True, slots=True)
class Page:
    rows: list[SignIn]
    older: Key | None


def recent_sign_ins(address: str, *, since: dt.datetime, before: Key | None = None) -> Page:
    """Of ``address`` (lower case) since then, the newest first, in one query."""
    found = SignIn.objects.filter(login=address, pk__gte=timekey.floor(since))
    if before is not None:
        found = found.filter(pk__lt=before.pk)
    rows = list(found.order_by("-pk")[: PAGE + 1])
    return Page(rows[:PAGE], Key.of(rows[PAGE - 1]) if len(rows) > PAGE else None)
