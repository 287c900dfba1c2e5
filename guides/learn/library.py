"""The articles and the glossary, read once from their files. Pure: no request, no model.

``articles/contents.toml`` names the groups and, in their order, the articles. An article is a folder with a
text for each of LANGUAGES: ``en.md`` and ``es.md``. Each begins with a TOML head between two lines ``+++``:
``title``, ``summary`` (one sentence), ``words`` (what else people search it by); ``related`` (other articles)
in ``en.md`` alone. What the text may say stands in guides.learn.marks. ``glossary.toml`` has a table for each
term.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from guides.catalog import LANGUAGES

HERE = Path(__file__).parent
HEAD = "+++"


class BookWrong(Exception):
    """A file that cannot be taken: which, and why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """An article in one language. ``body``: Markdown."""

    title: str
    summary: str
    words: Sequence[str]
    body: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    slug: str
    group: str
    related: Sequence[str]
    texts: Mapping[str, Text]

    def text(self, language: str) -> Text:
        return self.texts[language]


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    key: str
    title: Mapping[str, str]
    articles: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Meaning:
    """A glossary term in one language. ``also``: other words for it."""

    word: str
    text: str
    also: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """``article``: the one that says more, or empty."""

    key: str
    article: str
    meanings: Mapping[str, Meaning]

    def meaning(self, language: str) -> Meaning:
        return self.meanings[language]


@dataclass(frozen=True, slots=True, kw_only=True)
class Library:
    """``articles`` by their slug, in the order of the groups."""

    groups: Sequence[Group]
    articles: Mapping[str, Article]
    terms: Mapping[str, Term]

    def beside(self, slug: str) -> tuple[Article | None, Article | None]:
        """The one before and the one after."""
        order = list(self.articles)
        at = order.index(slug)
        before = self.articles[order[at - 1]] if at else None
        after = self.articles[order[at + 1]] if at + 1 < len(order) else None
        return before, after


@lru_cache(maxsize=1)
def library() -> Library:
    return read(HERE)


def read(folder: Path) -> Library:
    """Raises BookWrong."""
    contents = _toml(folder / "articles" / "contents.toml")
    groups = [_group(values) for values in contents["group"]]
    found = {slug: _article(folder, slug, group.key) for group in groups for slug in group.articles}
    terms = {key: _term(key, values) for key, values in _toml(folder / "glossary.toml").items()}
    return Library(groups=groups, articles=found, terms=terms)


def _toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError) as wrong:
        raise BookWrong(f"{path.name}: {wrong}") from wrong


def _group(values: Mapping[str, Any]) -> Group:
    title = {language: str(values[language]) for language in LANGUAGES}
    return Group(key=str(values["key"]), title=title, articles=tuple(values["articles"]))


def _article(folder: Path, slug: str, group: str) -> Article:
    texts, related = {}, ()
    for language in LANGUAGES:
        path = folder / "articles" / slug / f"{language}.md"
        head, texts[language] = _text(path)
        if language == LANGUAGES[0]:
            related = tuple(head.get("related", ()))
    return Article(slug=slug, group=group, related=related, texts=texts)


def _text(path: Path) -> tuple[dict[str, Any], Text]:
    try:
        empty, head, body = path.read_text(encoding="utf-8").split(f"{HEAD}\n", 2)
        values = tomllib.loads(head)
        text = Text(
            title=values["title"], summary=values["summary"], words=tuple(values["words"]), body=body.strip()
        )
    except (OSError, ValueError, KeyError) as wrong:
        raise BookWrong(f"{path.parent.name}/{path.name}: {wrong!r}") from wrong
    if empty.strip() or not text.body:
        raise BookWrong(f"{path.parent.name}/{path.name}: a head between two lines {HEAD}, then a text")
    return values, text


def _term(key: str, values: Mapping[str, Any]) -> Term:
    try:
        meanings = {language: _meaning(values[language]) for language in LANGUAGES}
    except KeyError as wrong:
        raise BookWrong(f"glossary.toml, {key}: {wrong!r}") from wrong
    return Term(key=key, article=str(values.get("article", "")), meanings=meanings)


def _meaning(values: Mapping[str, Any]) -> Meaning:
    return Meaning(word=values["word"], text=values["text"], also=tuple(values.get("also", ())))
