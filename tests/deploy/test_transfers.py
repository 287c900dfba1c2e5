"""What stands in PowerDNS's database of a primary and of a secondary."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from deploy.stack.files import render_file
from deploy.stack.services import transfers
from deploy.stack.services.powerdns import SCHEMA
from nodeagent.contract.dns import CATALOG

KEY = "transfer."


@pytest.fixture
def database(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    path = tmp_path / "pdns.db"
    sqlite3.connect(path).executescript(SCHEMA.read_text(encoding="utf-8")).connection.close()
    with transfers.opened(path) as opened:
        yield opened


def rows(database: sqlite3.Connection, sql: str) -> list[Any]:
    return database.execute(sql).fetchall()


def zones(database: sqlite3.Connection) -> dict[str, list[str | None]]:
    return {name: rest for name, *rest in rows(database, "SELECT name, type, catalog FROM domains")}


def by_key(database: sqlite3.Connection, kind: str) -> list[str]:
    sql = (
        "SELECT domains.name FROM domainmetadata JOIN domains ON domains.id = domain_id"
        " WHERE kind = ? AND content = ? ORDER BY domains.name"
    )
    return [name for (name,) in database.execute(sql, [kind, KEY])]


def add(database: sqlite3.Connection, name: str, kind: str) -> None:
    database.execute("INSERT INTO domains (name, type) VALUES (?, ?)", [name, kind])


def test_a_primary_hands_on_what_it_has(database: sqlite3.Connection) -> None:
    add(database, "luna.test", "NATIVE")
    for _twice in range(2):
        transfers.lead(database, "a secret")
        assert zones(database) == {"luna.test": ["MASTER", CATALOG], CATALOG: ["PRODUCER", None]}
        assert by_key(database, "TSIG-ALLOW-AXFR") == sorted([CATALOG, "luna.test"])
        assert len(rows(database, "SELECT 1 FROM records")) == 2
        assert len(rows(database, "SELECT 1 FROM tsigkeys")) == 1


def test_alone_it_is_as_if_there_never_had_been_another(database: sqlite3.Connection) -> None:
    add(database, "luna.test", "NATIVE")
    database.commit()
    before = list(database.iterdump())
    transfers.alone(database)
    assert list(database.iterdump()) == before
    transfers.lead(database, "a secret")
    transfers.alone(database)
    assert zones(database) == {"luna.test": ["NATIVE", None]}
    assert rows(database, "SELECT * FROM records") == rows(database, "SELECT * FROM domainmetadata") == []


def test_a_secondary_takes_what_comes_by_the_key_from_where_the_primary_is_now(
    database: sqlite3.Connection,
) -> None:
    transfers.follow(database, ("192.0.2.53", 53), "a secret")
    add(database, "luna.test", "SLAVE")  # as PowerDNS does for a member
    assert by_key(database, "AXFR-MASTER-TSIG") == sorted([CATALOG, "luna.test"])
    database.execute("UPDATE domains SET last_check = 7")
    transfers.follow(database, ("2001:db8::53", 53), "a secret")
    assert by_key(database, "AXFR-MASTER-TSIG") == sorted([CATALOG, "luna.test"])
    assert set(rows(database, "SELECT master, last_check FROM domains")) == {("[2001:db8::53]:53", 0)}


def test_both_have_one_key_and_another_secret_is_another(database: sqlite3.Connection) -> None:
    def secret() -> Any:
        ((name, algorithm, text),) = rows(database, "SELECT name, algorithm, secret FROM tsigkeys")
        assert (name, algorithm) == ("transfer", "hmac-sha256")
        return text

    transfers.lead(database, "a secret")
    first = secret()
    transfers.follow(database, ("192.0.2.53", 53), "a secret")
    assert secret() == first
    transfers.follow(database, ("192.0.2.53", 53), "another")
    assert secret() != first


@pytest.mark.parametrize("template", ["pdns.conf", "primary.conf", "secondary.conf"])
def test_every_template_renders(template: str) -> None:
    names = [
        "NODE", "LISTEN", "POWERDNS", "PORT_DNS", "PORT_PDNS_API", "PDNS_API_KEY", "PROVIDER_DOMAIN",
        "PORT_DNS_ALIASES", "PRIMARY", "PRIMARY_ADDRESS", "SECONDARIES",
    ]  # fmt: skip
    text = render_file(f"powerdns/{template}", {name: f"<{name}>" for name in names})
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    assert all("=" in line for line in lines)
    if template != "primary.conf":
        assert "webserver-address=127.0.0.1" in lines
