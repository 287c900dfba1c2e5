"""The queue's keeper: what it reads, what it does, and to whose mails."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nodeagent.backends.base import BackendError
from nodeagent.queue.client import ask_keeper
from nodeagent.queue.entries import RECIPIENTS, waiting
from nodeagent.queue.keeper import Door, Keeper


def line(queue_id: str = "4abcDEF123", sender: str = "ana@a.test", at: int = 100, **more: Any) -> str:
    recipient = {"address": "ben@far.test", "delay_reason": "connect to far.test: timed out"}
    whole = {
        "queue_name": "deferred",
        "queue_id": queue_id,
        "arrival_time": at,
        "message_size": 640,
        "sender": sender,
        "recipients": [recipient],
    }
    return json.dumps(whole | more)


def test_what_waits_is_read_the_oldest_first() -> None:
    found = waiting([line("4later99", at=200), line("4first11", at=100)])
    assert [mail["id"] for mail in found] == ["4first11", "4later99"]
    assert found[0]["recipients"] == [("ben@far.test", "connect to far.test: timed out")]


def test_only_the_senders_that_are_asked_for() -> None:
    lines = [line("4abcdef1", "Ana@a.test"), line("4abcdef2", "ben@b.test"), line("4abcdef3", "")]
    assert [mail["id"] for mail in waiting(lines, {"ana@a.test"})] == ["4abcdef1"]
    assert waiting(lines, set()) == []
    assert len(waiting(lines)) == 3


def test_of_many_recipients_some_are_shown_and_all_are_counted() -> None:
    many = [{"address": f"p{n}@far.test"} for n in range(RECIPIENTS + 7)]
    (mail,) = waiting([line(recipients=many)])
    assert (len(mail["recipients"]), mail["all"]) == (RECIPIENTS, RECIPIENTS + 7)


@given(st.lists(st.text(max_size=60)))
def test_what_is_no_line_of_the_queue_is_passed_over(lines: list[str]) -> None:
    assert len(waiting([*lines, line()])) >= 1


@pytest.mark.parametrize("queue_id", ["", "../../x", "-d", "ALL; rm", "4abc def", "x" * 40])
def test_an_id_that_is_none_is_never_handed_on(queue_id: str) -> None:
    assert waiting([line(queue_id)]) == []


class Tools(Keeper):
    """With its command lines written down instead of run: what root would do."""

    def __init__(self, lines: list[str]) -> None:
        super().__init__(Path("/etc/nowhere"))
        self.lines = lines
        self.ran: list[tuple[list[str], str]] = []

    def _run(self, argv: list[str], stdin: str = "") -> str:  # type: ignore[override]  # not static here
        self.ran.append((argv, stdin))
        return "\n".join(self.lines)


@pytest.fixture
def keeper() -> Tools:
    return Tools([line("4abcdef1"), line("4abcdef2"), line("4abcdef3", "ben@b.test")])


@pytest.mark.parametrize(("do", "flag"), [("hold", "-h"), ("release", "-H"), ("delete", "-d")])
def test_a_change_is_for_the_mails_of_these_senders_alone(keeper: Tools, do: str, flag: str) -> None:
    ids = ["4abcdef1", "4abcdef3"]  # the last one is another's
    assert keeper.answer({"do": do, "senders": ["ana@a.test"], "ids": ids}) == {"done": 1}
    assert keeper.ran[-1] == (["postsuper", "-c", "/etc/nowhere", flag, "-"], "4abcdef1\n")


def test_nothing_chosen_changes_nothing(keeper: Tools) -> None:
    assert keeper.answer({"do": "delete", "senders": ["ana@a.test"], "ids": ["ALL"]}) == {"done": 0}
    assert [argv[0] for argv, _stdin in keeper.ran] == ["postqueue"]


@pytest.fixture
def door(keeper: Tools, tmp_path: Path) -> Iterator[Path]:
    path = tmp_path / "ask.sock"
    opened = Door(path, keeper, "")
    thread = threading.Thread(target=opened.serve)
    thread.start()
    yield path
    opened.stop()
    thread.join()
    opened.close()


def test_the_agent_asks_through_the_socket(door: Path) -> None:
    assert door.stat().st_mode & 0o777 == 0o600
    assert ask_keeper(door, "list", senders=["ana@a.test"])["all"] == 2
    assert ask_keeper(door, "hold", senders=["ben@b.test"]) == {"done": 1}
    with pytest.raises(BackendError, match="no request"):
        ask_keeper(door, "burn", senders=None)


def test_a_keeper_that_is_away_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(BackendError, match="cannot be read"):
        ask_keeper(tmp_path / "none.sock", "list", senders=None)
    with pytest.raises(BackendError, match="no keeper"):
        ask_keeper(None, "list", senders=None)
