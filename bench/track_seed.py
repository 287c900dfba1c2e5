"""Thirty days of Track Delivery for 1,000 domains, made by the database itself, a partition at a time: as
PostgreSQL would hold them after a month of lines, without sending ten million of them. The same rows every
time but for their times."""

# ruff: noqa: E501 - statements as they are read
from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import orjson
from django.db import connection, connections
from django.utils import timezone

from accounts.models import Account, Domain, Membership, User
from bench.figures import say
from bench.listing_seed import node_make
from delivery.folding.mail import Addressee, Mail, Row, Shown, dump
from delivery.services.partitions import partition_name, partitions_ensure
from lib import timekey

DAYS, DOMAINS = 30, 1000
LARGE = 0.2  # share of the rows that the first domain has
SMALL = 5  # rows of the last
MESSAGES = 20  # one of so many rows has its message too
WORKERS = 3
_SETTINGS = (
    "SET synchronous_commit = off; SET maintenance_work_mem = '256MB'; SET work_mem = '64MB'; SET jit = off"
)
# What every row draws for itself. Domain 1 has a fifth of all, the others less and less; the small one's rows
# are put in afterwards. Numbers of statuses and directions: delivery.statuses.
_ROWS = """
CREATE UNLOGGED TABLE {part}_raw AS
SELECT n,
    ({first}::bigint + ((((n - 1)::float8 / {many}) * {length})::bigint << 22)) | (n & 4194303) AS id,
    CASE WHEN a < {large} THEN 1 ELSE 2 + floor((b * b) * ({domains} - 2))::int END AS place,
    (c * 20)::int AS person, (d * 3000)::int AS other, (e * 12)::int AS host, f, g, (h * 40)::int AS topic
FROM (SELECT n, random() a, random() b, random() c, random() d, random() e, random() f, random() g, random() h
    FROM generate_series(1, {many}) AS n) AS drawn"""
_ENTRIES = """
INSERT INTO {part} (id, domain_id, peer_domain_id, message_id, direction, status, at, changed_at, sender, address, via,
    login, subject, size, server, agent, dsn, reply, cause, delay, queue_id, notice, lead_id, alike, words)
SELECT id, domain_id, NULL, id, direction, status, at, at, sender, address, '',
    CASE direction WHEN 1 THEN '' ELSE sender END, subject, 900 + other * 17, server, 'smtp', dsn, reply, cause,
    CASE status WHEN 2 THEN f * 4 END, queue_id, false, CASE WHEN status = 5 AND g > 0.97 THEN id - 1 END, 0,
    array_to_tsvector(ARRAY(SELECT DISTINCT word FROM unnest(ARRAY[
        address, split_part(address, '@', 1), split_part(address, '@', 2), sender, split_part(sender, '@', 1),
        split_part(sender, '@', 2), queue_id, lower(queue_id) || '@mail.' || name, server, dsn]
        || string_to_array(lower(subject), ' ')
        || CASE WHEN status = 2 THEN '{{}}' ELSE string_to_array(lower(reply), ' ') || ARRAY['status=' || status, 'cause=' || cause] END) AS word WHERE word <> ''))
FROM (
    SELECT *, CASE direction WHEN 2 THEN there ELSE here END AS address,
        CASE direction WHEN 1 THEN there WHEN 2 THEN here ELSE 'office@' || name END AS sender,
        'mail' || host || '.' || split_part(there, '@', 2) || '[192.0.2.' || host || ']' AS server,
        CASE status WHEN 2 THEN '2.0.0' WHEN 3 THEN '4.2.0' ELSE '5.1.1' END AS dsn,
        CASE status WHEN 2 THEN '250 2.0.0 OK ' || queue_id WHEN 1 THEN '' WHEN 3 THEN '450 4.2.0 Greylisted, try again later'
            WHEN 5 THEN '550 5.1.1 ' || here || ' user unknown' ELSE '550 5.1.1 The email account does not exist' END AS reply,
        CASE status WHEN 3 THEN 'greylisted' WHEN 5 THEN 'unknown-user' WHEN 4 THEN 'unknown-user' ELSE '' END AS cause
    FROM (
        SELECT r.*, d.domain_id, d.name, timestamptz '2020-01-01 00:00:00+00' + (r.id >> 22) * interval '1 millisecond' AS at,
            (ARRAY['ana','ben','cleo','dora','emil','fay','gil','hugo','ines','jon','kira','leo','mia','nils','olga','pau',
                'info','ventas','office','billing','nora'])[r.person + 1] || '@' || d.name AS here,
            'person' || r.other || '@' || (ARRAY['gmail','outlook','yahoo','gmx','proton','firma','uni','shop','news','web',
                'icloud','telekom','orange'])[r.host + 1] || '.example' AS there,
            (CASE WHEN r.f < 0.6 THEN 1 WHEN r.f < 0.95 THEN 2 ELSE 3 END) AS direction,
            (CASE WHEN r.g < 0.88 THEN 2 WHEN r.g < 0.91 THEN 3 WHEN r.g < 0.93 THEN 4 WHEN r.g < 0.935 THEN 1
                WHEN r.g < 0.936 THEN 6 ELSE 5 END) AS status,
            'Topic ' || r.topic || ' number ' || r.n AS subject, '4' || to_hex(r.id) AS queue_id
        FROM {part}_raw r JOIN bench_domain d ON d.place = r.place
    ) AS named
) AS told"""
_MESSAGES = """
INSERT INTO {messages} (id, node_id, queue_id, header_id, last_at, state)
SELECT id, {node}, '4' || to_hex(id), '<' || n || '@bench>', now(), replace(replace(%s, '"ROW"', id::text), '"DOMAIN"', d.domain_id::text)
FROM {part}_raw r JOIN bench_domain d USING (place) WHERE n %% {every} = 0"""
_TRAFFIC = """
INSERT INTO delivery_trafficpart (hour, domain_id, peer_domain_id, direction, status, cause, entries, bytes)
SELECT date_trunc('hour', at, 'UTC'), domain_id, NULL, direction, status, cause, count(*), sum(size)
FROM {part} GROUP BY 1, 2, 4, 5, 6"""


@dataclass(frozen=True)
class Seeded:
    provider: User
    reseller: User
    large: Domain
    middle: Domain
    small: Domain


def seed(rows: int) -> Seeded:
    node = node_make(1)
    reseller = Account.objects.create(name="Nube", kind=Account.Kind.RESELLER, max_domains=5000)
    accounts = Account.objects.bulk_create(
        Account(name=f"Client {number}", reseller=reseller, log_days=400) for number in range(DOMAINS)
    )
    domains = Domain.objects.bulk_create(
        Domain(account=account, name=f"d{number:04d}.test", display_name=f"d{number:04d}.test")
        for number, account in enumerate(accounts)
    )
    owner = User.objects.create_user("rosa@nube.test", None, name="Rosa")
    Membership.objects.create(account=reseller, user=owner)
    provider = User.objects.create_superuser("root@bench.test", None, name="Root")
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE bench_domain (place int PRIMARY KEY, domain_id bigint, name text)")
        cursor.execute(
            "INSERT INTO bench_domain SELECT * FROM unnest(%s::int[], %s::bigint[], %s::text[])",
            [
                list(range(1, DOMAINS + 1)),
                [one.pk for one in domains],
                [one.name for one in domains],
            ],
        )
    today = datetime.now(UTC).date()
    days = [today - timedelta(days=back) for back in range(DAYS)]
    partitions_ensure([*days, today + timedelta(days=1)])
    indexes = _indexes()
    with ThreadPoolExecutor(WORKERS) as pool:
        for done in pool.map(lambda day: _day(day, rows // DAYS, node.pk, indexes), days):
            say(f"{done} seeded")
    _small(domains[-1], node.pk)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    return Seeded(provider, owner, domains[0], domains[400], domains[-1])


def _indexes() -> list[str]:
    """How the list's own indexes are made, the primary key's aside."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT indexdef FROM pg_indexes WHERE tablename = 'delivery_entry'")
        found = [text for (text,) in cursor.fetchall()]
    return [text for text in found if "UNIQUE" not in text]


def _day(day: date, many: int, node: int, indexes: list[str]) -> date:
    """A partition is filled beside its table and then put in its place, as its indexes are made faster so."""
    first, last = timekey.bounds(day)
    part, aside = partition_name("delivery_entry", day), f"aside_{day:%Y%m%d}"
    if day == datetime.now(UTC).date():
        last = timekey.floor(timezone.now())
    names = {
        "part": aside,
        "messages": partition_name("delivery_message", day),
        "first": first,
        "length": (last - first) >> timekey.BITS,
        "many": many,
        "large": LARGE,
        "domains": DOMAINS,
        "node": node,
        "every": MESSAGES,
    }
    try:
        with connection.cursor() as cursor:
            cursor.execute(f"{_SETTINGS}; SELECT setseed({day.day / 32})")
            cursor.execute(f"CREATE TABLE {aside} (LIKE delivery_entry INCLUDING DEFAULTS INCLUDING STORAGE)")
            cursor.execute(_ROWS.format(**names))
            cursor.execute(_ENTRIES.format(**names))
            cursor.execute(_MESSAGES.format(**names), [_state()])
            cursor.execute(_TRAFFIC.format(**names))
            cursor.execute(f"DROP TABLE {aside}_raw")
            cursor.execute(f"ALTER TABLE {aside} ADD PRIMARY KEY (id)")
            for number, text in enumerate(indexes):
                made = re.sub(
                    r"INDEX \S+ ON (ONLY )?public\.delivery_entry", f"INDEX {aside}_{number} ON {aside}", text
                )
                cursor.execute(made)
            cursor.execute(f"DROP TABLE {part}; ALTER TABLE {aside} RENAME TO {part}")
            first, last = timekey.bounds(day)
            cursor.execute(
                f"ALTER TABLE delivery_entry ATTACH PARTITION {part} FOR VALUES FROM ({first}) TO ({last})"
            )
    finally:
        connections.close_all()
    return day


def _state() -> str:
    """Of a message with one recipient; "ROW" and "DOMAIN" stand for its ids."""
    mail = Mail("", 1.0, 2.0, 1, subject="Topic", sender="ana@d0000.test", size=900, nrcpt=1)
    mail.addressees = [
        Addressee("person1@gmail.example", status=2, at=2.0, agent="smtp", dsn="2.0.0", dirty=False)
    ]
    mail.rows = {Row(0, 1, "person1@gmail.example", ""): Shown(0, 2, 0)}
    state = orjson.loads(dump(mail))
    state["rows"] = [["DOMAIN", 1, "person1@gmail.example", "", "ROW", 2, 0]]
    return orjson.dumps(state).decode()


def _small(domain: Domain, node: int) -> None:
    """Its few rows lie days apart; they are copies of others."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM delivery_entry WHERE domain_id = %s", [domain.pk])
        for number in range(SMALL):
            since = timekey.floor(timezone.now() - timedelta(days=5 * number + 2))
            cursor.execute(
                "UPDATE delivery_entry SET domain_id = %s, address = %s, words = words || array_to_tsvector(ARRAY[%s, %s])"
                " WHERE id = (SELECT id FROM delivery_entry WHERE id >= %s AND id IN (SELECT id FROM delivery_message"
                " WHERE id >= %s AND id < %s) ORDER BY id LIMIT 1)",
                [
                    domain.pk,
                    f"ana@{domain.name}",
                    f"ana@{domain.name}",
                    domain.name,
                    since,
                    since,
                    since + (3600_000 << 22),
                ],
            )
