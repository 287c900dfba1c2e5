"""Whatever colour is typed, words in it can be read."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from lib import colour

ANY = st.integers(0, 0xFFFFFF).map(lambda number: f"#{number:06x}")


@pytest.mark.parametrize(
    ("typed", "is_"),
    [
        ("#1a5fb4", "#1a5fb4"),
        (" 1A5FB4 ", "#1a5fb4"),
        ("#15b", "#1155bb"),
        ("rgb(26, 95, 180)", "#1a5fb4"),
        ("rgb 26 95 180", "#1a5fb4"),
    ],
)
def test_colours_as_people_type_them(typed: str, is_: str) -> None:
    assert colour.parse(typed) == is_


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "red",
        "#12345",
        "#1234567",
        "#12345g",
        "rgb(26, 95, 256)",
        "url(//evil.example)",
        "#fff;} body{",
        "＃１ａ５ｆｂ４",
        "#١٢٣",
    ],
)
def test_what_is_no_colour(typed: str) -> None:
    assert colour.parse(typed) is None


@given(st.text())
def test_parse_gives_a_colour_or_none(typed: str) -> None:
    found = colour.parse(typed)
    assert found is None or (len(found) == 7 and colour.parse(found) == found)


def test_contrast_is_that_of_wcag() -> None:
    assert colour.contrast("#000000", "#ffffff") == pytest.approx(21)
    assert colour.contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)
    assert colour.contrast("#ffffff", "#777777") == colour.contrast("#777777", "#ffffff")


@given(ANY)
@example("#000000")
@example("#ffffff")
@example("#ffd400")
def test_every_colour_becomes_readable_on_every_ground(typed: str) -> None:
    pair = colour.readable(typed)
    assert colour.worst(pair.light, colour.LIGHT) >= colour.READABLE
    assert colour.worst(pair.dark, colour.DARK) >= colour.READABLE


@given(ANY)
def test_what_is_readable_stays_and_a_second_time_changes_nothing(typed: str) -> None:
    pair = colour.readable(typed)
    assert colour.readable(pair.light).light == pair.light
    assert colour.readable(pair.dark).dark == pair.dark


@given(ANY)
def test_no_darker_or_lighter_than_needed(typed: str) -> None:
    """Only the hue that was asked for, as near as can be: a step less would not do."""
    light = colour.readable(typed).light
    if light != typed:
        assert colour.worst(light, colour.LIGHT) < colour.READABLE + 0.25
