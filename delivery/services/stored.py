"""Writes folded mails: new rows by COPY, changed ones by one UPDATE per table. Ids come first, so that rows
can point at each other, and a message's rows lie in its own partition."""

from __future__ import annotations

from datetime import datetime

from delivery import text
from delivery.explain import cause_of
from delivery.folding.mail import Addressee, Mail, Row, Shown, dump, rows, status_of
from delivery.models import Entry
from delivery.services.copying import copy, new_keys, stamp, update
from delivery.services.floods import floods_join
from delivery.statuses import Direction, Status
from lib import timekey

_MESSAGE = ("id", "node_id", "queue_id", "header_id", "last_at", "state")
_ENTRY = (
    "id",
    "domain_id",
    "peer_domain_id",
    "message_id",
    "direction",
    "status",
    "at",
    "changed_at",
    "sender",
    "address",
    "via",
    "login",
    "subject",
    "size",
    "server",
    "agent",
    "dsn",
    "reply",
    "cause",
    "delay",
    "queue_id",
    "notice",
    "words",
)
HEADER_ID = 300
REPLY = 1000
_MESSAGE_UPDATE = """
UPDATE delivery_message m SET header_id = v.header_id, last_at = v.last_at::timestamptz, state = v.state
FROM (VALUES %s) AS v (id, node_id, queue_id, header_id, last_at, state)
WHERE m.id = v.id AND m.id >= {first} AND m.id <= {last}"""
_ENTRY_UPDATE = """
UPDATE delivery_entry e SET
  domain_id = v.domain_id::bigint, peer_domain_id = v.peer_domain_id::bigint, direction = v.direction,
  status = v.status, at = v.at::timestamptz, changed_at = v.changed_at::timestamptz, sender = v.sender,
  address = v.address, via = v.via, login = v.login, subject = v.subject, size = v.size::bigint,
  server = v.server, agent = v.agent, dsn = v.dsn, reply = v.reply, cause = v.cause, delay = v.delay::float8,
  queue_id = v.queue_id, notice = v.notice, words = v.words::tsvector
FROM (VALUES %s) AS v (id, domain_id, peer_domain_id, message_id, direction, status, at, changed_at, sender,
  address, via, login, subject, size, server, agent, dsn, reply, cause, delay, queue_id, notice, words)
WHERE e.id = v.id AND e.id >= {first} AND e.id <= {last}"""


def save(node_id: int, mails: list[Mail], now: datetime) -> None:
    fresh = [mail for mail in mails if not mail.id]
    for mail, key in zip(fresh, new_keys([mail.at for mail in fresh]), strict=True):
        mail.id = key
    is_new = {mail.id for mail in fresh}
    _save_entries(mails, now)
    copy("delivery_message", _MESSAGE, [_message(node_id, mail) for mail in fresh])
    _update(_MESSAGE_UPDATE, [_message(node_id, mail) for mail in mails if mail.id not in is_new])


def _update(statement: str, changed: list[tuple[object, ...]]) -> None:
    """The bounds let the planner leave out the other days' partitions."""
    if changed:
        keys = [int(str(row[0])) for row in changed]
        update(statement.format(first=min(keys), last=max(keys)), changed)


def _message(node_id: int, mail: Mail) -> tuple[object, ...]:
    return mail.id, node_id, mail.queue_id, mail.message_id[:HEADER_ID], stamp(mail.last_at), dump(mail)


def _save_entries(mails: list[Mail], now: datetime) -> None:
    fresh: list[tuple[Mail, Row, Addressee]] = []
    changed: list[tuple[int, Mail, Row, Addressee]] = []
    gone: list[int] = []
    for mail in mails:
        wanted = rows(mail)
        place = {id(one): at for at, one in enumerate(mail.addressees)}
        spare = {row: shown for row, shown in mail.rows.items() if row not in wanted}
        now_shown: dict[Row, Shown] = {}
        for row, one in wanted.items():
            old = mail.rows.get(row) or _renamed(row, spare)
            shown = Shown(old.id if old else 0, status_of(mail, one), place[id(one)])
            if old is None:
                fresh.append((mail, row, one))
            elif one.dirty or mail.shown or row not in mail.rows or old != shown:
                changed.append((shown.id, mail, row, one))
            now_shown[row] = shown
        mail.rows = now_shown
        gone += [shown.id for shown in spare.values()]
    keys = [
        timekey.beside(mail.id, key)
        for (mail, _row, _one), key in zip(fresh, new_keys([mail.at for mail, *_ in fresh]), strict=True)
    ]
    for key, (mail, row, _one) in zip(keys, fresh, strict=True):
        mail.rows[row] = mail.rows[row]._replace(id=key)
    stamped = now.isoformat()
    made = [_entry(key, *parts, stamped) for key, parts in zip(keys, fresh, strict=True)]
    copy("delivery_entry", _ENTRY, made)
    _update(_ENTRY_UPDATE, [_entry(*parts, stamped) for parts in changed])
    if gone:
        Entry.objects.filter(pk__in=gone)._raw_delete("default")
    floods_join([(mail, row, one, key) for key, (mail, row, one) in zip(keys, fresh, strict=True)])


def _renamed(row: Row, spare: dict[Row, Shown]) -> Shown | None:
    """An old row of the same domain that is not wanted any more: it lives on under its id, so that its page
    stays."""
    for old in spare:
        if old.domain_id == row.domain_id:
            return spare.pop(old)
    return None


def _entry(key: int, mail: Mail, row: Row, one: Addressee, now: str) -> tuple[object, ...]:
    status = status_of(mail, one)
    reply = one.reply[:REPLY]
    incoming = row.direction == Direction.IN
    login = "" if incoming else mail.sasl_user
    server = mail.client if incoming or one.relay in {"", "none"} else one.relay
    words = text.words_of(
        addresses=(row.address, row.via, mail.sender or "", login),
        texts=(mail.subject or "", "" if status == Status.DELIVERED else reply),
        names=(mail.message_id, mail.queue_id, server, one.dsn),
    )
    return (
        key,
        row.domain_id,
        mail.out_domain_id if incoming else None,
        mail.id,
        row.direction,
        status,
        stamp(mail.at),
        now,
        mail.sender,
        row.address,
        row.via,
        login,
        mail.subject,
        mail.size,
        server,
        one.agent,
        one.dsn,
        reply,
        "" if status in {Status.DELIVERED, Status.PROGRESS} else cause_of(status, one.dsn, reply),
        one.delay,
        mail.queue_id,
        bool(mail.notice_of),
        text.vector(words),
    )
