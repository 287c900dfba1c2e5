"""Log lines that tell which app password was used, for the page that shows when it was used last."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from delivery.services import listeners
from delivery.signins import PROTOCOLS, SIGN_IN_KINDS
from delivery.text import client_address
from delivery.wire import Line
from delivery.wire import field as field_of
from mailboxes.access.used import Use, uses_store
from provision.models import Node


def listen() -> None:
    listeners.register(app_passwords_used)


def app_passwords_used(node: Node, lines: Sequence[Line]) -> None:
    """A refused sign-in names none."""
    uses = [use for line in lines if (use := _use(line)) is not None]
    if uses:
        uses_store(node, uses)


def _use(line: Line) -> Use | None:
    key = field_of(line.data, "app", 32) if line.kind in SIGN_IN_KINDS else ""
    if not key:
        return None
    protocol = field_of(line.data, "protocol", 20) or "smtp"
    return Use(
        key=key,
        login=(field_of(line.data, "user", 320) or field_of(line.data, "sasl", 320)).lower(),
        at=dt.datetime.fromtimestamp(line.at, dt.UTC),
        client=client_address(field_of(line.data, "client", 320)),
        protocol=PROTOCOLS.get(protocol, protocol.upper()),
    )
