"""The newest rows of a list, quickly for who has five of them and for who has millions.

What is frequent is found by a walk along the newest rows, what is rare by the index of words, a few days at a
time, newest first. Which of them it is, is known when the walk has seen WALK rows: it found enough, or it
came to the list's end, or the index goes on from there."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.contrib.postgres.search import SearchQuery
from django.db import OperationalError, connection
from django.db.models import BigIntegerField, BooleanField, F, Func, QuerySet
from django.db.models.expressions import CombinedExpression, Value
from psycopg2.errors import QueryCanceled

from delivery.models import Entry
from lib import timekey

WALK = 3000  # rows
# That the index is asked for; then all that is left. What is rarer than a page in WALK rows is some hundred
# rows in two days of millions.
WINDOW = timedelta(days=2)
PATIENCE = 5.0  # seconds that a page may look


class TooLongError(Exception):
    """The database looked for PATIENCE seconds and was not through."""


@contextmanager
def patient() -> Iterator[None]:
    """Questions in here are ended after PATIENCE. Raises TooLongError. From outside, as setting a limit would
    be two questions more for every page."""
    connection.ensure_connection()
    timer = threading.Timer(PATIENCE, connection.connection.cancel)
    timer.start()
    try:
        yield
    except OperationalError as error:
        if isinstance(error.__cause__, QueryCanceled):
            raise TooLongError from error
        raise
    finally:
        # It must be through with it: the next question is not to be ended.
        timer.cancel()
        timer.join()


class AmongThem(Func):
    """``column`` is the id of one of ``rows``, which are read once, beforehand. A list of a thousand ids in
    the statement would be weighed against each partition by the planner, for 40 ms."""

    template = "(%(expressions)s))"
    arg_joiner = " = ANY("
    output_field = BooleanField()

    def __init__(self, column: str, rows: QuerySet[Any]) -> None:
        super().__init__(unindexed(column), ArraySubquery(rows.order_by().values("pk")))


def unindexed(column: str) -> CombinedExpression:
    """The column as a sum, which no index answers: the planner takes any list of ids for a short one."""
    return CombinedExpression(F(column), "+", Value(0), output_field=BigIntegerField())


def newest(scope: QuerySet[Entry], walk: QuerySet[Entry], find: QuerySet[Entry], many: int) -> list[Entry]:
    """The ``many`` newest. ``scope``: all that the list could show; ``walk`` and ``find``: those of it that
    fit, asked so that no index of words is used, and so that it is."""
    edge = scope.order_by("-pk").values_list("pk", flat=True)[WALK : WALK + 1].first()
    if edge is None:
        return list(walk.defer("words").order_by("-pk")[:many])
    rows = list(walk.filter(pk__gt=edge).defer("words").order_by("-pk")[:many])
    left = many - len(rows)
    if left:
        # One after the other: the database looks among the older ones when the newer were not enough.
        found, lower = find.defer("words"), timekey.floor(timekey.moment(edge) - WINDOW)
        newer = found.filter(pk__lte=edge, pk__gt=lower).order_by(unindexed("pk").desc())[:left]
        older = found.filter(pk__lte=lower).order_by(unindexed("pk").desc())[:left]
        rows += sorted(newer.union(older, all=True)[:left], key=lambda row: -row.pk)
    return rows


class Marks(SearchQuery):
    """A tsquery as it is written: to_tsquery would take a mark for several words."""

    def __init__(self, query: str) -> None:
        super().__init__(query, search_type="raw")
        self.query = query

    def as_sql(  # type: ignore[override]  # each class above it has other arguments
        self, compiler: Any, connection: Any, *_args: Any, **_more: Any
    ) -> tuple[str, list[str]]:
        return "%s::tsquery", [self.query]


def marked(marks: Sequence[Sequence[str]]) -> Marks:
    """Rows whose words hold one mark (text.mark) of each list."""
    ways = (" | ".join(f"'{mark}'" for mark in several) for several in marks)
    return Marks(" & ".join(f"({way})" for way in ways))
