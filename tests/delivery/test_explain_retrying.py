"""When it is tried again: as Postfix does it with the settings that we leave alone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from delivery.explain import next_try

BEGAN = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)
CONFIG = Path(__file__).parents[2] / "deploy" / "postfix"
SETTINGS = (
    "minimal_backoff_time",
    "maximal_backoff_time",
    "queue_run_delay",
    "maximal_queue_lifetime",
    "bounce_queue_lifetime",
)


def test_the_settings_are_postfixs_own() -> None:
    """Who sets one of them tells delivery.explain.retrying."""
    text = (CONFIG / "main.cf").read_text(encoding="utf-8") + (CONFIG / "master.cf").read_text(
        encoding="utf-8"
    )
    assert [name for name in SETTINGS if name in text] == []


def test_not_tried_yet() -> None:
    found = next_try(BEGAN, None, 0)
    assert (found.earliest, found.last) == (BEGAN, False)


def test_first_after_five_minutes_then_as_long_as_it_waited_then_hourly() -> None:
    soon = next_try(BEGAN, BEGAN + timedelta(seconds=2), 1)
    assert soon.earliest == BEGAN + timedelta(seconds=302)
    assert soon.latest == BEGAN + timedelta(seconds=602)
    doubled = next_try(BEGAN, BEGAN + timedelta(seconds=900), 3)
    assert doubled.earliest == BEGAN + timedelta(seconds=1800)
    late = next_try(BEGAN, BEGAN + timedelta(days=2), 40)
    assert late.earliest == BEGAN + timedelta(days=2, seconds=4000)
    assert not late.last


def test_given_up_after_five_days() -> None:
    found = next_try(BEGAN, BEGAN + timedelta(days=5, seconds=-100), 100)
    assert found.gives_up == BEGAN + timedelta(days=5)
    assert found.last


@given(st.timedeltas(timedelta(days=-1), timedelta(days=9)), st.integers(-1, 1000))
def test_the_next_try_is_always_ahead(waited: timedelta, attempts: int) -> None:
    found = next_try(BEGAN, BEGAN + waited, attempts)
    assert found.latest > found.earliest
    if attempts > 0:
        assert found.earliest >= BEGAN + waited + timedelta(seconds=300)
