"""How the nodes' logs are read: what came, what is behind, what was lost, and what nobody understood."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass

from django.db.models import Count, Max, QuerySet, Sum
from django.db.models.functions import Upper
from django.utils import timezone

from delivery.alerts.rules import NODE_BEHIND, NODE_SILENT
from delivery.models import LogFile, NodeHealth, Unparsed
from delivery.selectors import Key
from delivery.text import inert
from lib import timekey
from provision.models import Node

PAGE = 50
SHAPES = 100
LOOKED_AT = 50_000  # lines that are grouped, the newest
LEAST = 3  # characters that the index of trigrams finds
LINE_MAX = 20_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Log:
    """One log of one node. ``told_at``: when its shipper last said how it fares; None: never. ``behind``:
    bytes, ``age``: seconds of the oldest line that is not here, ``lost``: files that went away unread."""

    node: Node
    name: str
    files: int
    lines: int
    unparsed: int
    heard_at: dt.datetime | None
    told_at: dt.datetime | None
    behind: int
    age: int
    lost: int

    @property
    def silent(self) -> bool:
        last = max(filter(None, (self.heard_at, self.told_at)), default=None)
        return last is None or (timezone.now() - last).total_seconds() > NODE_SILENT

    @property
    def late(self) -> bool:
        return self.age > NODE_BEHIND

    @property
    def calm(self) -> bool:
        return not (self.silent or self.late or self.lost)

    @property
    def waited(self) -> dt.timedelta:
        return dt.timedelta(seconds=self.age)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """Lines that differ in names and numbers alone; ``newest``: one of them, as it is."""

    shape: str
    lines: int
    newest: Unparsed

    @property
    def text(self) -> str:
        return inert(self.newest.raw)

    @property
    def covered(self) -> str:
        return covered(self.newest.raw)


@dataclass(frozen=True, slots=True, kw_only=True)
class UnparsedQuery:
    """``q``: any part of the line, at least LEAST characters. ``day``: of UTC. ``shape``: alike ones."""

    q: str = ""
    node: int | None = None
    day: dt.date | None = None
    shape: str = ""
    before: Key | None = None


def logs() -> list[Log]:
    """By node and log. Three queries."""
    counted = LogFile.objects.order_by().values_list("node_id", "log")
    files = {
        (node, name): rest
        for node, name, *rest in counted.annotate(
            Count("pk"), Sum("lines"), Sum("unparsed"), Max("last_seen_at")
        )
    }
    health = {one.node_id: one for one in NodeHealth.objects.all()}
    found = []
    for node in Node.objects.order_by("name"):
        told = health.get(node.pk)
        names = {name for pk, name in files if pk == node.pk} | set(told.logs if told else ())
        found += [_log(node, name, files.get((node.pk, name)), told) for name in sorted(names)]
    return found


def _log(node: Node, name: str, counted: list[object] | None, told: NodeHealth | None) -> Log:
    number, lines, unparsed, heard = counted or (0, 0, 0, None)
    says = told.logs.get(name, {}) if told else {}
    return Log(
        node=node,
        name=name,
        files=_int(number),
        lines=_int(lines),
        unparsed=_int(unparsed),
        heard_at=heard if isinstance(heard, dt.datetime) else None,
        told_at=told.told_at if told else None,
        behind=_int(says.get("behind")),
        age=_int(says.get("age")),
        lost=_int(says.get("lost")),
    )


def _int(value: object) -> int:
    return int(value) if isinstance(value, int | float) else 0


def shapes(query: UnparsedQuery) -> list[Shape]:
    """Of the newest LOOKED_AT lines that fit, those that are most. Two queries."""
    newest = _found(query).order_by("-pk").values("pk")[:LOOKED_AT]
    grouped = Unparsed.objects.filter(pk__in=newest).order_by().values_list("shape")
    counted = list(grouped.annotate(n=Count("pk"), last=Max("pk")).order_by("-n", "-last")[:SHAPES])
    rows = {
        row.pk: row
        for row in Unparsed.objects.filter(pk__in=[last for *_, last in counted]).select_related(
            "node", "file"
        )
    }
    return [Shape(shape=shape, lines=n, newest=rows[last]) for shape, n, last in counted if last in rows]


def unparsed(query: UnparsedQuery) -> tuple[list[Unparsed], Key | None]:
    """PAGE lines, the newest first, and where the older ones begin. One query."""
    found = _found(query)
    if query.before is not None:
        found = found.filter(pk__lt=query.before.pk)
    rows = list(found.select_related("node", "file").order_by("-pk")[: PAGE + 1])
    return rows[:PAGE], Key.of(rows[PAGE - 1]) if len(rows) > PAGE else None


def _found(query: UnparsedQuery) -> QuerySet[Unparsed]:
    found = Unparsed.objects.all()
    if query.q:
        found = found.annotate(upper=Upper("raw")).filter(upper__contains=query.q.upper())  # as in the index
    if query.node is not None:
        found = found.filter(node_id=query.node)
    if query.day is not None:
        first, last = timekey.bounds(query.day)
        found = found.filter(pk__gte=first, pk__lt=last)
    return found.filter(shape=query.shape) if query.shape else found


_HIDE = (
    (re.compile(r"[^\s<>@=,;:()\[\]\"']{1,200}@[^\s<>@=,;()\[\]\"']{1,255}"), "somebody@example.org"),
    (re.compile(r"(?<![\w.])\d{1,3}(?:\.\d{1,3}){3}(?![\w.])"), "192.0.2.1"),
    (
        re.compile(r"(?i)(?<![\w:])(?:(?:[0-9a-f]{1,4}:){3,7}|[0-9a-f:]{0,30}::)[0-9a-f:.]{0,40}"),
        "2001:db8::1",
    ),
    (
        re.compile(r"(?i)(\b(?:user|username|sasl_username|login|helo|subject)(?:=|: )<?)[^\s<>,]{1,400}"),
        r"\1hidden",
    ),
    (re.compile(r"(?i)(header subject: ).*?( from \S+; from=|\Z)"), r"\1hidden\2"),
    (
        re.compile(
            r"(?i)\b(?:[a-z0-9_-]{1,63}\.){1,8}(?!py\b|c\b|conf\b|sieve\b|log\b|cf\b)[a-z]{2,24}\b(?!\()"
        ),
        "host.example.org",
    ),
)


def covered(raw: str) -> str:
    """``raw`` for a report to strangers: without mail and IP addresses, hosts, people, subjects."""
    text = inert(raw[:LINE_MAX])
    for pattern, instead in _HIDE:
        text = pattern.sub(instead, text)
    return text
