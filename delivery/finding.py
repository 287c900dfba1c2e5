"""Rows that fit what was searched for: by the index of words, then each term by the field it names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from string import punctuation
from typing import Any

from django.contrib.postgres.search import SearchQuery
from django.db.models import BooleanField, Exists, F, Func, OuterRef, Q, QuerySet, TextField, Value
from django.db.models.functions import Concat, Lower

from delivery.models import Entry, Message
from delivery.searching import Term

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "from": ("sender", "login"),
    "to": ("address", "via"),
    "subject": ("subject",),
    "server": ("server",),
    "answer": ("reply",),
}
_ADDRESSES = frozenset({"from", "to"})


class WordsQuery(SearchQuery):
    """A literal tsquery: words as they were stored, where to_tsquery would take addresses and names apart."""

    def __init__(self, text: str) -> None:
        super().__init__(text, config="simple", search_type="raw")
        self.text = text

    def as_sql(
        self,
        compiler: Any,
        connection: Any,
        function: str | None = None,
        template: str | None = None,
        arg_joiner: str | None = None,
        **extra_context: Any,
    ) -> Any:
        return "%s::tsquery", [self.text]


def search_query(terms: Sequence[Term]) -> SearchQuery:
    """What every fitting row's words match; the index of (domain_id, words) is asked for it."""
    return WordsQuery(" & ".join(term.query() for term in terms))


class Matches(Func):
    """``words @@ query``, but as a function, which no index answers: for a walk along the newest rows."""

    function = "ts_match_vq"
    output_field = BooleanField()


def found_by(rows: QuerySet[Entry], terms: Sequence[Term], *, walk: bool = False) -> QuerySet[Entry]:
    """Those of ``rows`` that fit every term. ``walk``: see Matches."""
    if not terms:
        return rows.none()
    query = search_query(terms)
    rows = rows.filter(Matches(F("words"), query)) if walk else rows.filter(words=query)
    for term in terms:
        if term.field:
            rows = _within(rows, term)
    return rows


def found_in(
    rows: QuerySet[Entry], terms: Sequence[Term], columns: Mapping[str, tuple[str, ...]]
) -> QuerySet[Entry]:
    """Those of ``rows`` that fit every term by what stands in ``columns`` (as COLUMNS), whatever their words
    say."""
    for term in terms:
        fits = Q()
        for field in [term.field] if term.field else ["queue", "id", *columns]:
            rows, one = _fits(rows, replace(term, field=field), columns)
            fits |= one
        rows = rows.filter(fits)
    return rows


def _within(rows: QuerySet[Entry], term: Term) -> QuerySet[Entry]:
    rows, fits = _fits(rows, term, COLUMNS)
    return rows.filter(fits)


def _fits(
    rows: QuerySet[Entry], term: Term, columns: Mapping[str, tuple[str, ...]]
) -> tuple[QuerySet[Entry], Q]:
    if term.field == "queue":
        return rows, Q(queue_id__istartswith=term.whole)
    if term.field == "id":
        here = Message.objects.filter(pk=OuterRef("message_id"))
        starts = Q(header_id__istartswith=term.whole) | Q(header_id__istartswith=f"<{term.whole}")
        return rows, Q(Exists(here.filter(starts)))
    fits = Q()
    for column in columns[term.field]:
        if term.field in _ADDRESSES:
            fits |= Q(**{f"{column}__istartswith": term.whole}) | Q(
                **{f"{column}__icontains": f"@{term.whole}"}
            )
            rows = rows.alias(**{f"{column}_words": _words(_local(column))})
        else:
            rows = rows.alias(**{f"{column}_words": _words(F(column))})
        if term.parts:
            fits |= Q(*(Q(**{f"{column}_words__contains": f" {part}"}) for part in term.parts))
    return rows, fits


def _local(column: str) -> Func:
    return Func(F(column), Value("@"), Value(1), function="split_part", output_field=TextField())


def _words(text: F | Func) -> Concat:
    """Lower case, every word after a space."""
    spaced = Func(
        Lower(text),
        Value(punctuation),
        Value(" " * len(punctuation)),
        function="translate",
        output_field=TextField(),
    )
    return Concat(Value(" "), spaced, output_field=TextField())
