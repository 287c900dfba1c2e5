"""The small things that every page draws."""

from __future__ import annotations

import datetime as dt

import pytest
from django import forms
from django.utils import timezone, translation

from lib import numbers
from lib.templatetags import ui


@pytest.mark.parametrize(
    ("used", "total", "unit", "text"),
    [
        (860, 2048, "MB", "0.84 of 2 GB"),
        (0, 2048, "MB", "0 of 2 GB"),
        (None, 500, "MB", "0 of 500 MB"),
        (11_469, 20_480, "MB", "11.2 of 20 GB"),
        (14, 25, "", "14 of 25"),
        (1204, 13_000, "messages", "1,204 of 13,000 messages"),
    ],
)
def test_used_of(used: float | None, total: float, unit: str, text: str) -> None:
    assert ui.used_of(used, total, unit) == text


@pytest.mark.parametrize(
    ("number", "english", "spanish"),
    [
        (0, "0", "0"),
        (999, "999", "999"),
        (1204, "1,204", "1204"),
        (9999, "9,999", "9999"),
        (10_000, "10,000", "10.000"),
        (1_234_567, "1,234,567", "1.234.567"),
        (-1204, "-1,204", "-1204"),
        (-12_345, "-12,345", "-12.345"),
        (1204.5, "1,204.5", "1204,5"),
    ],
)
def test_thousands_stand_apart_as_the_language_does_it(number: float, english: str, spanish: str) -> None:
    with translation.override("en"):
        assert ui.count(number) == english
    with translation.override("es"):
        assert ui.count(number) == spanish


def test_sizes_are_written_as_the_language_does_it() -> None:
    with translation.override("es"):
        assert ui.size(1536) == "1,5 KB"
        assert ui.size(1023 * 1024**2) == "1023 MB"
        assert ui.mb(12_345 * 1024**2) == "12.345 TB"


@pytest.mark.parametrize(
    ("used", "total", "percent", "css"),
    [
        (0, 0, 0, ""),
        (5, 0, 0, ""),
        (84.9, 100, 84, ""),
        (85, 100, 85, "warn"),
        (99.9, 100, 99, "warn"),
        (100, 100, 100, "full"),
        (250, 100, 100, "full"),
    ],
)
def test_meters_warn_before_they_are_full(used: float, total: float, percent: int, css: str) -> None:
    assert ui.meter_state(used, total) == {"percent": percent, "css": css}


@pytest.mark.parametrize(
    ("used", "word"), [(84, None), (85, "Nearly all used"), (100, "All used"), (101, "Over the limit")]
)
def test_a_calm_meter_is_never_red(used: float, word: str | None) -> None:
    state = ui.meter_state(used, 100, calm=True)
    assert state["css"] == ("warn" if word else "")
    assert state.get("word") == word


@pytest.mark.parametrize(
    ("number", "text"), [(None, ""), (0, "0 bytes"), (1, "1 byte"), (1536, "1.5 KB"), (5 * 1024**3, "5 GB")]
)
def test_size(number: int | None, text: str) -> None:
    assert ui.size(number) == text


def test_an_address_is_inert_and_breaks_at_its_at() -> None:
    assert (
        ui.address("<b>@x.test") == '<span class="addr">&lt;b&gt;<wbr><span class="at">@x.test</span></span>'
    )
    assert ui.address("<b>") == '<span class="addr">&lt;b&gt;</span>'


@pytest.mark.parametrize(
    ("ago", "part"),
    [
        (dt.timedelta(seconds=4), "4 s ago"),
        (dt.timedelta(minutes=4, seconds=10), "4 min ago, "),
        (dt.timedelta(days=1), "yesterday "),
        (dt.timedelta(days=800), ", "),
    ],
)
def test_when_counts_near_times_from_now(ago: dt.timedelta, part: str) -> None:
    moment = timezone.now() - ago
    drawn = ui.when(moment)
    assert part in drawn
    assert timezone.localtime(moment).isoformat(timespec="seconds") in drawn
    assert ui.when(None) == ""


@pytest.mark.parametrize(
    ("back", "said"),
    [
        (dt.timedelta(0), "12:00:00"),
        (dt.timedelta(days=1), "19 Nov, 12:00"),
        (dt.timedelta(days=400), "16 Oct 2025, 12:00"),
    ],
)
def test_in_a_list_today_is_a_clock_time(
    monkeypatch: pytest.MonkeyPatch, back: dt.timedelta, said: str
) -> None:
    now = dt.datetime(2026, 11, 20, 12, tzinfo=dt.UTC)
    monkeypatch.setattr(timezone, "now", lambda: now)

    assert f">{said}<" in ui.clock(now - back)
    assert ui.clock(None) == ""


class _Form(forms.Form):
    local = forms.CharField(
        help_text="Letters.", widget=forms.TextInput(attrs={"class": "mono", "placeholder": "x"})
    )


def test_a_control_is_tied_to_its_hint_and_error() -> None:
    drawn = ui.control(_Form({"local": ""})["local"])
    assert 'class="input mono"' in drawn
    assert 'aria-describedby="id_local-h id_local-e"' in drawn
    assert 'aria-invalid="true"' in drawn
    assert "placeholder" not in drawn


def test_numbers_in_sentences_follow_the_language() -> None:
    assert (numbers.written("0.1"), numbers.written(12_345)) == ("0.1", "12,345")
    with translation.override("es"):
        assert (numbers.written("0.1"), numbers.written(12_345)) == ("0,1", "12.345")
