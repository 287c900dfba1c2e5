"""Sign-ins out of new lines, in the caller's transaction: one row a session, whatever order its lines come
in."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import orjson

from delivery import text
from delivery.models import SignIn
from delivery.services.copying import copy, new_keys, stamp, update
from delivery.services.fold import Placed, owners_of
from delivery.wire import Line
from delivery.wire import field as field_of
from lib import timekey

KINDS = frozenset({"sign-in", "sign-out", "auth-failed", "auth", "program", "expunge", "moved", "client"})
REFUSED = "!"  # ends the name of a session's refusals, which are a row beside that of its sign-in
BACK = 30 * 86_400.0  # seconds that a session may last
BOXES = 20  # folders of a session that are counted by name
_OF_SESSION = frozenset({"sign-in", "sign-out", "program", "expunge", "moved", "auth-failed", "auth"})
_IN_SESSION = frozenset({"imap", "pop3", "managesieve", "submission", "doveadm"})
_ATTEMPTS = re.compile(r"auth failed, (\d{1,5}) attempts")
_NEW = (
    "id", "at", "node_id", "domain_id", "login", "protocol", "client", "encrypted", "method", "app", "ok",
    "reason", "program", "session", "ended_at", "end_reason", "counts", "tls",
)  # fmt: skip
_UPDATE = """
UPDATE delivery_signin s SET at = v.at::timestamptz, domain_id = v.domain_id::bigint, login = v.login,
  protocol = v.protocol, client = v.client, encrypted = v.encrypted::boolean, method = v.method, app = v.app,
  reason = v.reason, program = v.program, ended_at = v.ended_at::timestamptz, end_reason = v.end_reason,
  counts = v.counts::jsonb, tls = v.tls
FROM (VALUES %s) AS v (id, at, node_id, domain_id, login, protocol, client, encrypted, method, app, ok,
  reason, program, session, ended_at, end_reason, counts, tls)
WHERE s.id = v.id AND s.id >= {first} AND s.id <= {last}"""


@dataclass(slots=True)
class Session:
    """models.SignIn in memory; ``id`` 0: not stored yet."""

    at: float
    session: str = ""
    id: int = 0
    domain_id: int | None = None
    login: str = ""
    protocol: str = ""
    client: str = ""
    encrypted: bool | None = None
    method: str = ""
    app: str = ""
    ok: bool = True
    reason: str = ""
    program: str = ""
    ended_at: float | None = None
    end: str = ""
    counts: dict[str, Any] = field(default_factory=dict)
    tls: str = ""


def signins_take(node_id: int, lines: Sequence[Placed]) -> None:
    wanted = [line for line, _place in lines if line.kind in KINDS and _counts(line)]
    if not wanted:
        return
    known = _load(node_id, wanted)
    touched: dict[int, Session] = {}
    for line in wanted:
        if (name := _session(line)) and line.kind in _OF_SESSION:
            one = known.setdefault(name, Session(line.at, name))
        else:
            one = Session(line.at)
        _TAKE[line.kind](one, line)
        touched[id(one)] = one
    owners = owners_of(one.login for one in touched.values())
    for one in touched.values():
        owner = owners.get(text.domain_of(one.login))
        if one.domain_id is None and owner is not None and owner.since <= one.at + 10:
            one.domain_id = owner.domain_id
    _save(node_id, list(touched.values()))


def _session(line: Line) -> str:
    name = field_of(line.data, "session", 60) if line.kind == "auth" else line.ref[:60]
    return name + REFUSED if name and line.kind in {"auth", "auth-failed"} else name


def _counts(line: Line) -> bool:
    """Of a mail that was handed in: by somebody who signed in for it, and not by the node itself. A refusal
    without a session is told by the server that asked (Postfix); what happens to a mailbox, by a session."""
    if line.kind == "client":
        return "@" in field_of(line.data, "sasl", 320)
    if line.kind == "auth":
        return bool(_session(line))
    if line.kind in {"expunge", "moved"}:
        return bool(line.ref) and field_of(line.data, "by", 20) in _IN_SESSION
    return True


def _load(node_id: int, lines: Sequence[Line]) -> dict[str, Session]:
    refs = {name for line in lines if line.kind in _OF_SESSION and (name := _session(line))}
    if not refs:
        return {}
    first, last = min(line.at for line in lines), max(line.at for line in lines)
    found = SignIn.objects.filter(
        pk__gte=timekey.make(first - BACK, 0),
        pk__lt=timekey.make(last + BACK, 0),
        node_id=node_id,
        session__in=refs,
    )
    return {
        row.session: Session(
            row.at.timestamp(), row.session, row.pk, row.domain_id, row.login, row.protocol, row.client,
            row.encrypted, row.method, row.app, row.ok, row.reason, row.program,
            row.ended_at.timestamp() if row.ended_at else None, row.end_reason, row.counts, row.tls,
        )
        for row in found
    }  # fmt: skip


def _who(one: Session, line: Line, key: str) -> None:
    one.login = one.login or text.inert(field_of(line.data, key, 320)).lower()[:320]
    one.protocol = one.protocol or text.inert(field_of(line.data, "protocol", 16))[:16] or "smtp"


def _sign_in(one: Session, line: Line) -> None:
    _who(one, line, "user")
    one.at = line.at
    one.client = text.client_address(text.inert(field_of(line.data, "client", 300)))[:64]
    one.method, one.app = text.inert(field_of(line.data, "method", 32))[:32], field_of(line.data, "app", 32)
    one.encrypted = bool(line.data["encrypted"]) if "encrypted" in line.data else None
    one.tls = text.inert(field_of(line.data, "tls", 60))[:60]


def _failed(one: Session, line: Line) -> None:
    """The connection's end: Postfix says it at each try, Dovecot once for all of them."""
    _sign_in(one, line)
    one.ok = False
    said = field_of(line.data, "cause", 20) or text.inert(field_of(line.data, "reason", 300))[:300]
    one.reason = one.reason or said
    tries = _ATTEMPTS.search(field_of(line.data, "reason", 300))
    one.counts["attempts"] = min(int(tries[1]), 10_000) if tries else 1


def _refused(one: Session, line: Line) -> None:
    """Why: told before the connection's end."""
    one.login = one.login or text.inert(field_of(line.data, "user", 320)).lower()[:320]
    one.client = one.client or text.client_address(text.inert(field_of(line.data, "client", 300)))[:64]
    one.app = one.app or field_of(line.data, "app", 32)
    one.ok, one.reason = False, field_of(line.data, "cause", 20) or one.reason


def _handed_in(one: Session, line: Line) -> None:
    _who(one, line, "sasl")
    _sign_in(one, line)
    one.encrypted = True if "tls" in line.data else None


def _sign_out(one: Session, line: Line) -> None:
    _who(one, line, "user")
    one.ended_at, one.end = line.at, text.inert(field_of(line.data, "reason", 300))[:300]
    counts = line.data.get("counts")
    if isinstance(counts, dict):
        one.counts |= {
            str(name)[:32]: number for name, number in list(counts.items())[:30] if type(number) is int
        }


def _program(one: Session, line: Line) -> None:
    said = [field_of(line.data, name, 100) for name in ("name", "version", "os")]
    one.program = text.inert(" ".join(filter(None, said)))[:300]


def _expunged(one: Session, line: Line) -> None:
    action = field_of(line.data, "action", 30) or "expunge"
    if action == "expunge":
        _box(one, line, "boxes", "box")
    elif action == "folder-deleted":
        _box(one, line, "folders", "box")


def _moved(one: Session, line: Line) -> None:
    _box(one, line, "moved", "box")


def _box(one: Session, line: Line, table: str, key: str) -> None:
    one.login = one.login or text.inert(field_of(line.data, "user", 320)).lower()[:320]
    one.protocol = one.protocol or field_of(line.data, "by", 16)
    boxes = one.counts.setdefault(table, {})
    box = text.inert(field_of(line.data, key, 200))[:200]
    if box in boxes or len(boxes) < BOXES:
        boxes[box] = boxes.get(box, 0) + 1


_TAKE = {
    "sign-in": _sign_in,
    "auth-failed": _failed,
    "auth": _refused,
    "client": _handed_in,
    "sign-out": _sign_out,
    "program": _program,
    "expunge": _expunged,
    "moved": _moved,
}


def _time(seconds: float | None) -> str | None:
    return None if seconds is None else stamp(seconds)


def _save(node_id: int, sessions: list[Session]) -> None:
    fresh = [one for one in sessions if not one.id]
    for one, key in zip(fresh, new_keys([one.at for one in fresh]), strict=True):
        one.id = key
    new = {one.id for one in fresh}
    copy("delivery_signin", _NEW, [_row(node_id, one) for one in fresh])
    known = [one for one in sessions if one.id not in new]
    if known:
        # The bounds let the planner leave out the other days' partitions.
        keys = [one.id for one in known]
        statement = _UPDATE.format(first=min(keys), last=max(keys))
        update(statement, [_row(node_id, one) for one in known])


def _row(node_id: int, one: Session) -> tuple[Any, ...]:
    counts = orjson.dumps(one.counts, option=orjson.OPT_NON_STR_KEYS).decode()
    return (
        one.id, _as_of(one), node_id, one.domain_id, one.login, one.protocol, one.client, one.encrypted,
        one.method, one.app, one.ok, one.reason, one.program, one.session, _time(one.ended_at), one.end,
        counts, one.tls,
    )  # fmt: skip


def _as_of(one: Session) -> str:
    return datetime.fromtimestamp(one.at, UTC).isoformat()
