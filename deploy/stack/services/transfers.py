"""What PowerDNS's database says of transfers: who leads, who follows, and by which key (RFC 8945).

A catalog zone (RFC 9432) names all zones of the primary; a secondary has those that stand in it. All this is
written while PowerDNS does not run.
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from nodeagent.contract.dns import CATALOG, TRANSFER_KEY

Place = tuple[str, int]
"""An IP address and a port."""

ALGORITHM = "hmac-sha256"
SOA = "invalid hostmaster.invalid 1 60 60 604800 3600"
NS = "invalid"  # RFC 9432 §4.1
MAY, BY = "TSIG-ALLOW-AXFR", "AXFR-MASTER-TSIG"
MEMBER_BY_KEY = """
    CREATE TRIGGER member_by_key AFTER INSERT ON domains WHEN NEW.type = 'SLAVE' BEGIN
        INSERT INTO domainmetadata (domain_id, kind, content)
        VALUES (NEW.id, 'AXFR-MASTER-TSIG', 'transfer.');
    END
"""


def written(place: Place) -> str:
    host, port = place
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


@contextlib.contextmanager
def opened(path: Path) -> Iterator[sqlite3.Connection]:
    """All of what is done with it, or nothing."""
    with contextlib.closing(sqlite3.connect(path)) as database, database:
        database.execute("PRAGMA foreign_keys = ON")
        yield database


def lead(database: sqlite3.Connection, secret: str) -> None:
    """There is a catalog, and every zone is in it; who shows the key may have them all."""
    _key(database, secret)
    catalog = _zone(database, "PRODUCER")
    known = database.execute("SELECT 1 FROM records WHERE domain_id = ? AND type = 'SOA'", [catalog])
    if known.fetchone() is None:
        database.executemany(
            "INSERT INTO records (domain_id, name, type, content, ttl, auth) VALUES (?, ?, ?, ?, 3600, 1)",
            [(catalog, CATALOG, "SOA", SOA), (catalog, CATALOG, "NS", NS)],
        )
        database.execute(
            "INSERT INTO domainmetadata (domain_id, kind, content) VALUES (?, 'SOA-EDIT-API', '')", [catalog]
        )
    database.execute("UPDATE domains SET type = 'MASTER', catalog = ? WHERE type = 'NATIVE'", [CATALOG])
    _each(database, MAY, "MASTER", "PRODUCER")


def follow(database: sqlite3.Connection, primary: Place, secret: str) -> None:
    """Everything comes from ``primary``. PowerDNS 4.7 does not hand the key on to the members of a catalog,
    so the database does. What was missed while this server was away is asked for at once."""
    _key(database, secret)
    _zone(database, "CONSUMER")
    database.execute("DROP TRIGGER IF EXISTS member_by_key")
    database.execute(MEMBER_BY_KEY)
    _each(database, BY, "SLAVE", "CONSUMER")
    database.execute(
        "UPDATE domains SET master = ?, last_check = 0 WHERE type <> 'NATIVE'", [written(primary)]
    )


def alone(database: sqlite3.Connection) -> None:
    """As if there never had been a secondary."""
    if database.execute("DELETE FROM domains WHERE type = 'PRODUCER' AND name = ?", [CATALOG]).rowcount:
        database.execute("UPDATE domains SET type = 'NATIVE', catalog = NULL WHERE catalog = ?", [CATALOG])
        database.execute("DELETE FROM domainmetadata WHERE kind = ?", [MAY])


def _key(database: sqlite3.Connection, secret: str) -> None:
    """Of any text: TSIG wants base64."""
    text = base64.b64encode(hashlib.sha256(secret.encode()).digest()).decode("ascii")
    database.execute("DELETE FROM tsigkeys WHERE name = ?", [TRANSFER_KEY])
    database.execute(
        "INSERT INTO tsigkeys (name, algorithm, secret) VALUES (?, ?, ?)", [TRANSFER_KEY, ALGORITHM, text]
    )


def _zone(database: sqlite3.Connection, kind: str) -> int:
    """The catalog's number."""
    database.execute("DELETE FROM domains WHERE name = ? AND type <> ?", [CATALOG, kind])
    database.execute("INSERT OR IGNORE INTO domains (name, type) VALUES (?, ?)", [CATALOG, kind])
    row = database.execute("SELECT id FROM domains WHERE name = ?", [CATALOG]).fetchone()
    return int(row[0])


def _each(database: sqlite3.Connection, what: str, *kinds: str) -> None:
    """Every zone of ``kinds`` goes by the key."""
    places = ", ".join("?" * len(kinds))
    database.execute("DELETE FROM domainmetadata WHERE kind = ?", [what])
    database.execute(
        "INSERT INTO domainmetadata (domain_id, kind, content)"  # noqa: S608 - question marks
        f" SELECT id, ?, ? FROM domains WHERE type IN ({places})",
        [what, f"{TRANSFER_KEY}.", *kinds],
    )
