"""Rows of Track Delivery without log lines, for tests that only need something to be there."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils import timezone

from accounts.models import Domain
from delivery.folding.mail import Addressee, Mail, Row, Shown, dump
from delivery.models import Alert, Direction, Entry, Message, SignIn, Status
from delivery.services.copying import new_keys
from delivery.services.partitions import partitions_ensure
from lib import timekey
from provision.models import Node
from tests import factories


def entry_make(
    domain_id: int | None, at: datetime | None = None, node: Node | None = None, **more: Any
) -> Entry:
    """One mail with one recipient, and its row. ``more``: fields of Entry."""
    at = at or timezone.now()
    node = node or factories.NodeFactory.create()
    pk, row_pk = keys(at, 2)
    values: dict[str, Any] = {
        "direction": Direction.IN,
        "status": Status.DELIVERED,
        "address": "a@b.test",
        "sender": "s@far.test",
        "subject": "Hello",
        "queue_id": "4jXFb45vvCzLKnH",
        "changed_at": at,
    } | more
    second = at.timestamp()
    one = Addressee(values["address"], domain_id=domain_id, status=values["status"], at=second, placed=True)
    mail = Mail(
        values["queue_id"],
        second,
        second,
        pk,
        subject=values["subject"],
        sender=values["sender"],
        addressees=[one],
    )
    mail.rows[Row(domain_id, values["direction"], one.address, "")] = Shown(row_pk, values["status"], 0)
    Message.objects.create(pk=pk, node=node, queue_id=mail.queue_id, last_at=at, state=dump(mail))
    made: Entry = Entry.objects.create(pk=row_pk, domain_id=domain_id, message_id=pk, at=at, **values)
    return made


def sign_in_make(node: Node, login: str, at: datetime | None = None, **more: Any) -> SignIn:
    at = at or timezone.now()
    (pk,) = keys(at, 1)
    values: dict[str, Any] = {"protocol": "imap", "client": "192.0.2.7", "ok": True, "encrypted": True} | more
    made: SignIn = SignIn.objects.create(pk=pk, node=node, login=login, at=at, **values)
    return made


def alert_make(domain: Domain | None, subject: str = "ana@one.test") -> Alert:
    now = timezone.now()
    facts = {"n": 30, "logins": 1}
    made: Alert = Alert.objects.create(
        domain=domain, kind="guessing", subject=subject, facts=facts, began_at=now, seen_at=now, told_at=now
    )
    return made


def keys(at: datetime, number: int) -> list[int]:
    made = new_keys([at.timestamp()] * number)
    partitions_ensure({timekey.day(key) for key in made})
    return made
