"""Writes folded mails: new rows by COPY, changed ones by one UPDATE per table, ids first so that rows can
point at each other."""

from __future__ import annotations

from datetime import datetime

from delivery import text
from delivery.folding import Addressee, Mail, Row, rows
from delivery.models import Direction, Entry, Recipient
from delivery.services.copying import copy, moment, new_ids, stamp, update

_MESSAGE = (
    "id",
    "node_id",
    "queue_id",
    "at",
    "last_at",
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
    "id",
    "message_id",
    "address",
    "orig_to",
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
_ENTRY = (
    "id",
    "domain_id",
    "peer_domain_id",
    "message_id",
    "recipient_id",
    "direction",
    "at",
    "status",
    "address",
    "via",
    "changed_at",
    "words",
)
_MESSAGE_UPDATE = """
UPDATE delivery_message m SET
  at = v.at::timestamptz, last_at = v.last_at::timestamptz, started_at = v.started_at::timestamptz,
  removed_at = v.removed_at::timestamptz, expired_at = v.expired_at::timestamptz,
  sender = v.sender, subject = v.subject, size = v.size::bigint, nrcpt = v.nrcpt::int,
  message_id = v.message_id, client = v.client, service = v.service, sasl_user = v.sasl_user,
  out_domain_id = v.out_domain_id::bigint, notice_of = v.notice_of
FROM (VALUES %s) AS v (id, node_id, queue_id, at, last_at, started_at, removed_at, expired_at, sender,
  subject, size, nrcpt, message_id, client, service, sasl_user, out_domain_id, notice_of, file_id, pos)
WHERE m.id = v.id"""
_RECIPIENT_UPDATE = """
UPDATE delivery_recipient r SET
  address = v.address, orig_to = v.orig_to, domain_id = v.domain_id::bigint,
  orig_domain_id = v.orig_domain_id::bigint, status = v.status, at = v.at::timestamptz, agent = v.agent,
  relay = v.relay, dsn = v.dsn, reply = v.reply, delay = v.delay::float8, attempts = v.attempts,
  provisional = v.provisional
FROM (VALUES %s) AS v (id, message_id, address, orig_to, domain_id, orig_domain_id, status, at, agent, relay,
  dsn, reply, delay, attempts, provisional)
WHERE r.id = v.id"""
_ENTRY_UPDATE = """
UPDATE delivery_entry e SET
  domain_id = v.domain_id::bigint, peer_domain_id = v.peer_domain_id::bigint, recipient_id = v.recipient_id,
  direction = v.direction, at = v.at::timestamptz, status = v.status, address = v.address, via = v.via,
  changed_at = v.changed_at::timestamptz, words = v.words::tsvector
FROM (VALUES %s) AS v (id, domain_id, peer_domain_id, message_id, recipient_id, direction, at, status,
  address, via, changed_at, words)
WHERE e.id = v.id"""

Before = dict[int, dict[Row, tuple[int, int, int]]]


def save(node_id: int, mails: list[Mail], before: Before, now: datetime) -> None:
    """``before``: the list rows that these mails have now."""
    new = _number(mails)
    fresh = [_message(node_id, mail) for mail in mails if mail.id in new]
    copy("delivery_message", _MESSAGE, fresh)
    update(_MESSAGE_UPDATE, [_message(node_id, mail) for mail in mails if mail.dirty and mail.id not in new])
    _save_recipients(mails)
    _save_entries(mails, before, now.isoformat())


def _number(mails: list[Mail]) -> set[int]:
    without = [mail for mail in mails if not mail.id]
    for mail, number in zip(without, new_ids("delivery_message_id_seq", len(without)), strict=True):
        mail.id = number
    return {mail.id for mail in without}


def _message(node_id: int, mail: Mail) -> tuple[object, ...]:
    return (
        mail.id,
        node_id,
        mail.queue_id,
        stamp(mail.at),
        stamp(mail.last_at),
        moment(mail.started_at),
        moment(mail.removed_at),
        moment(mail.expired_at),
        mail.sender,
        mail.subject,
        mail.size,
        mail.nrcpt,
        mail.message_id,
        mail.client,
        mail.service,
        mail.sasl_user,
        mail.out_domain_id,
        mail.notice_of,
        mail.file_id,
        mail.pos,
    )


def _save_recipients(mails: list[Mail]) -> None:
    changed = [(mail, one) for mail in mails for one in mail.addressees if one.dirty or not one.id]
    new = [pair for pair in changed if not pair[1].id]
    for (_mail, one), number in zip(new, new_ids("delivery_recipient_id_seq", len(new)), strict=True):
        one.id = number
    fresh = {one.id for _mail, one in new}
    copy("delivery_recipient", _RECIPIENT, [_recipient(mail, one) for mail, one in new])
    update(_RECIPIENT_UPDATE, [_recipient(mail, one) for mail, one in changed if one.id not in fresh])
    dropped = [number for mail in mails for number in mail.dropped]
    if dropped:
        Recipient.objects.filter(pk__in=dropped)._raw_delete("default")


def _recipient(mail: Mail, one: Addressee) -> tuple[object, ...]:
    return (
        one.id,
        mail.id,
        one.address,
        one.orig_to,
        one.domain_id,
        one.orig_domain_id,
        int(one.status),
        stamp(one.at),
        one.agent,
        one.relay,
        one.dsn,
        one.reply,
        one.delay,
        one.attempts,
        one.provisional,
    )


def _save_entries(mails: list[Mail], before: Before, now: str) -> None:
    fresh: list[tuple[Mail, Row, Addressee]] = []
    changed: list[tuple[object, ...]] = []
    gone: list[int] = []
    for mail in mails:
        wanted = rows(mail)
        old = before.get(mail.id, {})
        spare = {row: entry for row, entry in old.items() if row not in wanted}
        for row, one in wanted.items():
            entry = old.get(row) or _renamed(row, spare)
            if entry is None:
                fresh.append((mail, row, one))
            elif one.dirty or mail.shown or row not in old or entry[1:] != (one.status, one.id):
                changed.append(_entry(entry[0], mail, row, one, now))
        gone += [entry[0] for entry in spare.values()]
    ids = new_ids("delivery_entry_id_seq", len(fresh))
    copy(
        "delivery_entry",
        _ENTRY,
        [_entry(number, *parts, now) for number, parts in zip(ids, fresh, strict=True)],
    )
    update(_ENTRY_UPDATE, changed)
    if gone:
        Entry.objects.filter(pk__in=gone).delete()


def _renamed(row: Row, spare: dict[Row, tuple[int, int, int]]) -> tuple[int, int, int] | None:
    """An old row of the same domain that is not wanted any more: it lives on under its id, so that its page
    stays."""
    for old in spare:
        if old.domain_id == row.domain_id:
            return spare.pop(old)
    return None


def _entry(number: int, mail: Mail, row: Row, one: Addressee, now: str) -> tuple[object, ...]:
    peer = mail.out_domain_id if row.direction == Direction.IN else None
    words = text.words(
        row.address, row.via, mail.sender or "", mail.subject or "", mail.message_id, mail.queue_id
    )
    return (
        number,
        row.domain_id,
        peer,
        mail.id,
        one.id,
        int(row.direction),
        stamp(mail.at),
        int(one.status),
        row.address,
        row.via,
        now,
        " ".join(words),
    )
