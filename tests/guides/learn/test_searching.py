"""The search of Learn: titles, words and texts, in both languages, whatever the accents."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guides.learn.searching import MOST, folded, search


def slugs(query: str, language: str = "en") -> list[str]:
    return [article.slug for article in search(query, language).articles]


@pytest.mark.parametrize(
    ("query", "language", "first"),
    [
        ("port 465", "en", "ports"),
        ("vanished", "en", "my-mail-vanished"),
        ("blacklist", "en", "blocklists"),
        ("mi correo ha desaparecido", "es", "my-mail-vanished"),
        ("contrasena de aplicacion", "es", "app-passwords"),
        ("CONTRASEÑA DE APLICACIÓN", "es", "app-passwords"),
        ("wordpress", "es", "website-forms-and-newsletters"),
        ("phish", "en", "phishing"),
        ("quota", "es", "quota-and-storage"),  # a word of the other language
        ("cuota", "en", "quota-and-storage"),
    ],
)
def test_the_best_comes_first(query: str, language: str, first: str) -> None:
    assert slugs(query, language)[0] == first


def test_every_word_must_be_there() -> None:
    assert slugs("imap zebra") == []
    assert slugs("") == []
    assert slugs("?!") == []


def test_terms_are_found_by_their_other_names() -> None:
    assert "bounce" in [term.key for term in search("mailer-daemon", "en").terms]


def test_accents_and_case_do_not_count() -> None:
    assert folded("Contraseña ÚNICA") == "contrasena unica"


@given(query=st.text(max_size=300), language=st.sampled_from(["en", "es"]))
def test_nothing_breaks_it(query: str, language: str) -> None:
    found = search(query, language)
    assert len(found.articles) <= MOST
    assert len(found.terms) <= MOST
