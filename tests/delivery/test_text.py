"""Hostile text is inert; what people wrote is readable."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from delivery import text


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("Hello", "Hello"),
        ("=?utf-8?q?Confirmaci=C3=B3n_de_su_reserva?=", "Confirmación de su reserva"),
        ("=?UTF-8?B?w7E=?=? =?UTF-8?B?w7E=?=", "ññ"),  # folded: Postfix prints the newline as "?"
        ("=?iso-8859-1?q?caf=E9?= y =?utf-8?q?t=C3=A9?=", "café y té"),
        ("=?utf-8?q?=FF=FE?=", "=?utf-8?q?=FF=FE?="),
        ("=?rot13?q?uryyb?=", "=?rot13?q?uryyb?="),
        ("=?utf-8?b?not base64?=", "=?utf-8?b?not base64?="),
        ("=?utf-8?b?w7", "=?utf-8?b?w7"),
        (f"{'x' * 170}=?utf-8?q?caf=C3=A9_sol=C3", f"{'x' * 170}café sol…"),
        (f"{'x' * 175} =?utf-8?b?Y2Fmw6kgc2", f"{'x' * 175} café …"),
        (f"{'x' * 185}=?utf-8", f"{'x' * 185}…"),
        ("x" * 191, "x" * 191 + "…"),
        ("safe\u202egpj.exe", "safe⟨U+202E⟩gpj.exe"),
        ("=?utf-8?q?=E2=80=AEgpj?=", "⟨U+202E⟩gpj"),
        ("a\x1b[31mred", "a⟨U+001B⟩[31mred"),
        ("zero\u200bwidth\ufeff", "zero⟨U+200B⟩width⟨U+FEFF⟩"),
        ("👩\u200d🍳 pan", "👩\u200d🍳 pan"),
    ],
)
def test_subjects(raw: str, shown: str) -> None:
    assert text.subject(raw) == shown


@given(st.text(max_size=300))
def test_nothing_unseen_is_left(raw: str) -> None:
    shown = text.subject(raw)
    assert len(shown) <= text.SUBJECT_MAX
    unseen = {"Cc", "Cs", "Co", "Zl", "Zp"}
    assert not any(unicodedata.category(char) in unseen or char in text.HIDDEN for char in shown)
    assert not set(shown) & set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f")


@given(st.lists(st.text(max_size=100), max_size=5))
def test_search_words_are_words(texts: list[str]) -> None:
    for word in text.words(*texts):
        assert word == word.lower() or word.isalnum()
        assert " " not in word
        assert "'" not in word
