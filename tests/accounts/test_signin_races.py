"""Many sign in as one at the same moment: each is counted, none meets an error."""

from __future__ import annotations

from datetime import timedelta

import pytest

from accounts.models import TryBucket
from accounts.signin import throttle
from tests.racing import race

pytestmark = pytest.mark.django_db(transaction=True)
INES, HOME = "ines@luna.test", "203.0.113.0/24"
AT_ONCE, EACH = 8, 25


def take(network: str = HOME) -> throttle.Try:
    return throttle.take(throttle.PASSWORD, login=INES, network=network)


def test_right_passwords_at_once_count_against_nobody() -> None:
    def sign_ins(_n: int) -> None:
        for _time in range(EACH):
            take().right()

    assert race(AT_ONCE, sign_ins) == [""] * AT_ONCE
    assert not TryBucket.objects.filter(wrong__gt=0).exists()
    assert not TryBucket.objects.filter(level__gt=0.5).exists()


def test_old_rows_are_cleared_away_while_many_try(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(throttle, "FORGET", timedelta(0))  # every row is old as soon as it is there

    def tries(n: int) -> None:
        for time in range(EACH):
            if n % 2:
                throttle.tidy()
            else:
                take(f"198.51.{n}.{time}/32").right()

    assert race(AT_ONCE, tries) == [""] * AT_ONCE


def test_wrong_passwords_at_once_are_all_counted() -> None:
    race(AT_ONCE, lambda _n: take())
    assert TryBucket.objects.filter(wrong=AT_ONCE).count() == 1
