"""The node's directory: one SQLite file that the agent writes and Postfix and Dovecot read.

What a server's query may use (``home`` is relative to the mail folder, MAIL_ROOT):

    domains(name, active, sign_in, receive, send, pop3, reason, account, sends_per_hour, routing,
        catch_all, plus, alias_of)
    mailboxes(address, password, home, quota_mb, sign_in, receive, send, reason, imap, pop3, smtp, sieve)
    aliases(address, targets, home)                     targets: addresses with a comma between
    logins(id, login, password_hash, imap, pop3, smtp, sieve, site, networks, expires)    networks: likewise
    identities(sender, login)
    limits(scope, mails_hour, mails_day, rcpts_hour, rcpts_day, new_day)
    holds(login, reason)

What is off for a domain is off for each of its mailboxes: queries join it by the part after the @.

The agent's ledger lives in the same file, so a row and its revision change in one transaction. Seven rules,
each of which cost mail when it was broken, shape this file:

1. WAL, never a rollback journal: Postfix has no busy timeout and treats an SQLite error as fatal.
2. Readers need to write ``-shm`` (0660); the database and ``-wal`` stay 0640, the folder is setgid.
3. ``-wal`` and ``-shm`` always exist: SQLITE_FCNTL_PERSIST_WAL, and a connection is opened after a fork,
never before.
4. No DDL, VACUUM or ANALYZE on the live file. The schema's number is in ``user_version``; another schema is
another file.
5. The file is never replaced; a full resync is one transaction in place.
6. One writer at a time, and only this module opens the file for writing.
7. ``journal_size_limit`` bounds the kept WAL.
"""

from __future__ import annotations

import contextlib
import ctypes
import grp
import os
import pwd
import stat
import threading
from collections.abc import Iterator
from pathlib import Path

import apsw

SCHEMA = 4
FORMER_SCHEMA = 3
WAL_BYTES = 16 * 1024 * 1024
CHECKPOINT_PAGES = WAL_BYTES // 4096
BUSY_MS = 10_000

TABLES = (
    """CREATE TABLE domains(
      name TEXT PRIMARY KEY NOT NULL,
      active INTEGER NOT NULL DEFAULT 1,
      sign_in INTEGER NOT NULL DEFAULT 1,
      receive INTEGER NOT NULL DEFAULT 1,
      send INTEGER NOT NULL DEFAULT 1,
      pop3 INTEGER NOT NULL DEFAULT 1,
      reason TEXT NOT NULL DEFAULT '',
      account TEXT NOT NULL DEFAULT '',
      sends_per_hour INTEGER NOT NULL DEFAULT 0,
      routing TEXT NOT NULL DEFAULT 'local' CHECK (routing IN ('local', 'backup', 'remote', 'off')),
      catch_all TEXT NOT NULL DEFAULT '',
      plus INTEGER NOT NULL DEFAULT 1,
      alias_of TEXT NOT NULL DEFAULT '') WITHOUT ROWID""",
    """CREATE TABLE mailboxes(
      address TEXT PRIMARY KEY NOT NULL,
      password TEXT NOT NULL,
      home TEXT NOT NULL,
      quota_mb INTEGER NOT NULL CHECK (quota_mb >= 1),
      sign_in INTEGER NOT NULL DEFAULT 1,
      receive INTEGER NOT NULL DEFAULT 1,
      send INTEGER NOT NULL DEFAULT 1,
      reason TEXT NOT NULL DEFAULT '',
      imap INTEGER NOT NULL DEFAULT 1,
      pop3 INTEGER NOT NULL DEFAULT 1,
      smtp INTEGER NOT NULL DEFAULT 1,
      sieve INTEGER NOT NULL DEFAULT 1) WITHOUT ROWID""",
    """CREATE TABLE aliases(
      address TEXT PRIMARY KEY NOT NULL,
      targets TEXT NOT NULL CHECK (targets <> ''),
      home TEXT NOT NULL DEFAULT '') WITHOUT ROWID""",
    """CREATE TABLE logins(
      id TEXT NOT NULL,
      login TEXT NOT NULL,
      password_hash TEXT NOT NULL,
      imap INTEGER NOT NULL DEFAULT 1,
      pop3 INTEGER NOT NULL DEFAULT 1,
      smtp INTEGER NOT NULL DEFAULT 1,
      sieve INTEGER NOT NULL DEFAULT 1,
      site INTEGER NOT NULL DEFAULT 0,
      networks TEXT NOT NULL DEFAULT '',
      expires INTEGER NOT NULL DEFAULT 0,
      PRIMARY KEY (login, id)) WITHOUT ROWID""",
    """CREATE TABLE identities(
      sender TEXT NOT NULL,
      login TEXT NOT NULL,
      PRIMARY KEY (login, sender)) WITHOUT ROWID""",
    "CREATE INDEX identities_by_sender ON identities(sender)",
    """CREATE TABLE limits(
      scope TEXT PRIMARY KEY NOT NULL,
      mails_hour INTEGER NOT NULL DEFAULT 0,
      mails_day INTEGER NOT NULL DEFAULT 0,
      rcpts_hour INTEGER NOT NULL DEFAULT 0,
      rcpts_day INTEGER NOT NULL DEFAULT 0,
      new_day INTEGER NOT NULL DEFAULT 0) WITHOUT ROWID""",
    """CREATE TABLE holds(
      login TEXT PRIMARY KEY NOT NULL,
      reason TEXT NOT NULL DEFAULT '') WITHOUT ROWID""",
    """CREATE TABLE ledger(
      key TEXT PRIMARY KEY NOT NULL,
      kind TEXT NOT NULL,
      rev INTEGER NOT NULL,
      present INTEGER NOT NULL,
      proven INTEGER NOT NULL DEFAULT 0,
      proof TEXT NOT NULL DEFAULT '',
      facts TEXT NOT NULL DEFAULT '{}') WITHOUT ROWID""",
)


# From an older file: the columns that both have. The new ones keep
# their defaults until the panel says otherwise.
COPIES = (
    "INSERT INTO main.domains(name, active, sign_in, receive, send, pop3, reason, account, sends_per_hour,"
    " routing) SELECT name, active, sign_in, receive, send, pop3, reason, account, sends_per_hour, routing"
    " FROM former.domains",
    "INSERT INTO main.mailboxes(address, password, home, quota_mb, sign_in, receive, send, reason)"
    " SELECT address, password, home, quota_mb, sign_in, receive, send, reason FROM former.mailboxes",
    "INSERT INTO main.ledger(key, kind, rev, present, proven, proof, facts)"
    " SELECT key, kind, rev, present, proven, proof, facts FROM former.ledger",
)


class DirectoryError(Exception):
    """The directory cannot be used as it is; the message says what to do."""


def create(path: Path, *, owner: str = "", group: str = "", former: Path | None = None) -> None:
    """Make the directory at ``path`` if it is not there, and put owner, group and modes right. May run at any
    time.

    ``owner``: who runs the agent; ``group``: the group that Postfix and Dovecot read with. Both need root.
    ``former``: the file of the schema before. A new directory begins with what is in it, so that mail goes on
    at once. It stays for servers that still read it, and goes when ``create`` finds the new one whole: at the
    start after.
    """
    uid = pwd.getpwnam(owner).pw_uid if owner else -1
    gid = grp.getgrnam(group).gr_gid if group else -1
    path.parent.mkdir(parents=True, exist_ok=True)
    os.chown(path.parent, uid, gid)
    path.parent.chmod(0o2750)
    if not path.exists():
        # Never with the umask's rights, not even for a moment: it will hold password hashes.
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o640))
    os.chown(path, uid, gid)
    path.chmod(0o640)
    connection = _connect(path)
    try:
        made = _make(connection, former if former and former.exists() else None)
        _check(path)
    finally:
        connection.close()
    for companion in _companions(path):
        os.chown(companion, uid, gid)
    if former and not made:
        for old in (former, *_companions(former)):
            old.unlink(missing_ok=True)


def _make(connection: apsw.Connection, former: Path | None) -> bool:
    """The tables, in one transaction with what ``former`` holds. False: they are there already."""
    if former and not _schema(connection):
        # Read only: the last one to close a file for writing would take its -wal and -shm away (rule 3).
        connection.execute("ATTACH ? AS former", (f"{former.as_uri()}?mode=ro",))
        if _schema(connection, "former") != FORMER_SCHEMA:
            former = None
    connection.execute("BEGIN IMMEDIATE")
    made = not _schema(connection)
    if made:
        for statement in (*TABLES, *(COPIES if former else ())):
            connection.execute(statement)
        connection.execute(f"PRAGMA user_version={SCHEMA}")
    connection.execute("COMMIT")
    return made


class Directory:
    """The open directory. Opened lazily in the process (and so after its fork) that uses it; safe between
    threads."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._connection: apsw.Connection | None = None
        self._pid = 0
        self._lock = threading.RLock()

    def connection(self) -> apsw.Connection:
        if self._connection is None or self._pid != os.getpid():
            if not self.path.exists():
                raise DirectoryError(f"There is no directory at {self.path}; run: python -m nodeagent init")
            connection = _connect(self.path)
            found = _schema(connection)
            if found != SCHEMA:
                connection.close()
                raise DirectoryError(
                    f"{self.path} has schema {found}, this agent needs {SCHEMA}; point DIRECTORY_DB at a new"
                    " file and DIRECTORY_FORMER_DB at this one, run init, then switch Postfix and Dovecot"
                )
            _check(self.path)
            self._connection, self._pid = connection, os.getpid()
        return self._connection

    @contextlib.contextmanager
    def reading(self) -> Iterator[apsw.Connection]:
        """The writer's own connection, held against other threads; sees everything that was committed."""
        with self._lock:
            yield self.connection()

    @contextlib.contextmanager
    def writing(self) -> Iterator[apsw.Connection]:
        """One transaction, committed at the end, rolled back by any exception. May be nested (a
        savepoint)."""
        with self._lock:
            connection = self.connection()
            if connection.in_transaction:
                with connection:
                    yield connection
                return
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
            except BaseException:
                connection.execute("ROLLBACK")
                raise
            connection.execute("COMMIT")

    def reader(self) -> apsw.Connection:
        """A new read-only connection: sees the file as Postfix and Dovecot see it. The caller closes it."""
        connection = apsw.Connection(str(self.path), flags=apsw.SQLITE_OPEN_READONLY)
        connection.set_busy_timeout(BUSY_MS)
        return connection

    def close(self) -> None:
        with self._lock:
            if self._connection is not None and self._pid == os.getpid():
                self._connection.close()
            self._connection = None


def _connect(path: Path) -> apsw.Connection:
    connection = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READWRITE | apsw.SQLITE_OPEN_URI)
    connection.set_busy_timeout(BUSY_MS)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute(f"PRAGMA journal_size_limit={WAL_BYTES}")
    # In bulk a page of the file is written once for many transactions, not once for each few.
    connection.execute(f"PRAGMA wal_autocheckpoint={CHECKPOINT_PAGES}")
    # NORMAL: a power cut may lose the last commits, never the file; the manifest brings them back.
    connection.execute("PRAGMA synchronous=NORMAL")
    on = ctypes.c_int(1)
    if (
        not connection.file_control("main", apsw.SQLITE_FCNTL_PERSIST_WAL, ctypes.addressof(on))
        or on.value != 1
    ):
        raise DirectoryError("This SQLite cannot keep its WAL files (SQLITE_FCNTL_PERSIST_WAL)")
    return connection


def _schema(connection: apsw.Connection, file: str = "main") -> int:
    (version,) = connection.execute(f"PRAGMA {file}.user_version").fetchall()[0]
    return int(str(version))


def _companions(path: Path) -> list[Path]:
    return [path.with_name(f"{path.name}-wal"), path.with_name(f"{path.name}-shm")]


def _check(path: Path) -> None:
    """Rules 2 and 3: both companions are there, and the readers may write ``-shm``."""
    for companion in _companions(path):
        if not companion.exists():
            raise DirectoryError(f"{companion} is missing although the directory is open")
    shm = _companions(path)[1]
    if stat.S_IMODE(shm.stat().st_mode) != 0o660:
        shm.chmod(0o660)
