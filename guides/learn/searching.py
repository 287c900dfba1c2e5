"""Finding articles and terms by words. Pure. Accents and case do not count; what is asked in one language is
found in a text of the other as well, and shown in the reader's."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from guides.catalog import LANGUAGES
from guides.learn.library import Article, Library, Meaning, Term, library

LONGEST = 100  # characters of a question
MOST = 20
_WORD = re.compile(r"[a-z0-9ñ]+")
_MARKUP = re.compile(r"\[\[[^\]]*\]\]|\]\([^)]*\)|[*_`#|>\[\]]")
# What each place of an article is worth to somebody who looks for a word.
_TITLE, _WORDS, _SUMMARY, _BODY = 12, 8, 4, 1
_OTHER = 0.5  # of a text in another language than the reader's


@dataclass(frozen=True, slots=True)
class Found:
    articles: Sequence[Article]
    terms: Sequence[Term]

    def __bool__(self) -> bool:
        return bool(self.articles or self.terms)


def folded(text: str) -> str:
    """Lower case, without accents: ``Contraseña`` → ``contrasena``."""
    apart = unicodedata.normalize("NFKD", text.lower())
    return "".join(sign for sign in apart if not unicodedata.combining(sign))


def search(query: str, language: str) -> Found:
    """Whatever has all words of ``query``, or begins with them; the best first."""
    words = tuple(dict.fromkeys(_WORD.findall(folded(query[:LONGEST]))))
    if not words:
        return Found((), ())
    index = _index()
    articles = _ranked((index.article(slug, words, language), slug) for slug in index.library.articles)
    terms = _ranked((index.term(key, words, language), key) for key in index.library.terms)
    return Found(
        [index.library.articles[slug] for slug in articles], [index.library.terms[key] for key in terms]
    )


def _ranked(scored: Iterable[tuple[float, str]]) -> list[str]:
    found = [(score, name) for score, name in scored if score > 0]
    return [name for _score, name in sorted(found, key=lambda each: -each[0])[:MOST]]


class _Index:
    def __init__(self, books: Library) -> None:
        self.library = books
        self._articles = {
            (slug, language): _places(article, language)
            for slug, article in books.articles.items()
            for language in LANGUAGES
        }
        self._terms = {
            (key, language): _of_term(term.meaning(language))
            for key, term in books.terms.items()
            for language in LANGUAGES
        }

    def article(self, slug: str, words: Sequence[str], language: str) -> float:
        return self._best(self._articles, slug, words, language)

    def term(self, key: str, words: Sequence[str], language: str) -> float:
        return self._best(self._terms, key, words, language)

    @staticmethod
    def _best(
        places: dict[tuple[str, str], list[tuple[int, str]]], name: str, words: Sequence[str], language: str
    ) -> float:
        scores = (
            _score(places[name, each], words) * (1 if each == language else _OTHER) for each in LANGUAGES
        )
        return max(scores)


def _of_term(meaning: Meaning) -> list[tuple[int, str]]:
    return [(_TITLE, folded(" ".join([meaning.word, *meaning.also]))), (_BODY, folded(meaning.text))]


def _places(article: Article, language: str) -> list[tuple[int, str]]:
    text = article.text(language)
    body = _MARKUP.sub(" ", text.body)
    return [
        (_TITLE, folded(text.title)),
        (_WORDS, folded(" ".join([article.slug.replace("-", " "), *text.words]))),
        (_SUMMARY, folded(text.summary)),
        (_BODY, folded(body)),
    ]


def _score(places: Sequence[tuple[int, str]], words: Sequence[str]) -> float:
    """0 unless every word is somewhere, at the beginning of a word."""
    total = 0.0
    for word in words:
        start = re.compile(rf"(?<![a-z0-9]){re.escape(word)}")
        whole = re.compile(rf"(?<![a-z0-9]){re.escape(word)}(?![a-z0-9])")
        found = [worth * (2 if whole.search(text) else 1) for worth, text in places if start.search(text)]
        if not found:
            return 0.0
        total += sum(found)
    return total


@lru_cache(maxsize=1)
def _index() -> _Index:
    return _Index(library())
