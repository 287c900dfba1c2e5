"""The articles and the glossary: whole in both languages, and nothing in them leads nowhere."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.core.validators import validate_slug

from guides.catalog import LANGUAGES
from guides.learn import marks
from guides.learn.blocks import BLOCKS
from guides.learn.library import HERE, Article, BookWrong, library, read
from guides.learn.scope import PAGES
from guides.learn.values import NAMES

BOOKS = library()
TEXTS = [
    pytest.param(article, language, id=f"{slug}-{language}")
    for slug, article in BOOKS.articles.items()
    for language in LANGUAGES
]
# What is commonly said and wrong (PRODUCT.md); only common-mistakes may say it, to take it back.
WRONG = (
    r"465 is (deprecated|outdated|obsolete)",
    r"465 (es|está) obsoleto",
    r"POP3? (always )?(removes|deletes)",
    r"POP3? (siempre )?(borra|elimina) ",
    r"highest (number|priority number) (is tried )?first",
)


def test_every_folder_is_in_the_contents() -> None:
    folders = {path.name for path in (HERE / "articles").iterdir() if path.is_dir()}
    assert folders == set(BOOKS.articles)
    assert len(BOOKS.articles) >= 30


@pytest.mark.parametrize(("article", "language"), TEXTS)
def test_an_article_is_whole(article: Article, language: str) -> None:
    text = article.text(language)
    validate_slug(article.slug)
    assert text.title
    assert not text.title.endswith(".")
    assert text.summary.endswith(".")
    assert "\n" not in text.summary
    assert text.words
    assert 150 <= len(text.body.split()) <= 450
    assert not re.search(r"^# ", text.body, re.MULTILINE), "the title is the page's only h1"


@pytest.mark.parametrize(("article", "language"), TEXTS)
def test_what_it_names_is_there(article: Article, language: str) -> None:
    body = article.text(language).body
    assert marks.values_in(body) <= NAMES
    assert marks.blocks_in(body) <= set(BLOCKS)
    known = {"learn": BOOKS.articles, "term": BOOKS.terms, "page": PAGES}
    for href in marks.links_in(body):
        scheme, _colon, name = href.partition(":")
        assert scheme == "https" or name in known[scheme], href
    assert not re.search(r"\]\((?:learn|term|page):", marks_left(body)), "a link that Markdown did not take"


def marks_left(body: str) -> str:
    """What stands in the text once Markdown has read it."""
    tokens = (child for token in marks._parsed(body) for child in token.children or [])
    return " ".join(token.content for token in tokens if token.type == "text")


@pytest.mark.parametrize("slug", BOOKS.articles)
def test_both_languages_say_the_same(slug: str) -> None:
    first, *others = (BOOKS.articles[slug].text(language).body for language in LANGUAGES)
    for other in others:
        assert sorted(marks.links_in(first)) == sorted(marks.links_in(other))
        assert marks.values_in(first) == marks.values_in(other)
        assert marks.blocks_in(first) == marks.blocks_in(other)
        assert first.count("\n## ") == other.count("\n## ")
        assert first != other


@pytest.mark.parametrize(("article", "language"), TEXTS)
def test_nothing_wrong_is_repeated(article: Article, language: str) -> None:
    if article.slug != "common-mistakes":
        for wrong in WRONG:
            assert not re.search(wrong, article.text(language).body, re.IGNORECASE), wrong


def test_related_articles_are_there() -> None:
    for article in BOOKS.articles.values():
        assert article.related
        assert set(article.related) <= set(BOOKS.articles) - {article.slug}


def test_the_glossary_has_its_words() -> None:
    assert len(BOOKS.terms) >= 60
    assert {"smtp", "pop3", "imap", "relay", "client", "mx"} <= set(BOOKS.terms)
    for key, term in BOOKS.terms.items():
        assert term.article in {"", *BOOKS.articles}, key
        for language in LANGUAGES:
            meaning = term.meaning(language)
            assert meaning.word, key
            assert 20 <= len(meaning.text) <= 300, key
            assert meaning.text.endswith("."), key
    for language in LANGUAGES:
        words = [term.meaning(language).word for term in BOOKS.terms.values()]
        assert len(words) == len(set(words))


def test_a_file_that_lacks_a_language_is_named(tmp_path: Path) -> None:
    (tmp_path / "articles" / "one").mkdir(parents=True)
    (tmp_path / "glossary.toml").write_text("")
    contents = '[[group]]\nkey = "a"\nen = "A"\nes = "A"\narticles = ["one"]\n'
    (tmp_path / "articles" / "contents.toml").write_text(contents)
    (tmp_path / "articles" / "one" / "en.md").write_text(
        '+++\ntitle="t"\nsummary="s."\nwords=[]\n+++\nText\n'
    )

    with pytest.raises(BookWrong, match=r"one/es\.md"):
        read(tmp_path)


def test_a_head_without_a_title_is_named(tmp_path: Path) -> None:
    (tmp_path / "articles" / "one").mkdir(parents=True)
    contents = '[[group]]\nkey = "a"\nen = "A"\nes = "A"\narticles = ["one"]\n'
    (tmp_path / "articles" / "contents.toml").write_text(contents)
    (tmp_path / "articles" / "one" / "en.md").write_text("+++\nwords=[]\n+++\nText\n")

    with pytest.raises(BookWrong, match=r"one/en\.md.*title"):
        read(tmp_path)
