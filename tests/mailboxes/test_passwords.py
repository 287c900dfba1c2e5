"""Passwords and sizes: pure functions."""

from __future__ import annotations

import math
import re

import pytest
from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from lib import passwords
from lib.errors import Refused
from mailboxes.sizes import MAX_MB, parse_mb, written


def test_generated_passwords_hold_sixty_bits_and_can_be_said_aloud() -> None:
    words = passwords.words()
    assert len(set(words)) == len(words)
    assert all(re.fullmatch(r"[a-z]{3,6}", word) for word in words)
    assert passwords.WORDS * math.log2(len(words)) + passwords.DIGITS * math.log2(10) >= 60
    made = {passwords.generate_password() for _unused in range(200)}
    assert len(made) == 200
    for password in made:
        assert re.fullmatch(r"([a-z]{3,6}-){5}[0-9]{3}", password)
        assert passwords.check_mailbox_password(password, "ana@example.test") == password
        assert passwords.strength(password) is passwords.Strength.STRONG


def test_the_hash_is_argon2id_at_the_agreed_cost() -> None:
    hashed = passwords.hash_mailbox_password("{PLAIN}secret")
    assert hashed.startswith("{ARGON2ID}$argon2id$v=19$m=19456,t=2,p=1$")
    assert PasswordHasher().verify(hashed.removeprefix("{ARGON2ID}"), "{PLAIN}secret")


@pytest.mark.parametrize(
    ("password", "said"),
    [
        ("short", "at least 10"),
        ("q7" * 500, "at most 128 characters; this has 1000"),
        ("nul\x00in-the-middle", "one line"),
        ("line\r\nbreak-here", "one line"),
        (" leading-blank", "Remove the space"),
        ("contraseña-larga", "“ñ”"),
        ("zero\u200bwidth-here", "U+200B"),
        ("passwordpassword", "thief"),
        ("ana@example.test", "thief"),
        ("example.test2026!", "thief"),
        ("abababababab", "thief"),
    ],
)
def test_what_would_not_work_or_not_hold_is_refused_with_the_reason(password: str, said: str) -> None:
    with pytest.raises(Refused) as refused:
        passwords.check_mailbox_password(password, "ana@example.test")
    assert said in refused.value.message
    assert refused.value.field == "password"


@given(st.text(max_size=200))
def test_what_is_taken_is_one_line_of_ascii(password: str) -> None:
    try:
        taken = passwords.check_mailbox_password(password, "ana@example.test")
    except Refused:
        taken = ""
    if taken:
        assert taken == password
        assert re.fullmatch(r"[!-~][ -~]{8,126}[!-~]", taken)


@hypothesis_settings(max_examples=15, deadline=None)
@given(st.text(st.characters(min_codepoint=32, max_codepoint=126), min_size=1), st.characters())
def test_a_hash_opens_with_exactly_its_password(password: str, more: str) -> None:
    hashed = passwords.hash_mailbox_password(password).removeprefix("{ARGON2ID}")
    assert PasswordHasher().verify(hashed, password)
    if not 0xD800 <= ord(more) <= 0xDFFF:
        with pytest.raises(VerifyMismatchError):
            PasswordHasher().verify(hashed, password + more)


@given(st.integers(1, MAX_MB))
def test_a_size_is_read_back_as_it_is_written(mb: int) -> None:
    assert parse_mb(written(mb)) == mb


@given(st.text(max_size=40))
def test_any_text_is_a_size_or_refused(text: str) -> None:
    try:
        size = parse_mb(text)
    except Refused:
        size = 1
    assert 1 <= size <= MAX_MB


@pytest.mark.parametrize("text", ["5 MB" + " " * 80 + "x", "1" * 61, "5" + " " * 80 + "GB or so"])
def test_a_long_text_is_read_to_its_end(text: str) -> None:
    with pytest.raises(Refused):
        parse_mb(text)
