"""A message in memory, and as ``models.Message.state`` keeps it. Pure. Seconds are Unix seconds."""

from __future__ import annotations

from dataclasses import dataclass, field
from operator import attrgetter
from typing import Any, NamedTuple

import orjson

from delivery.statuses import Direction, Status

LINES = 400  # of one message, whose places are kept


class Row(NamedTuple):
    """Which domain sees what: one row of a list."""

    domain_id: int | None
    direction: int
    address: str
    via: str


class Shown(NamedTuple):
    """A row as it is stored: its id, its status, and whose outcome it shows (place in ``addressees``)."""

    id: int
    status: int
    of: int


@dataclass(slots=True)
class Addressee:
    """One final address of a message and what became of it. ``orig_to``: the address that was written to,
    when an alias led to ``address``. ``provisional``: named by the sender, no delivery tried yet."""

    address: str
    orig_to: str = ""
    domain_id: int | None = None
    orig_domain_id: int | None = None
    status: int = Status.PROGRESS
    at: float = 0.0
    agent: str = ""
    relay: str = ""
    dsn: str = ""
    reply: str = ""
    delay: float | None = None
    attempts: int = 0
    provisional: bool = False
    placed: bool = False
    tls: str = ""
    dirty: bool = True


_ADDRESSEE = (
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
    "placed",
    "tls",
)


@dataclass(slots=True)
class Mail:
    """``id`` 0: not stored yet. ``at``: its first line, ``started_at``: handed in. ``sender`` and
    ``subject``: None until known. Text for display is already made inert. ``out_domain_id``: whose outgoing
    mail it is; only a signed-in sender or our own services can make it somebody's, a claimed envelope
    sender cannot. ``notice_of``: queue id of the mail it reports on. ``held``: since when the queue holds
    it. ``removed_by``: who took it out of the queue, if that was not its end. ``verdict``: the spam
    filter's (contract of kind "verdict"). ``lines``: [chunk, place] of each of its lines. ``rows``: what is
    stored of it in lists. ``back``: lines of it were written after the clock was set back (older
    states do not say)."""

    queue_id: str
    at: float
    last_at: float
    id: int = 0
    started_at: float | None = None
    removed_at: float | None = None
    removed_by: str = ""
    expired_at: float | None = None
    held_at: float | None = None
    released_at: float | None = None
    sender: str | None = None
    subject: str | None = None
    size: int | None = None
    nrcpt: int | None = None
    message_id: str = ""
    client: str = ""
    service: str = ""
    sasl_user: str = ""
    app: str = ""
    method: str = ""
    tls: str = ""
    out_domain_id: int | None = None
    notice_of: str = ""
    verdict: dict[str, Any] = field(default_factory=dict)
    lines: list[tuple[int, int]] = field(default_factory=list)
    addressees: list[Addressee] = field(default_factory=list)
    rows: dict[Row, Shown] = field(default_factory=dict)
    back: bool = False
    shown: bool = True  # something a list shows has changed

    @property
    def held(self) -> bool:
        return (
            self.held_at is not None
            and self.removed_at is None
            and (self.released_at is None or self.released_at < self.held_at)
        )


_MAIL = (
    "at",
    "started_at",
    "removed_at",
    "removed_by",
    "expired_at",
    "held_at",
    "released_at",
    "sender",
    "subject",
    "size",
    "nrcpt",
    "client",
    "service",
    "sasl_user",
    "app",
    "method",
    "tls",
    "out_domain_id",
    "notice_of",
    "verdict",
    "message_id",
    "back",
)


_mail_values = attrgetter(*_MAIL)
_addressee_values = attrgetter(*_ADDRESSEE)


def dump(mail: Mail) -> str:
    """What the columns of models.Message do not hold."""
    state = {
        "mail": _mail_values(mail),
        "to": [_addressee_values(one) for one in mail.addressees],
        "lines": mail.lines[:LINES],
        "rows": [(*row, *shown) for row, shown in mail.rows.items()],
    }
    return orjson.dumps(state).decode()


def load(pk: int, queue_id: str, last_at: float, state: str) -> Mail:
    """The mail that ``dump`` wrote; nothing of it has changed yet."""
    kept = orjson.loads(state)
    mail = Mail(queue_id, 0.0, last_at, pk, shown=False)
    for name, value in zip(_MAIL, kept["mail"], strict=False):
        setattr(mail, name, value)
    mail.addressees = [Addressee(*values) for values in kept["to"]]
    for one in mail.addressees:
        one.dirty = False
    mail.lines = [(chunk, place) for chunk, place in kept["lines"]]
    mail.rows = {Row(*values[:4]): Shown(*values[4:]) for values in kept["rows"]}
    return mail


_WORST = [Status.FAILED, Status.REJECTED, Status.DEFERRED, Status.HELD, Status.PROGRESS, Status.DELIVERED]
_RANK = {int(status): rank for rank, status in enumerate(_WORST)}


def status_of(mail: Mail, one: Addressee) -> int:
    """As lists show it: what waits in a queue that holds it is held."""
    if mail.held and one.status in {Status.PROGRESS, Status.DEFERRED}:
        return int(Status.HELD)
    return int(one.status)


def rows(mail: Mail) -> dict[Row, Addressee]:
    """Who sees what: one row per domain and address it may know. Where an alias leads is its owner's to know;
    the sender sees the address that was written to, with the worst of what became of it."""
    found: dict[Row, Addressee] = {}
    sent: dict[str, Addressee] = {}
    out = mail.out_domain_id
    for one in mail.addressees:
        written = one.orig_to or one.address
        home = one.orig_domain_id if one.orig_to else one.domain_id
        if home is not None:
            direction = Direction.INSIDE if home == out else Direction.IN
            found[Row(home, direction.value, one.address, one.orig_to)] = one
        if one.orig_to and one.domain_id is not None and one.domain_id != home:
            found[Row(one.domain_id, Direction.IN.value, one.address, "")] = one
        if out is not None and home != out:
            worst = sent.get(written)
            if worst is None or _RANK[int(one.status)] < _RANK[int(worst.status)]:
                sent[written] = one
        if out is None and home is None and one.domain_id is None:
            found[Row(None, Direction.IN.value, written, "")] = one
    for written, one in sent.items():
        found[Row(out, Direction.OUT.value, written, "")] = one
    return found
