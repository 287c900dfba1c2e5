"""“My mail vanished”: who took mail out of a mailbox, as an answer and not as a log."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count, Max, Q
from django.utils import timezone

from delivery.models import Filed, SignIn
from lib import timekey

DAYS = dt.timedelta(days=30)
SESSIONS = 2000  # looked at
ANSWERS = 30
BOXES = 10
_TOOK = (
    Q(counts__dele__gt=0)
    | Q(counts__expunged__gt=0)
    | Q(counts__has_key="boxes")
    | Q(counts__has_key="folders")
    | Q(counts__has_key="moved")
)
POP, IMAP, SERVER, SORTED = "pop", "imap", "server", "sorted"


@dataclass(slots=True)
class Answer:
    """On ``day`` (the panel's) something took mail away. ``kind``: POP (fetched and removed), IMAP (deleted
    or moved by a program), SERVER (the panel's own clean-up), SORTED (a filter or the spam filter put new
    mail elsewhere). ``boxes``: folder → mails removed from it; ``moved``: folder → mails moved into it;
    ``folders``: whole folders deleted."""

    kind: str
    day: dt.date
    first: dt.datetime
    last: dt.datetime
    program: str = ""
    client: str = ""
    fetched: int = 0
    bytes: int = 0
    removed: int = 0
    boxes: Counter[str] = field(default_factory=Counter)
    moved: Counter[str] = field(default_factory=Counter)
    folders: Counter[str] = field(default_factory=Counter)


def vanished(login: str, *, since: dt.datetime) -> list[Answer]:
    """The latest first, at most ANSWERS. Two queries."""
    begin = timekey.floor(max(since, timezone.now() - DAYS))
    sessions = SignIn.objects.filter(_TOOK, login=login, ok=True, pk__gte=begin).order_by("-pk")[:SESSIONS]
    answers = _by_device(sessions)
    answers += _sorted_away(login, begin)
    return sorted(answers, key=lambda one: one.last, reverse=True)[:ANSWERS]


def _by_device(sessions: Iterable[SignIn]) -> list[Answer]:
    found: dict[tuple[Any, ...], Answer] = {}
    for row in sessions:
        at = row.ended_at or row.at
        kind = {"pop3": POP, "doveadm": SERVER}.get(row.protocol, IMAP)
        day = timezone.localtime(at).date()
        key = (day, kind, row.program, row.client)
        one = found.setdefault(key, Answer(kind, day, at, at, row.program, row.client))
        one.first, one.last = min(one.first, row.at), max(one.last, at)
        _add(one, row.counts)
    # What was copied and not removed is still there.
    return [one for one in found.values() if one.removed or one.folders]


def _add(one: Answer, counts: dict[str, Any]) -> None:
    boxes = Counter(_table(counts, "boxes"))
    one.boxes += boxes
    one.moved += Counter(_table(counts, "moved"))
    one.folders += Counter(_table(counts, "folders"))
    one.fetched += _number(counts, "retr")
    one.bytes += _number(counts, "retr_bytes")
    # A session that has not ended has told only which mails.
    one.removed += max(_number(counts, "dele"), _number(counts, "expunged"), boxes.total())


def _sorted_away(login: str, begin: int) -> list[Answer]:
    rows = Filed.objects.filter(login=login, pk__gte=begin).exclude(what__in=["INBOX", ""])
    stored = rows.filter(action__in=["stored mail into mailbox", "saved mail to"]).order_by()
    boxes = stored.values_list("what").annotate(n=Count("pk"), newest=Max("at")).order_by("-n")[:BOXES]
    return [
        Answer(SORTED, timezone.localtime(newest).date(), newest, newest, moved=Counter({what: n}))
        for what, n, newest in boxes
    ]


def _number(counts: dict[str, Any], name: str) -> int:
    value = counts.get(name)
    return value if isinstance(value, int) else 0


def _table(counts: dict[str, Any], name: str) -> dict[str, int]:
    table = counts.get(name)
    return table if isinstance(table, dict) else {}
