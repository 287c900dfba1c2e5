"""Writes folded mails: new rows by COPY, changed ones by one UPDATE per table. Ids come first, so that rows
can point at each other, and a message's rows lie in its own partition."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from django.db import connection

from delivery import text
from delivery.explain import cause_of
from delivery.folding.mail import Addressee, Mail, Row, Shown, dump, rows, status_of
from delivery.folding.sides import covered, told
from delivery.services.copying import copy, new_keys, stamp, update
from delivery.services.floods import Refusal, floods_join
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
_CAUSE = _ENTRY.index("cause")
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


class Fresh(NamedTuple):
    """A list row to be."""

    key: int
    mail: Mail
    row: Row
    one: Addressee


@dataclass(slots=True)
class Plan:
    """What folded mails come to: new messages and list rows, which ``insert`` writes, and what ``finish``
    does to those that were there. ``floods``: what was refused, out of ``fresh``."""

    node_id: int
    now: str
    messages: list[Mail] = field(default_factory=list)
    known: list[Mail] = field(default_factory=list)
    fresh: list[Fresh] = field(default_factory=list)
    changed: list[Fresh] = field(default_factory=list)
    gone: list[tuple[int, Mail]] = field(default_factory=list)
    floods: list[Refusal] = field(default_factory=list)


def plan(node_id: int, mails: list[Mail], now: datetime) -> Plan:
    made = Plan(node_id, now.isoformat())
    made.messages = [mail for mail in mails if not mail.id]
    made.known = [mail for mail in mails if mail.id]
    for mail, key in zip(made.messages, new_keys([mail.at for mail in made.messages]), strict=True):
        mail.id = key
    for mail in mails:
        _plan_rows(made, mail)
    keys = new_keys([fresh.mail.at for fresh in made.fresh])
    made.fresh = [
        fresh._replace(key=timekey.beside(fresh.mail.id, key))
        for fresh, key in zip(made.fresh, keys, strict=True)
    ]
    for key, mail, row, _one in made.fresh:
        mail.rows[row] = mail.rows[row]._replace(id=key)
    return made


def _plan_rows(made: Plan, mail: Mail) -> None:
    wanted = rows(mail)
    place = {id(one): at for at, one in enumerate(mail.addressees)}
    spare = {row: shown for row, shown in mail.rows.items() if row not in wanted}
    now_shown: dict[Row, Shown] = {}
    for row, one in wanted.items():
        old = mail.rows.get(row) or _renamed(row, spare)
        shown = Shown(old.id if old else 0, status_of(mail, one), place[id(one)])
        if old is None:
            made.fresh.append(Fresh(0, mail, row, one))
        elif one.dirty or mail.shown or row not in mail.rows or old != shown:
            made.changed.append(Fresh(shown.id, mail, row, one))
        now_shown[row] = shown
    mail.rows = now_shown
    made.gone += [(shown.id, mail) for shown in spare.values()]


def insert(made: Plan) -> None:
    """New rows alone: nobody waits for anybody."""
    entries = [_entry(*fresh, made.now) for fresh in made.fresh]
    copy("delivery_entry", _ENTRY, entries)
    copy("delivery_message", _MESSAGE, [_message(made.node_id, mail) for mail in made.messages])
    made.floods = [
        Refusal(fresh.mail, fresh.row.domain_id, str(entry[_CAUSE]), fresh.key)
        for fresh, entry in zip(made.fresh, entries, strict=True)
        if not fresh.mail.queue_id
    ]


def retract(made: Plan, refs: set[str]) -> None:
    """Leave the mails of these queue ids as they were."""
    _delete("delivery_entry", [fresh.key for fresh in made.fresh if fresh.mail.queue_id in refs])
    _delete("delivery_message", [mail.id for mail in made.messages if mail.queue_id in refs])
    made.known = [mail for mail in made.known if mail.queue_id not in refs]
    made.changed = [fresh for fresh in made.changed if fresh.mail.queue_id not in refs]
    made.gone = [pair for pair in made.gone if pair[1].queue_id not in refs]


def finish(made: Plan) -> None:
    _update(_MESSAGE_UPDATE, [_message(made.node_id, mail) for mail in made.known])
    _update(_ENTRY_UPDATE, [_entry(*fresh, made.now) for fresh in made.changed])
    _delete("delivery_entry", [key for key, _mail in made.gone])
    floods_join(made.floods)


def _update(statement: str, changed: list[tuple[object, ...]]) -> None:
    """The bounds let the planner leave out the other days' partitions."""
    if changed:
        keys = [int(str(row[0])) for row in changed]
        update(statement.format(first=min(keys), last=max(keys)), changed)


def _delete(table: str, keys: list[int]) -> None:
    if keys:
        with connection.cursor() as cursor:
            cursor.execute(
                f"DELETE FROM {table} WHERE id = ANY(%s) AND id BETWEEN %s AND %s",  # noqa: S608 - our own names
                [keys, min(keys), max(keys)],
            )


def _message(node_id: int, mail: Mail) -> tuple[object, ...]:
    return mail.id, node_id, mail.queue_id, mail.message_id[:HEADER_ID], stamp(mail.last_at), dump(mail)


def _renamed(row: Row, spare: dict[Row, Shown]) -> Shown | None:
    """An old row of the same domain that is not wanted any more: it lives on under its id, so that its page
    stays."""
    for old in spare:
        if old.domain_id == row.domain_id:
            return spare.pop(old)
    return None


def _entry(key: int, mail: Mail, row: Row, one: Addressee, now: str) -> tuple[object, ...]:
    status = status_of(mail, one)
    server, said = told(mail, row, one)
    reply = said[:REPLY]
    incoming = row.direction == Direction.IN
    login = "" if incoming else mail.sasl_user
    cause, marks = "", []
    if status != Status.DELIVERED:
        marks = [text.mark("status", int(status))]
        cause = "" if status == Status.PROGRESS else cause_of(status, one.dsn, reply)
    if cause:
        marks.append(text.mark("cause", cause))
    words = text.words_of(
        addresses=(row.address, row.via, mail.sender or "", login),
        texts=(mail.subject or "", "" if status == Status.DELIVERED else reply),
        names=(mail.message_id, mail.queue_id, *text.server_names(server), one.dsn, *marks),
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
        "" if covered(row, one) else one.agent,
        one.dsn,
        reply,
        cause,
        one.delay,
        mail.queue_id,
        bool(mail.notice_of),
        text.vector(words),
    )
