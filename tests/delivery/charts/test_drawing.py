"""Time cut into parts, numbers into bars; nothing here needs a database."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from delivery.charts.drawing import LABELS, bars, nice, nice_size
from delivery.charts.spans import DAYS, RANGES, span
from lib.templatetags.ui import size

MADRID = ZoneInfo("Europe/Madrid")
NUMBERS = st.integers(0, 10_000_000)


@pytest.mark.parametrize(
    ("day", "hours"),
    [(datetime(2026, 3, 29, 12, tzinfo=MADRID), 23), (datetime(2026, 10, 25, 12, tzinfo=MADRID), 25)],
)
def test_a_day_on_which_the_clock_is_changed(day: datetime, hours: int) -> None:
    over = span("7d", day + timedelta(days=1), MADRID)
    begin, end = over.starts[-2:]
    assert end - begin == timedelta(hours=hours)
    found = {over.part_of(begin + timedelta(hours=number)) for number in range(hours)}
    assert found == {begin}


@given(
    st.sampled_from(RANGES),
    st.integers(1_610_000_000, 1_890_000_000).map(lambda second: datetime.fromtimestamp(second, UTC)),
    st.sampled_from(["UTC", "Europe/Madrid", "America/New_York", "Asia/Tokyo"]),
)
def test_every_hour_belongs_to_one_part(key: str, now: datetime, zone: str) -> None:
    over = span(key, now, ZoneInfo(zone))
    assert len(over.starts) == DAYS.get(key, 24)
    assert list(over.starts) == sorted(set(over.starts))
    hour = over.since.replace(minute=0)
    while hour <= now:
        part = over.part_of(hour)
        assert part in over.starts
        assert part <= hour
        hour += timedelta(hours=1 if over.hourly else 7)


@given(st.lists(st.fixed_dictionaries({"a": NUMBERS, "b": NUMBERS}), max_size=95))
def test_bars_stay_in_the_drawing_and_what_is_there_is_seen(columns: list[dict[str, int]]) -> None:
    drawn = bars(columns, [str(n) for n in range(len(columns))], ["a", "b"])
    assert len(drawn.pieces) == sum(number > 0 for column in columns for number in column.values())
    assert len(drawn.labels) <= LABELS
    for piece in drawn.pieces:
        assert float(piece.y) >= -0.02
        assert float(piece.y) + float(piece.height) <= 100.02
        assert float(piece.x) + float(piece.width) <= 100.02
        assert float(piece.height) > 0.5
    if columns:
        assert drawn.labels[-1].now or len(columns) == 1


@given(NUMBERS)
def test_a_round_top(number: int) -> None:
    assert number <= nice(number) <= number * 2.5 or number == nice(number) == 0


@given(st.integers(0, 500 * 2**40))
def test_a_round_top_of_bytes(number: int) -> None:
    top = nice_size(number)
    assert number <= top <= number * 2.56 + 1
    assert number == 0 or re.fullmatch(r"[125]0{0,2} (bytes?|KB|MB|GB|TB)", size(top))


def test_templates_and_styles_hold_to_the_rules() -> None:
    """No inline style, no colour but the tokens', no text below the smallest size."""
    css = Path("static/charts.css").read_text()
    assert "#" not in css
    assert all(f"font-size: var(--t-{size})" in css for size in ("xs", "s"))
    assert "px" not in "".join(
        line for line in css.splitlines() if "font-size" in line and "var(" not in line
    )
    for template in Path("templates/delivery/charts").glob("*.html"):
        text = template.read_text()
        assert "style=" not in text
        assert "font-size" not in text
