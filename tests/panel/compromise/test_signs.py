"""What looks like somebody else, and what does not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailboxes.compromise.words import words
from panel.compromise.signs import FAILURES, SPIKE_LEAST, Lately, network, signs


def kinds(**fields: object) -> list[str]:
    return [sign.kind for sign in signs(Lately(**fields))]  # type: ignore[arg-type]  # as a test writes them


def test_a_quiet_login_shows_no_sign() -> None:
    assert kinds(recipients=8, usual=10, right={"192.0.2.1": 3}, networks=["192.0.2.9"], known=40) == []


@pytest.mark.parametrize(
    ("recipients", "usual", "is_spike"),
    [
        (SPIKE_LEAST, None, True),
        (SPIKE_LEAST - 1, None, False),
        (SPIKE_LEAST, SPIKE_LEAST // 5, True),
        (SPIKE_LEAST, SPIKE_LEAST // 5 + 1, False),
        (500, 90, True),
    ],
)
def test_a_spike_is_against_what_is_usual(recipients: int, usual: int | None, is_spike: bool) -> None:
    assert ("spike" in kinds(recipients=recipients, mails=recipients, usual=usual)) is is_spike


def test_one_mail_to_a_whole_club_is_no_spike() -> None:
    assert kinds(recipients=400, mails=3) == []


def test_who_was_allowed_much_sends_much() -> None:
    assert kinds(recipients=900, mails=900, allowed=2000) == []
    assert kinds(recipients=1000, mails=900, allowed=2000) == ["spike"]


def test_wrong_passwords_alone_stop_nobody() -> None:
    assert kinds(failed={"203.0.113.5": 5000}, right={"192.0.2.1": 4}) == []


def test_the_right_password_after_many_wrong_ones_from_there_is_a_guess() -> None:
    assert kinds(failed={"203.0.113.5": FAILURES}, right={"203.0.113.77": 1}) == ["guessed"]
    assert kinds(failed={"203.0.113.5": FAILURES - 1}, right={"203.0.113.5": 1}) == []


def test_a_new_network_that_sends_at_once() -> None:
    known = {"networks": ["192.0.2.1"], "known": 30, "recipients": 15}
    assert kinds(**known, right={"203.0.113.5": 1}) == ["network"]
    assert kinds(**known, right={"192.0.77.5": 1}) == []  # the same provider
    assert kinds(**(known | {"known": 1}), right={"203.0.113.5": 1}) == []  # too new to be known
    assert kinds(**(known | {"recipients": 3}), right={"203.0.113.5": 1}) == []  # a journey


def test_many_recipients_that_do_not_exist() -> None:
    assert kinds(recipients=30, unknown=12) == ["unknown"]
    assert kinds(recipients=50, unknown=12, usual=40) == []


@given(st.text(max_size=60))
def test_no_client_name_breaks_a_network(client: str) -> None:
    assert network(client) == "" or "/" in network(client)


@given(
    st.dictionaries(st.text(max_size=8), st.integers(0, 10**6)),
    st.dictionaries(st.text(max_size=8), st.integers(0, 9)),
    st.integers(0, 10**9),
)
def test_each_sign_has_words(failed: dict[str, int], right: dict[str, int], recipients: int) -> None:
    lately = Lately(recipients=recipients, unknown=recipients, failed=failed, right=right, known=9)
    assert all(words(sign.as_json()) != words({}) for sign in signs(lately))
