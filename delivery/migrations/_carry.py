"""Takes what the tables of before 0030 held over into those of 0031: raw lines as chunks, messages, rows of lists, sign-ins.

A batch is a transaction: its old rows go as the new ones come, so a run that was killed goes on where it stopped. Columns are named
here, as they are now; what a message's state holds is written by the code that will read it."""

import zlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, date, datetime
from typing import Any

import orjson
from django.db import connection, transaction

from delivery import text
from delivery.explain import cause_of
from delivery.folding.mail import Addressee, Mail, Row, Shown, dump
from delivery.services.copying import copy, new_keys, stamp
from delivery.wire import field
from lib import timekey

MESSAGES = 2000  # a batch, with all that hangs on them
LINES = 10_000  # a batch
IN_CHUNK = 400
OF_MESSAGE = 400  # lines whose places are kept
AROUND = 600.0  # seconds
DONE = (2, 1)  # delivered, in progress: nothing to explain

PLACES = """
CREATE TABLE IF NOT EXISTS delivery_old_place (
    node_id bigint NOT NULL, file_id bigint NOT NULL, pos bigint NOT NULL, ref text NOT NULL, at float8 NOT NULL,
    chunk_id bigint NOT NULL, place integer NOT NULL
);
"""
PLACES_FOUND = """
CREATE INDEX IF NOT EXISTS delivery_old_place_ref ON delivery_old_place (ref, at) WHERE ref <> '';
CREATE INDEX IF NOT EXISTS delivery_old_place_pos ON delivery_old_place (file_id, pos);
ANALYZE delivery_old_place;
"""
OVER = """
DROP TABLE delivery_old_entry, delivery_old_recipient, delivery_old_message, delivery_old_event, delivery_old_place;
DROP SEQUENCE IF EXISTS delivery_event_id_seq;
"""
_MESSAGE = (
    "id", "node_id", "queue_id", "at", "last_at", "started_at", "removed_at", "expired_at", "sender", "subject", "size", "nrcpt",
    "message_id", "client", "service", "sasl_user", "out_domain_id", "notice_of", "file_id", "pos",
)  # fmt: skip
_RECIPIENT = (
    "message_id", "id", "address", "orig_to", "domain_id", "orig_domain_id", "status", "at", "agent", "relay", "dsn", "reply", "delay",
    "attempts", "provisional",
)  # fmt: skip
_ROW = (
    "message_id",
    "recipient_id",
    "domain_id",
    "peer_domain_id",
    "direction",
    "status",
    "at",
    "changed_at",
    "address",
    "via",
)
_NEW_MESSAGE = ("id", "node_id", "queue_id", "header_id", "last_at", "state")
_NEW_ENTRY = (
    "id", "domain_id", "peer_domain_id", "message_id", "direction", "status", "at", "changed_at", "sender", "address", "via", "login",
    "subject", "size", "server", "agent", "dsn", "reply", "cause", "delay", "queue_id", "notice", "words",
)  # fmt: skip
_FILED = ("id", "at", "node_id", "session", "login", "header_id", "action", "what", "chunk_id", "line")
_SIGN_IN = (
    "id", "at", "node_id", "domain_id", "login", "protocol", "client", "encrypted", "method", "app", "ok", "reason", "program",
    "session", "ended_at", "end_reason", "counts", "tls",
)  # fmt: skip
_NEW_TABLES = (
    "delivery_chunk", "delivery_message", "delivery_entry", "delivery_filed", "delivery_signin", "delivery_unparsed",
)  # fmt: skip
Told = tuple[int, int, int, float, str, str, dict[str, Any], str]  # file, node, pos, at, kind, ref, data, raw
Placed = tuple[Told, int, int]  # with its chunk and the place in it


def carry() -> None:
    """Nothing when the old tables are gone already."""
    if not _rows("SELECT 1 WHERE to_regclass('delivery_old_message') IS NOT NULL"):
        return
    _run(PLACES)
    for part in [str(name) for (name,) in _rows(_PARTS)]:
        with transaction.atomic():
            _lines(part)
            _run(f'DROP TABLE "{part}"')
    _run(PLACES_FOUND)
    while _batch(_messages):
        pass
    _run(OVER)


_PARTS = """
SELECT child.relname FROM pg_inherits JOIN pg_class child ON child.oid = inhrelid
WHERE inhparent = 'delivery_old_event'::regclass ORDER BY child.relname
"""


def _batch(work: Callable[[], int]) -> int:
    with transaction.atomic():
        return work()


def _rows(statement: str, values: Iterable[Any] = ()) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, list(values) or None)
        return list(cursor.fetchall())


def _run(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


def _ensure(days: Iterable[date]) -> None:
    for day in sorted(set(days)):
        first, last = timekey.bounds(day)
        for table in _NEW_TABLES:
            part = f"{table}_{day:%Y%m%d}"
            if not _rows("SELECT 1 WHERE to_regclass(%s) IS NOT NULL", [part]):
                _run(f"CREATE TABLE {part} (LIKE {table} INCLUDING ALL)")
                _run(f"ALTER TABLE {table} ATTACH PARTITION {part} FOR VALUES FROM ({first}) TO ({last})")


# ---- raw lines


def _lines(part: str) -> None:
    held: list[Told] = []
    for line in _told(part):
        held.append(line)
        if len(held) == LINES:
            _store(held)
            held = []
    _store(held)


def _told(part: str) -> Iterator[Told]:
    with connection.chunked_cursor() as cursor:
        cursor.execute(
            "SELECT file_id, node_id, pos, extract(epoch FROM at)::float8, kind, ref, data::text, raw"  # noqa: S608 - a partition's name
            f' FROM "{part}" ORDER BY file_id, pos'
        )
        while found := cursor.fetchmany(LINES):
            for file_id, node_id, pos, at, kind, ref, data, raw in found:
                yield file_id, node_id, pos, at, kind, ref, orjson.loads(data), raw


def _store(lines: list[Told]) -> None:
    if not lines:
        return
    of: dict[int, list[Told]] = defaultdict(list)
    for line in lines:
        of[line[0]].append(line)
    parts = [some[at : at + IN_CHUNK] for some in of.values() for at in range(0, len(some), IN_CHUNK)]
    _ensure(timekey.day(timekey.make(line[3], 0)) for line in lines)
    keys = new_keys([part[0][3] for part in parts])
    copy(
        "delivery_chunk",
        ("id", "file_id", "lines", "body"),
        [(key, part[0][0], len(part), _packed(part)) for key, part in zip(keys, parts, strict=True)],
    )
    placed = [(line, key, at) for key, part in zip(keys, parts, strict=True) for at, line in enumerate(part)]
    _places(placed)
    _unparsed([line for line in lines if line[4] == "unparsed"])
    _filed([one for one in placed if one[0][4] == "stored"])
    _sign_ins([line for line in lines if line[4] in {"sign-in", "auth-failed"} or _handed_in(line)])


def _packed(part: list[Told]) -> bytes:
    told = [[pos, at, kind, ref, data, raw] for _file, _node, pos, at, kind, ref, data, raw in part]
    return zlib.compress(orjson.dumps(told), 1)


def _places(placed: list[Placed]) -> None:
    copy(
        "delivery_old_place",
        ("node_id", "file_id", "pos", "ref", "at", "chunk_id", "place"),
        [
            (line[1], line[0], line[2], line[5], line[3], chunk, at)
            for line, chunk, at in placed
            if (line[5] and line[4] != "stored") or line[4] == "reject"
        ],
    )


def _unparsed(lines: list[Told]) -> None:
    keys = new_keys([line[3] for line in lines])
    copy(
        "delivery_unparsed",
        ("id", "at", "node_id", "file_id", "pos", "raw"),
        [
            (key, stamp(line[3]), line[1], line[0], line[2], line[7])
            for key, line in zip(keys, lines, strict=True)
        ],
    )


def _filed(placed: list[Placed]) -> None:
    keys = new_keys([line[3] for line, _chunk, _place in placed])
    copy(
        "delivery_filed",
        _FILED,
        [
            (
                key,
                stamp(at),
                node_id,
                ref[:64],
                text.inert(field(data, "user", 320)).lower()[:320],
                text.inert(field(data, "id", 300))[:300],
                field(data, "action", 40),
                text.inert(field(data, "what"))[:400],
                chunk,
                place,
            )
            for key, ((_file, node_id, _pos, at, _kind, ref, data, _raw), chunk, place) in zip(
                keys, placed, strict=True
            )
        ],
    )


def _handed_in(line: Told) -> bool:
    return line[4] == "client" and "@" in field(line[6], "sasl", 320)


def _sign_ins(lines: list[Told]) -> None:
    """Who signed in and who was refused, as the mailboxes' pages showed it."""
    who = [
        text.inert(field(line[6], "sasl" if line[4] == "client" else "user", 320)).lower()[:320]
        for line in lines
    ]
    names = sorted({text.domain_of(login) for login in who} - {""})
    found = _rows(
        "SELECT name, id, extract(epoch FROM created_at)::float8 FROM accounts_domain WHERE name = ANY(%s)",
        [names],
    )
    owners = {name: (pk, since) for name, pk, since in found}
    keys = new_keys([line[3] for line in lines])
    copy(
        "delivery_signin",
        _SIGN_IN,
        [_sign_in(key, line, login, owners) for key, line, login in zip(keys, lines, who, strict=True)],
    )


def _sign_in(key: int, line: Told, login: str, owners: dict[str, tuple[int, float]]) -> tuple[object, ...]:
    _file, node_id, _pos, at, kind, ref, data, _raw = line
    smtp, failed = kind == "client", kind == "auth-failed"
    domain, since = owners.get(text.domain_of(login), (None, 0.0))
    encrypted = data.get("encrypted")
    return (
        key,
        stamp(at),
        node_id,
        domain if since <= at + 10 else None,
        login,
        "submission" if smtp else field(data, "protocol", 16),
        text.client_address(text.inert(field(data, "client", 300)))[:64],
        (True if "tls" in data else None) if smtp else encrypted if isinstance(encrypted, bool) else None,
        field(data, "method", 32),
        field(data, "app", 32),
        not failed,
        text.inert(field(data, "reason", 300))[:300] if failed else "",
        "",
        "" if smtp else ref[:60] + ("!" if failed and ref else ""),
        None,
        "",
        '{"attempts": 1}' if failed else "{}",
        text.inert(field(data, "tls", 60))[:60],
    )


# ---- messages and the rows of lists


def _messages() -> int:
    """Take the oldest over. How many there were."""
    old = _rows(f"SELECT {', '.join(_MESSAGE)} FROM delivery_old_message ORDER BY id LIMIT {MESSAGES}")  # noqa: S608 - names of this file
    if not old:
        return 0
    ids = [row[0] for row in old]
    told = _grouped(
        f"SELECT {', '.join(_RECIPIENT)} FROM delivery_old_recipient WHERE message_id = ANY(%s) ORDER BY id",  # noqa: S608
        ids,
    )
    rows = _grouped(
        f"SELECT {', '.join(_ROW)} FROM delivery_old_entry WHERE message_id = ANY(%s) ORDER BY id",  # noqa: S608
        ids,
    )
    places = _places_of(ids)
    keys = new_keys([row[3].timestamp() for row in old])
    _ensure(timekey.day(key) for key in keys)
    numbers = iter(new_keys([0.0] * sum(len(some) for some in rows.values())))
    messages, entries = [], []
    for key, row in zip(keys, old, strict=True):
        mail, at = _mail(key, row), {}
        for place, (pk, *values) in enumerate(told[row[0]]):
            mail.addressees.append(_addressee(values))
            at[pk] = place
        mail.lines = places.get(row[0], [])[:OF_MESSAGE]
        for of, *shown in rows[row[0]]:
            if of in at:
                entries.append(_entry(timekey.beside(key, next(numbers)), mail, at[of], shown))
        messages.append((key, row[1], row[2], mail.message_id[:300], stamp(mail.last_at), dump(mail)))
    copy("delivery_message", _NEW_MESSAGE, messages)
    copy("delivery_entry", _NEW_ENTRY, entries)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM delivery_old_entry WHERE message_id = ANY(%s)", [ids])
        cursor.execute("DELETE FROM delivery_old_recipient WHERE message_id = ANY(%s)", [ids])
        cursor.execute("DELETE FROM delivery_old_message WHERE id = ANY(%s)", [ids])
    return len(old)


def _grouped(statement: str, ids: list[int]) -> dict[int, list[tuple[Any, ...]]]:
    """By the first column."""
    found: dict[int, list[tuple[Any, ...]]] = defaultdict(list)
    for first, *rest in _rows(statement, [ids]):
        found[first].append(tuple(rest))
    return found


def _places_of(ids: list[int]) -> dict[int, list[tuple[int, int]]]:
    statement = f"""
    SELECT m.id, p.chunk_id, p.place FROM delivery_old_message m JOIN delivery_old_place p ON p.ref = m.queue_id AND p.ref <> ''
        AND p.at BETWEEN extract(epoch FROM m.at)::float8 - {AROUND} AND extract(epoch FROM m.last_at)::float8 + {AROUND}
    WHERE m.id = ANY(%s) AND m.queue_id <> '' AND p.node_id = m.node_id
    UNION ALL
    SELECT m.id, p.chunk_id, p.place FROM delivery_old_message m JOIN delivery_old_place p ON p.file_id = m.file_id AND p.pos = m.pos
    WHERE m.id = ANY(%s) AND m.queue_id = ''
    ORDER BY 1, 2, 3"""  # noqa: S608 - a number of this file
    found: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for pk, chunk, place in _rows(statement, [ids, ids]):
        found[pk].append((chunk, place))
    return found


def _mail(key: int, row: tuple[Any, ...]) -> Mail:
    old = dict(zip(_MESSAGE, row, strict=True))
    return Mail(
        old["queue_id"],
        old["at"].timestamp(),
        old["last_at"].timestamp(),
        key,
        _seconds(old["started_at"]),
        _seconds(old["removed_at"]),
        expired_at=_seconds(old["expired_at"]),
        **{
            name: old[name]
            for name in (
                "sender", "subject", "size", "nrcpt", "message_id", "client", "service", "sasl_user", "out_domain_id", "notice_of",
            )
        },
    )  # fmt: skip


def _seconds(moment: datetime | None) -> float | None:
    return None if moment is None else moment.timestamp()


def _addressee(values: list[Any]) -> Addressee:
    old = dict(zip(_RECIPIENT[2:], values, strict=True))
    return Addressee(**{**old, "at": old["at"].timestamp()}, placed=True, dirty=False)


def _entry(key: int, mail: Mail, place: int, shown: list[Any]) -> tuple[object, ...]:
    """The row as it was shown; the mail knows it from now on."""
    domain, peer, direction, status, at, changed_at, address, via = shown
    one = mail.addressees[place]
    mail.rows[Row(domain, direction, address, via)] = Shown(key, status, place)
    incoming = direction == 1
    login = "" if incoming else mail.sasl_user
    server = mail.client if incoming or one.relay in {"", "none"} else one.relay
    reply = one.reply[:1000]
    words = text.words_of(
        addresses=(address, via, mail.sender or "", login),
        texts=(mail.subject or "", "" if status == 2 else reply),
        names=(mail.message_id, mail.queue_id, *text.server_names(server), one.dsn),
    )
    return (
        key, domain, peer, mail.id, direction, status, at.astimezone(UTC).isoformat(), changed_at.astimezone(UTC).isoformat(),
        mail.sender, address, via, login, mail.subject, mail.size, server, one.agent, one.dsn, reply,
        "" if status in DONE else cause_of(status, one.dsn, reply), one.delay, mail.queue_id, bool(mail.notice_of), text.vector(words),
    )  # fmt: skip
