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
    monkeypatch.setattr(module, "SCHEMA", 2)
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
