"""Who signed in to a mailbox with IMAP, POP3 or SMTP, and who was refused. From the node's log lines."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from typing import Any

from django.db.models import Q
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Coalesce, Lower

from delivery.models import Event
from delivery.selectors import Key

__all__ = ["Key", "Page", "SignIn", "recent_sign_ins"]

PAGE = 50
_ADDRESS = re.compile(r"\[([0-9A-Fa-f.:]+)\]\Z")
SIGN_IN_KINDS = frozenset({"sign-in", "client"})
PROTOCOLS = {"imap": "IMAP", "pop3": "POP3", "managesieve": "ManageSieve", "submission": "SMTP"}


@dataclass(frozen=True, slots=True)
class SignIn:
    """``protocol`` as people know it. ``client``: its address. ``encrypted`` None: the log does not say.
    ``ok`` False: it was refused."""

    at: dt.datetime
    protocol: str
    client: str
    encrypted: bool | None
    ok: bool


@dataclass(frozen=True, slots=True)
class Page:
    rows: list[SignIn]
    older: Key | None


def recent_sign_ins(address: str, *, since: dt.datetime, before: Key | None = None) -> Page:
    """Of ``address`` (lower case) since then, the newest first, in one query on the index
    delivery_event_who. A sign-in to SMTP is seen when a mail is handed in."""
    found = Event.objects.annotate(who=WHO).filter(SIGN_IN, who=address, at__gte=since)
    if before is not None:
        found = found.filter(at__lte=before.moment).exclude(at=before.moment, pk__gte=before.pk)
    events = list(found.order_by("-at", "-pk")[: PAGE + 1])
    older = Key.of(events[PAGE - 1]) if len(events) > PAGE else None
    return Page([_read(event) for event in events[:PAGE]], older)


# The same words as in the index, or the planner does not see that it fits.
WHO = Lower(Coalesce(KeyTextTransform("user", "data"), KeyTextTransform("sasl", "data")))
SIGN_IN = Q(kind__in=["sign-in", "auth-failed", "client"])


def _read(event: Any) -> SignIn:
    data = event.data
    protocol = str(data.get("protocol", "smtp"))
    return SignIn(
        at=event.at,
        protocol=PROTOCOLS.get(protocol, protocol.upper()),
        client=client_address(str(data.get("client", ""))),
        encrypted=_encrypted(event.kind, data),
        ok=event.kind != "auth-failed",
    )


def client_address(client: str) -> str:
    """Of a client as the log names it: ``192.0.2.1`` or ``host.test[192.0.2.1]``."""
    found = _ADDRESS.search(client)
    return found[1] if found else client


def _encrypted(kind: str, data: dict[str, Any]) -> bool | None:
    if "encrypted" in data:
        return bool(data["encrypted"])
    return True if kind == "client" and "tls" in data else None
