"""Takes new lines into the stored messages, recipients and list rows, in the caller's transaction and under
its lock."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from django.utils import timezone

from accounts.models import Domain
from delivery import text
from delivery.folding import FOLDED, LIFETIME, Addressee, Mail, Owner, Row, apply, choose, place, settle
from delivery.models import Entry, Message, Recipient
from delivery.services import stored
from delivery.wire import Line
from delivery.wire import field as field_of

_MAIL = (
    "queue_id",
    "at",
    "last_at",
    "id",
    "started_at",
    "removed_at",
    "expired_at",
    "sender",
    "subject",
    "size",
    "nrcpt",
    "message_id",
    "client",
    "service",
    "sasl_user",
    "out_domain_id",
    "notice_of",
    "file_id",
    "pos",
)
_RECIPIENT = (
    "address",
    "orig_to",
    "id",
    "domain_id",
    "orig_domain_id",
    "status",
    "at",
    "agent",
    "relay",
    "dsn",
    "reply",
    "delay",
    "attempts",
    "provisional",
)


def fold(*, node_id: int, file_id: int, lines: Sequence[Line]) -> None:
    """``lines``: not folded before. Order between files and batches does not matter."""
    lines = [line for line in lines if line.kind in FOLDED]
    if not lines:
        return
    known = _load(node_id, {ref for line in lines for ref in _refs(line)}, min(line.at for line in lines))
    touched: dict[int, Mail] = {}
    for line in lines:
        for mail in _take(known, line, file_id):
            touched[id(mail)] = mail
    mails = list(touched.values())
    for mail in mails:
        settle(mail)
    owners = _owners(mails)
    for mail in mails:
        place(mail, owners)
    stored.save(node_id, mails, _rows_before(mails), timezone.now())


def _refs(line: Line) -> Iterable[str]:
    if line.ref:
        yield line.ref
        if line.kind == "bounce" and (notice := field_of(line.data, "notice", 64)):
            yield notice


def _take(known: dict[str, list[Mail]], line: Line, file_id: int) -> Iterable[Mail]:
    if not line.ref:
        if line.kind == "reject":
            mail = Mail("", line.at, line.at, file_id=file_id, pos=line.pos)
            apply(mail, line)
            yield mail
        return
    mail = _mail(known, line.ref, line)
    apply(mail, line)
    yield mail
    if line.kind == "bounce" and (notice := field_of(line.data, "notice", 64)):
        child = _mail(known, notice, line)
        child.notice_of, child.dirty, child.shown = line.ref, True, True
        yield child


def _mail(known: dict[str, list[Mail]], ref: str, line: Line) -> Mail:
    mails = known.setdefault(ref, [])
    mail = choose(mails, line.at, start=line.kind == "client")
    if mail is None:
        mail = Mail(ref, line.at, line.at)
        mails.append(mail)
    return mail


def _seconds(value: datetime | None) -> float | None:
    return None if value is None else value.timestamp()


def _load(node_id: int, refs: set[str], earliest: float) -> dict[str, list[Mail]]:
    since = datetime.fromtimestamp(earliest, tz=timezone.get_default_timezone()) - timedelta(seconds=LIFETIME)
    found = Message.objects.filter(node_id=node_id, queue_id__in=refs, last_at__gte=since).exclude(
        queue_id=""
    )
    mails: dict[int, Mail] = {}
    for values in found.values_list(*_MAIL):
        queue_id, at, last_at, pk, started, removed, expired, *rest = values
        times = (
            at.timestamp(),
            last_at.timestamp(),
            pk,
            _seconds(started),
            _seconds(removed),
            _seconds(expired),
        )
        mail = mails[pk] = Mail(queue_id, *times, *rest)
        mail.dirty = mail.shown = False
    recipients = (
        Recipient.objects.filter(message_id__in=mails).order_by("pk").values_list("message_id", *_RECIPIENT)
    )
    for message_id, *values in recipients if mails else ():
        one = Addressee(*values)
        one.placed, one.dirty = True, False
        one.at = values[6].timestamp()
        mails[message_id].addressees.append(one)
    known: dict[str, list[Mail]] = {}
    for mail in mails.values():
        known.setdefault(mail.queue_id, []).append(mail)
    return known


def _owners(mails: list[Mail]) -> dict[str, Owner]:
    names = {text.domain_of(address) for mail in mails for address in (mail.sender or "", mail.sasl_user)}
    names |= {
        text.domain_of(address)
        for mail in mails
        for one in mail.addressees
        for address in (one.address, one.orig_to)
    }
    found = Domain.objects.filter(name__in=names - {""}).values_list("name", "pk", "account_id", "created_at")
    return {name: Owner(pk, account_id, created.timestamp()) for name, pk, account_id, created in found}


def _rows_before(mails: list[Mail]) -> dict[int, dict[Row, tuple[int, int, int]]]:
    """Per message: the rows that are stored, as {row: (entry id, status, recipient id)}."""
    before: dict[int, dict[Row, tuple[int, int, int]]] = {}
    ids = [mail.id for mail in mails if mail.id]
    if ids:
        columns = ("message_id", "domain_id", "direction", "address", "via", "pk", "status", "recipient_id")
        for message_id, *key, pk, status, recipient_id in Entry.objects.filter(
            message_id__in=ids
        ).values_list(*columns):
            before.setdefault(message_id, {})[Row(*key)] = (pk, status, recipient_id)
    return before
