"""Postfix's maps in SQL, asked as Postfix asks them: a short one that sees nothing unusual (recipients,
signed) may stand for the long ones behind it."""

from __future__ import annotations

import re
from pathlib import Path

import apsw
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from deploy.stack.files import render_file
from nodeagent.directory import TABLES

SWITCH = st.sampled_from([1, 1, 1, 0])
DOMAINS = ("a.test", "b.test", "c.test")
LOCALS = ("ana", "ben", "ana+tag", "srs0=x")


def query(name: str) -> str:
    text = render_file(f"postfix/{name}.cf", {"DIRECTORY_DB": Path("/db")})
    found = re.search(r"(?m)^query = (.*)", text)
    assert found
    return found[1]


QUERIES = {
    name: query(name)
    for name in ("recipients", "off", "unknown", "suspended", "routings", "signed", "stopped")
}


def ask(file: apsw.Connection, name: str, key: str) -> str | None:
    """sqlite_table(5): %s the key, %u and %d its parts."""
    local, _at, domain = key.rpartition("@")
    text = QUERIES[name].replace("%s", key).replace("%u", local or key).replace("%d", domain)
    rows = file.execute(text).fetchall()
    return None if not rows or rows[0][0] is None else str(rows[0][0])


@pytest.fixture
def file() -> apsw.Connection:
    connection = apsw.Connection(":memory:")
    for table in TABLES:
        connection.execute(table)
    return connection


DOMAIN = st.tuples(
    SWITCH, SWITCH, SWITCH, SWITCH,
    st.sampled_from(["local", "local", "local", "backup", "remote", "off"]),
    st.sampled_from(["", "", "discard", "ana@b.test"]),
    SWITCH,
    st.sampled_from(["", "", "", "b.test"]),
)  # fmt: skip
MAILBOX = st.tuples(SWITCH, SWITCH, SWITCH, SWITCH)
ADDRESS = st.tuples(st.sampled_from(LOCALS), st.sampled_from(DOMAINS)).map("@".join)


@settings(max_examples=400, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    domains=st.dictionaries(st.sampled_from(DOMAINS), DOMAIN),
    mailboxes=st.dictionaries(ADDRESS, MAILBOX, max_size=6),
    aliases=st.dictionaries(ADDRESS, ADDRESS, max_size=2),
    holds=st.sets(ADDRESS, max_size=2),
    revisions=st.dictionaries(ADDRESS, st.integers(1, 2), max_size=6),
)
def test_a_short_look_up_stands_for_the_long_ones_only_when_they_find_nothing(
    file: apsw.Connection,
    domains: dict[str, tuple[object, ...]],
    mailboxes: dict[str, tuple[int, ...]],
    aliases: dict[str, str],
    holds: set[str],
    revisions: dict[str, int],
) -> None:
    file.execute(
        "DELETE FROM domains; DELETE FROM mailboxes; DELETE FROM aliases; DELETE FROM holds;"
        "DELETE FROM ledger"
    )
    into = "INSERT INTO domains(name, active, sign_in, receive, send, routing, catch_all, plus, alias_of)"
    file.executemany(f"{into} VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", [(n, *row) for n, row in domains.items()])
    into = "INSERT INTO mailboxes(address, password, home, quota_mb, sign_in, receive, send, smtp)"
    file.executemany(
        f"{into} VALUES (?, '', 'h', 1, ?, ?, ?, ?)", [(n, *row) for n, row in mailboxes.items()]
    )
    file.executemany("INSERT INTO aliases(address, targets) VALUES (?, ?)", list(aliases.items()))
    file.executemany("INSERT INTO holds(login) VALUES (?)", [(login,) for login in holds])
    rows = [(f"mailbox/{address}", revision) for address, revision in revisions.items()]
    file.executemany("INSERT INTO ledger(key, kind, rev, present) VALUES (?, 'mailbox', ?, 1)", rows)
    for local in LOCALS:
        for domain in DOMAINS:
            address = f"{local}@{domain}"
            closely = {name: ask(file, name, address) for name in ("unknown", "suspended", "routings")}
            closely["off"] = ask(file, "off", domain)
            quick = ask(file, "recipients", address)
            if quick == "ask_room":
                assert closely == {"unknown": None, "suspended": None, "routings": "ask_room", "off": None}
            elif quick is None:
                assert set(closely.values()) == {None}
            else:
                assert quick == "look_closely"
            for word in ("main.0", "main.1", "main.2", "app.x"):
                if ask(file, "signed", f"{word}/{address}") is None:
                    assert ask(file, "stopped", f"{word}/{address}") is None


def test_a_mailbox_of_which_nothing_is_unusual_needs_the_short_ones_alone(file: apsw.Connection) -> None:
    file.execute("INSERT INTO domains(name) VALUES ('a.test')")
    file.execute("INSERT INTO mailboxes(address, password, home, quota_mb) VALUES ('ana@a.test', '', 'h', 1)")
    file.execute("INSERT INTO ledger(key, kind, rev, present) VALUES ('mailbox/ana@a.test', 'mailbox', 7, 1)")
    assert ask(file, "recipients", "ana@a.test") == "ask_room"
    assert ask(file, "signed", "main.7/ana@a.test") is None
    assert ask(file, "signed", "main.6/ana@a.test") == "say_why"
    assert ask(file, "recipients", "nobody@a.test") == "look_closely"
    assert ask(file, "recipients", "ana@elsewhere.test") is None
