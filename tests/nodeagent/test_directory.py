"""The directory's seven rules, with real readers: SQLite as Debian ships it, as Postfix and Dovecot use
it."""

from __future__ import annotations

import multiprocessing
import sqlite3
import stat
import threading
from multiprocessing.queues import Queue
from multiprocessing.synchronize import Barrier, Event
from pathlib import Path

import apsw
import pytest

from nodeagent import directory as module
from nodeagent.directory import Directory, DirectoryError, create


def companions(path: Path) -> tuple[Path, Path]:
    return path.with_name(f"{path.name}-wal"), path.with_name(f"{path.name}-shm")


def read_all(path: str, ready: Barrier, stop: Event, results: Queue[object]) -> None:
    """A reader without any busy timeout, opening anew now and then as mail servers' processes do."""
    ready.wait(30)
    reads, errors = 0, []
    while not stop.is_set():
        connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=0)
        try:
            for _ in range(50):
                connection.execute("SELECT count(*), max(name) FROM domains").fetchone()
                reads += 1
        except sqlite3.Error as error:
            errors.append(str(error))
        finally:
            connection.close()
    results.put((reads, errors))


def test_two_readers_never_fail_while_the_agent_writes(directory: Directory) -> None:
    context = multiprocessing.get_context("spawn")
    ready, stop, results = context.Barrier(3), context.Event(), context.Queue()
    directory.connection()
    arguments = (str(directory.path), ready, stop, results)
    readers = [context.Process(target=read_all, args=arguments) for _ in range(2)]
    for reader in readers:
        reader.start()
    ready.wait(30)
    try:
        for number in range(400):
            with directory.writing() as connection:
                connection.execute("INSERT INTO domains(name) VALUES (?)", (f"d{number}.test",))
        with directory.writing() as connection:
            names = [(f"bulk{number}.test",) for number in range(100_000)]
            connection.executemany("INSERT INTO domains(name) VALUES (?)", names)
    finally:
        stop.set()
    found = [results.get(timeout=30) for _ in readers]
    for reader in readers:
        reader.join(30)
    assert all(errors == [] and reads > 0 for reads, errors in found), found


def test_wal_stays_after_the_last_close(directory: Directory) -> None:
    with directory.writing() as connection:
        connection.execute("INSERT INTO domains(name) VALUES ('example.test')")
    directory.close()
    reader = sqlite3.connect(f"file:{directory.path}?mode=ro", uri=True)
    assert reader.execute("SELECT name FROM domains").fetchall() == [("example.test",)]
    reader.close()
    assert all(companion.exists() for companion in companions(directory.path))


def test_rights_are_those_the_readers_need(directory: Directory) -> None:
    directory.connection()
    wal, shm = companions(directory.path)
    modes = [stat.S_IMODE(path.stat().st_mode) for path in (directory.path.parent, directory.path, wal, shm)]
    assert [oct(mode) for mode in modes] == [oct(mode) for mode in (0o2750, 0o640, 0o640, 0o660)]


def test_rights_of_shm_are_mended_at_start(directory: Directory) -> None:
    directory.connection()
    directory.close()
    companions(directory.path)[1].chmod(0o640)
    directory.connection()
    assert stat.S_IMODE(companions(directory.path)[1].stat().st_mode) == 0o660


def test_init_twice_keeps_what_is_there(directory: Directory) -> None:
    with directory.writing() as connection:
        connection.execute("INSERT INTO domains(name) VALUES ('example.test')")
    create(directory.path)
    with directory.reading() as connection:
        assert connection.execute("SELECT name FROM domains").fetchall() == [("example.test",)]


def test_another_schema_is_refused(directory: Directory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "SCHEMA", module.SCHEMA + 1)
    with pytest.raises(DirectoryError, match="new file"):
        directory.connection()


def test_missing_directory_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(DirectoryError, match="init"):
        Directory(tmp_path / "none.db").connection()


def test_a_transaction_is_whole_or_not_at_all(directory: Directory) -> None:
    def twice() -> None:
        with directory.writing() as connection:
            connection.execute("INSERT INTO domains(name) VALUES ('one.test')")
            connection.execute("INSERT INTO domains(name) VALUES ('one.test')")

    with pytest.raises(apsw.ConstraintError):
        twice()
    with directory.reading() as connection:
        assert connection.execute("SELECT count(*) FROM domains").fetchall() == [(0,)]


def test_threads_take_turns(directory: Directory) -> None:
    def write(place: int) -> None:
        for number in range(50):
            with directory.writing() as connection:
                connection.execute("INSERT INTO domains(name) VALUES (?)", (f"t{place}-{number}.test",))

    threads = [threading.Thread(target=write, args=(place,)) for place in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with directory.reading() as connection:
        assert connection.execute("SELECT count(*) FROM domains").fetchall() == [(200,)]


FORMER_TABLES = """
    CREATE TABLE domains(
      name TEXT PRIMARY KEY NOT NULL, active INTEGER NOT NULL DEFAULT 1,
      sign_in INTEGER NOT NULL DEFAULT 1, receive INTEGER NOT NULL DEFAULT 1, send INTEGER NOT NULL DEFAULT 1,
      pop3 INTEGER NOT NULL DEFAULT 1, reason TEXT NOT NULL DEFAULT '', account TEXT NOT NULL DEFAULT '',
      sends_per_hour INTEGER NOT NULL DEFAULT 0, routing TEXT NOT NULL DEFAULT 'local') WITHOUT ROWID;
    CREATE TABLE mailboxes(
      address TEXT PRIMARY KEY NOT NULL, password TEXT NOT NULL, home TEXT NOT NULL,
      quota_mb INTEGER NOT NULL CHECK (quota_mb >= 1), sign_in INTEGER NOT NULL DEFAULT 1,
      receive INTEGER NOT NULL DEFAULT 1, send INTEGER NOT NULL DEFAULT 1,
      reason TEXT NOT NULL DEFAULT '') WITHOUT ROWID;
    CREATE TABLE ledger(
      key TEXT PRIMARY KEY NOT NULL, kind TEXT NOT NULL, rev INTEGER NOT NULL, present INTEGER NOT NULL,
      proven INTEGER NOT NULL DEFAULT 0, proof TEXT NOT NULL DEFAULT '',
      facts TEXT NOT NULL DEFAULT '{}') WITHOUT ROWID;
    INSERT INTO domains VALUES
      ('a.test', 1, 0, 1, 1, 0, 'unpaid', 'a7', 200, 'remote'),
      ('off.test', 0, 1, 1, 1, 1, '', '', 0, 'local');
    INSERT INTO mailboxes VALUES ('ana@a.test', '{PLAIN}x', 'a.test/ana-1', 10, 0, 1, 0, 'unpaid');
    INSERT INTO ledger VALUES ('mail_domain/a.test', 'mail_domain', 7, 1, 1, 'found by postmap', '{}');
    PRAGMA user_version=3;
"""


@pytest.fixture
def former(tmp_path: Path) -> Path:
    """The file of the schema before, as its agent leaves it: with its WAL."""
    path = tmp_path / "directory/directory-3.db"
    path.parent.mkdir()
    path.touch()
    connection = module._connect(path)
    connection.execute(FORMER_TABLES)
    connection.close()
    return path


def rows(path: Path, query: str) -> list[tuple[object, ...]]:
    connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    try:
        return connection.execute(query).fetchall()
    finally:
        connection.close()


def test_a_new_schema_begins_with_what_the_one_before_held(former: Path) -> None:
    path = former.with_name("directory-4.db")
    create(path, former=former)
    domains = (
        "SELECT name, active, sign_in, receive, send, pop3, reason, account, sends_per_hour, routing"
        " FROM domains"
    )
    assert rows(path, domains) == [
        ("a.test", 1, 0, 1, 1, 0, "unpaid", "a7", 200, "remote"),
        ("off.test", 0, 1, 1, 1, 1, "", "", 0, "local"),
    ]
    assert rows(path, "SELECT address, sign_in, reason FROM mailboxes") == [("ana@a.test", 0, "unpaid")]
    assert rows(path, "SELECT key, rev, proven FROM ledger") == [("mail_domain/a.test", 7, 1)]
    opened = Directory(path)
    opened.connection()
    opened.close()


def test_the_one_before_stays_for_its_readers_until_the_next_start(former: Path) -> None:
    path = former.with_name("directory-4.db")
    reader = sqlite3.connect(f"file:{former}?mode=ro", uri=True)
    create(path, former=former)
    assert reader.execute("SELECT count(*) FROM mailboxes").fetchall() == [(1,)]
    reader.close()
    assert rows(former, "SELECT count(*) FROM mailboxes") == [(1,)]  # opened anew: -wal and -shm are there
    create(path, former=former)
    assert not any(one.exists() for one in (former, *companions(former)))
    assert rows(path, "SELECT count(*) FROM mailboxes") == [(1,)]


def test_no_routing_but_those_that_postfix_knows(directory: Directory) -> None:
    with pytest.raises(apsw.ConstraintError), directory.writing() as connection:
        connection.execute("INSERT INTO domains(name, routing) VALUES ('a.test', 'nearby')")


def test_a_new_directory_with_nothing_before_is_empty(tmp_path: Path) -> None:
    path = tmp_path / "directory/directory-4.db"
    create(path, former=tmp_path / "directory/directory-3.db")
    assert rows(path, "SELECT count(*) FROM domains") == [(0,)]


def test_a_filling_that_breaks_is_begun_again(former: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = former.with_name("directory-4.db")
    with monkeypatch.context() as broken:
        broken.setattr(module, "COPIES", (*module.COPIES, "INSERT INTO nowhere VALUES (1)"))
        with pytest.raises(apsw.SQLError):
            create(path, former=former)
    create(path, former=former)
    assert former.exists()
    assert rows(path, "SELECT count(*) FROM mailboxes") == [(1,)]
