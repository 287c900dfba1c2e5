"""An article, or a line of the glossary, for one reader."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.safestring import SafeString

from guides.learn import marks
from guides.learn.blocks import block_shown
from guides.learn.library import Article, Library, Term, library
from guides.learn.scope import Scope
from guides.learn.searching import folded
from guides.learn.values import value_shown

LEARN, TERM, PAGE = "learn", "term", "page"


@dataclass(frozen=True, slots=True)
class Reader:
    """What marks.shown asks for."""

    scope: Scope

    def value(self, name: str) -> SafeString:
        return value_shown(self.scope, name)

    def block(self, name: str) -> SafeString:
        return block_shown(self.scope, name)

    def link(self, scheme: str, name: str) -> str:
        if scheme == LEARN:
            return self.scope.url("article", name)
        if scheme == TERM:
            return f"{self.scope.url('glossary')}#{name}"
        return self.scope.page(name)


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """An article in a list."""

    slug: str
    url: str
    title: str
    summary: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A term in the glossary. ``more``: where its article is, or empty."""

    key: str
    word: str
    text: str
    also: str
    more: str


def card(scope: Scope, article: Article) -> Card:
    text = article.text(scope.language)
    return Card(
        slug=article.slug,
        url=scope.url("article", article.slug),
        title=text.title,
        summary=text.summary,
    )


def shelves(scope: Scope) -> list[tuple[str, list[Card]]]:
    """All groups with their articles, in the order of the contents."""
    books = library()
    return [
        (group.title[scope.language], [card(scope, books.articles[slug]) for slug in group.articles])
        for group in books.groups
    ]


def line(scope: Scope, term: Term) -> Line:
    meaning = term.meaning(scope.language)
    return Line(
        key=term.key,
        word=meaning.word,
        text=meaning.text,
        also=", ".join(meaning.also),
        more=scope.url("article", term.article) if term.article else "",
    )


def letters(scope: Scope) -> list[tuple[str, list[Line]]]:
    """The glossary from A to Z, as the reader's language sorts it; what begins with a digit comes first."""
    lines = sorted(
        (line(scope, term) for term in library().terms.values()), key=lambda each: folded(each.word)
    )
    found: dict[str, list[Line]] = {}
    for each in lines:
        first = folded(each.word)[:1].upper()
        found.setdefault(first if first.isalpha() else "0–9", []).append(each)
    return list(found.items())


def page(scope: Scope, article: Article) -> dict[str, Any]:
    """Context of article.html."""
    books: Library = library()
    text = article.text(scope.language)
    before, after = books.beside(article.slug)
    group = next(each for each in books.groups if each.key == article.group)
    return {
        "article": article,
        "text": text,
        "body": marks.shown(text.body, Reader(scope)),
        "group": group.title[scope.language],
        "before": card(scope, before) if before else None,
        "after": card(scope, after) if after else None,
        "related": [card(scope, books.articles[slug]) for slug in article.related],
        "subject": f"learn:{article.slug}",
    }
