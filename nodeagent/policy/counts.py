"""What was sent, in an SQLite file of its own (POLICY_DB) and, of those who send now, in memory.

    minutes(scope, minute, mails, rcpts, new)   of the last hour; minute: Unix time / 60
    slots(scope, slot, mails, rcpts, new)       of the last day; slot: Unix time / 600
    known(login, recipient, day)                whom a login ever wrote to; day: Unix time / 86400
    refused(scope, …)                           the last refusal that a scope took part in

``scope``: a login, a domain's name, an account. The service writes; others read
(nodeagent.asks.sending, nodeagent.known).
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Sequence
from pathlib import Path

import apsw

from nodeagent.directory import BUSY_MS
from nodeagent.policy.windows import MINUTES, SLOT, SLOTS, Bucket, Sent, Window

SCOPES = 5000  # kept in memory
KNOWN_DAYS = 400  # whom one did not write to for so long is new again
KNOWN_EVERY = 30  # days after which the day of a known recipient is written anew
KNOWN_A_DAY = 5000  # more than these a day nobody remembers: a spammer must not fill the disk
SWEEP_ROWS = 2000

_TABLES = (
    "minutes(scope TEXT NOT NULL, minute INTEGER NOT NULL, mails INTEGER NOT NULL, rcpts INTEGER NOT NULL,"
    " new INTEGER NOT NULL, PRIMARY KEY (scope, minute)) WITHOUT ROWID",
    "slots(scope TEXT NOT NULL, slot INTEGER NOT NULL, mails INTEGER NOT NULL, rcpts INTEGER NOT NULL,"
    " new INTEGER NOT NULL, PRIMARY KEY (scope, slot)) WITHOUT ROWID",
    "known(login TEXT NOT NULL, recipient TEXT NOT NULL, day INTEGER NOT NULL,"
    " PRIMARY KEY (login, recipient)) WITHOUT ROWID",
    "refused(scope TEXT PRIMARY KEY NOT NULL, at INTEGER NOT NULL, login TEXT NOT NULL, level TEXT NOT NULL,"
    " figure TEXT NOT NULL, most INTEGER NOT NULL, used INTEGER NOT NULL, frees INTEGER NOT NULL)"
    " WITHOUT ROWID",
)
_INDEXES = (
    "CREATE INDEX IF NOT EXISTS minutes_by_age ON minutes(minute)",
    "CREATE INDEX IF NOT EXISTS slots_by_age ON slots(slot)",
    "CREATE INDEX IF NOT EXISTS known_by_age ON known(day)",
    "CREATE INDEX IF NOT EXISTS refused_by_age ON refused(at)",
)
_ADD = (
    "INSERT INTO {0}s VALUES (?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET mails = mails + excluded.mails,"
    " rcpts = rcpts + excluded.rcpts, new = new + excluded.new"
)
ADD_MINUTE, ADD_SLOT = _ADD.format("minute"), _ADD.format("slot")
MINUTES_OF = (
    "SELECT minute, mails, rcpts, new FROM minutes WHERE scope = ? AND minute BETWEEN ? AND ? ORDER BY minute"
)
SLOTS_OF = "SELECT slot, mails, rcpts, new FROM slots WHERE scope = ? AND slot BETWEEN ? AND ? ORDER BY slot"
_KNOW = (
    "INSERT INTO known VALUES (?1, ?2, ?3) ON CONFLICT DO UPDATE SET day = excluded.day"
    " WHERE excluded.day >= day + ?4"
)
_SWEEPS = (
    "DELETE FROM minutes WHERE (scope, minute) IN"
    " (SELECT scope, minute FROM minutes WHERE minute < ? LIMIT ?)",
    "DELETE FROM slots WHERE (scope, slot) IN (SELECT scope, slot FROM slots WHERE slot < ? LIMIT ?)",
    "DELETE FROM known WHERE (login, recipient) IN"
    " (SELECT login, recipient FROM known WHERE day < ? LIMIT ?)",
    "DELETE FROM refused WHERE scope IN (SELECT scope FROM refused WHERE at < ? LIMIT ?)",
)


class Counts:
    """``path``: made if it is not there."""

    def __init__(self, path: Path) -> None:
        self._file = apsw.Connection(str(path))
        self._file.set_busy_timeout(BUSY_MS)
        self._file.execute("PRAGMA journal_mode=WAL")
        # A power cut may forget some minutes of counting, which costs nobody a mail.
        self._file.execute("PRAGMA synchronous=OFF")
        with self._file:
            for table in _TABLES:
                self._file.execute(f"CREATE TABLE IF NOT EXISTS {table}")
            for index in _INDEXES:
                self._file.execute(index)
            self._former()
        self._sent: OrderedDict[str, Sent] = OrderedDict()
        self._minute = 0
        self._swept = 0

    def of(self, scope: str, minute: int) -> Sent:
        """What ``scope`` sent in the hour and the day that end with ``minute``."""
        if minute < self._minute:  # the clock was put back
            self._sent.clear()
        self._minute = minute
        found = self._sent.get(scope)
        if found is None:
            found = self._sent[scope] = read_sent(self._file, scope, minute)
            if len(self._sent) > SCOPES:
                self._sent.popitem(last=False)
        self._sent.move_to_end(scope)
        found.slide(minute)
        return found

    def add(
        self,
        scopes: Sequence[str],
        minute: int,
        counts: tuple[int, int, int],
        login: str = "",
        recipients: Iterable[str] = (),
    ) -> None:
        """One mail of ``login`` to ``recipients``, who are known from now on."""
        day = minute // 1440
        kept = self.of(login, minute).day.sums[2] < KNOWN_A_DAY if login else False
        with self._file:
            for scope in scopes:
                self._file.execute(ADD_MINUTE, (scope, minute, *counts))
                self._file.execute(ADD_SLOT, (scope, minute // SLOT, *counts))
            if kept:
                rows = [(login, recipient, day, KNOWN_EVERY) for recipient in recipients]
                self._file.executemany(_KNOW, rows)
        for scope in scopes:
            self.of(scope, minute).add(minute, counts)
        if minute != self._swept:
            self._sweep(minute)

    def knows(self, login: str, recipient: str) -> bool:
        rows = self._file.execute(
            "SELECT 1 FROM known WHERE login = ? AND recipient = ?", (login, recipient)
        ).fetchall()
        return bool(rows)

    def refused(self, scopes: Iterable[str], *what: int | str) -> None:
        """``what``: at, login, level, figure, most, used, frees."""
        with self._file:
            self._file.executemany(
                "INSERT OR REPLACE INTO refused VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                [(scope, *what) for scope in scopes],
            )

    def close(self) -> None:
        self._file.close()

    def _sweep(self, minute: int) -> None:
        """A bounded part of what is too old, once a minute."""
        self._swept = minute
        ages = (minute - MINUTES, minute // SLOT - SLOTS, minute // 1440 - KNOWN_DAYS, (minute - 43200) * 60)
        for statement, age in zip(_SWEEPS, ages, strict=True):
            self._file.execute(statement, (age, SWEEP_ROWS))

    def _former(self) -> None:
        """Until issue 5 an account's recipients alone were counted, in ``sent``."""
        if self._file.execute("SELECT 1 FROM sqlite_master WHERE name = 'sent'").fetchall():
            self._file.execute("INSERT OR IGNORE INTO minutes SELECT account, minute, n, n, 0 FROM sent")
            self._file.execute(
                f"INSERT OR IGNORE INTO slots SELECT account, minute / {SLOT}, sum(n), sum(n), 0 FROM sent"  # noqa: S608 (constant)
                " GROUP BY 1, 2"
            )
            self._file.execute("DROP TABLE sent")


def read_sent(file: apsw.Connection, scope: str, minute: int) -> Sent:
    """As it stands in the file."""
    slot = minute // SLOT
    hours = file.execute(MINUTES_OF, (scope, minute - MINUTES, minute)).fetchall()
    days = file.execute(SLOTS_OF, (scope, slot - SLOTS, slot)).fetchall()
    found = Sent()
    _fill(found.hour, hours)
    _fill(found.day, days)
    return found


def _fill(window: Window, rows: Iterable[Sequence[object]]) -> None:
    for row in rows:
        bucket: Bucket = [int(str(value)) for value in row]
        window.buckets.append(bucket)
        for place in range(3):
            window.sums[place] += bucket[place + 1]
