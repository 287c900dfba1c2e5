"""What the panel's log says of a request."""

from __future__ import annotations

import logging
from typing import Any

import pytest
from django.conf import settings

from lib.logs import AwayFilter, TokenFilter, without_tokens


def test_every_line_of_the_panel_goes_through_the_filter() -> None:
    how: dict[str, Any] = settings.LOGGING
    assert all("tokens" in handler["filters"] for handler in how["handlers"].values())


def test_tokens_are_taken_out_and_other_paths_stay_readable() -> None:
    line = "Not Found: /domains/panaderia-luna.test/mailboxes/"
    assert without_tokens(line) == line
    path = "Forbidden: /accounts/password/reset/key/6-difw8e-a79ccbb65a5ee23256673a/"
    assert without_tokens(path) == "Forbidden: /accounts/password/reset/key/…/"


def test_lines_that_are_about_no_request_stay_as_they_are() -> None:
    text = "kept in /var/lib/postroom/a-folder-with-a-rather-long-name"
    record = logging.LogRecord("x", logging.INFO, "x", 1, "%s", (text,), None)
    assert TokenFilter().filter(record)
    assert record.getMessage() == text


@pytest.mark.parametrize(("status", "kept"), [(403, False), (503, False), (500, True)])
def test_who_may_not_fills_no_log_with_tracebacks(status: int, kept: bool) -> None:
    what = (ValueError, ValueError("x"), None)
    record = logging.LogRecord("django.request", logging.WARNING, "x", 1, "x", (), what)
    record.status_code = status
    assert AwayFilter().filter(record)
    assert bool(record.exc_info) is kept
