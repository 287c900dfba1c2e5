"""The queue's keeper: what it reads, what it does, and to whose mails."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nodeagent.backends.base import BackendError
from nodeagent.queue import changing
from nodeagent.queue.client import ask_keeper
from nodeagent.queue.door import Door
from nodeagent.queue.entries import RECIPIENTS, waiting
from nodeagent.queue.keeper import Keeper
from nodeagent.queue.postfix import Postfix


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


class Tools(Postfix):
    """With what root would run written down instead, and a queue that obeys."""

    def __init__(self, lines: list[str], queue: Path) -> None:
        super().__init__(Path("/etc/nowhere"))
        self.mails = {json.loads(one)["queue_id"]: json.loads(one) for one in lines}
        self.ran: list[tuple[str, list[str]]] = []
        self._queue = queue

    def listing(self) -> Iterator[str]:
        return iter([json.dumps(one) for one in self.mails.values()])

    def change(self, do: str, ids: Sequence[str]) -> None:
        self.ran.append((do, list(ids)))
        for one in ids:
            if do == "delete":
                self.mails.pop(one)
            else:
                self.mails[one]["queue_name"] = {"hold": "hold", "release": "deferred"}[do]

    def deliver(self, ids: Sequence[str]) -> None:
        self.ran.append(("deliver", list(ids)))


@pytest.fixture
def tools(tmp_path: Path) -> Tools:
    return Tools([line("4abcdef1"), line("4abcdef2"), line("4abcdef3", "ben@b.test")], tmp_path)


@pytest.fixture
def keeper(tools: Tools) -> Keeper:
    return Keeper(Path("/etc/nowhere"), "forward@provider.test", tools)


@pytest.mark.parametrize("do", ["hold", "release", "delete"])
def test_a_change_is_for_the_mails_of_these_senders_alone(keeper: Keeper, tools: Tools, do: str) -> None:
    ids = ["4abcdef1", "4abcdef3"]  # the last one is another's
    answer = keeper.answer({"do": do, "senders": ["ana@a.test"], "ids": ids})
    assert (answer["done"], answer["proven"], answer["left"]) == (1, 1, 0)
    assert tools.ran == [(do, ["4abcdef1"])]
    assert [mail["id"] for mail in answer["mails"]] == ["4abcdef1"]


def test_nothing_chosen_changes_nothing(keeper: Keeper, tools: Tools) -> None:
    assert keeper.answer({"do": "delete", "senders": ["ana@a.test"], "ids": ["ALL"]})["done"] == 0
    assert tools.ran == []


def test_what_the_queue_does_not_show_is_not_proven(keeper: Keeper, tools: Tools, monkeypatch: Any) -> None:
    monkeypatch.setattr(tools, "change", lambda do, ids: None)  # as when a mail is just being delivered
    answer = keeper.answer({"do": "hold", "ids": ["4abcdef1"]})
    assert (answer["done"], answer["proven"], answer["gone"]) == (1, 0, 0)


def test_a_big_change_stops_in_time_and_says_what_is_left(
    keeper: Keeper, tools: Tools, monkeypatch: Any
) -> None:
    monkeypatch.setattr(changing, "BATCH", 2)
    monkeypatch.setattr(changing, "SECONDS", -1.0)
    answer = keeper.answer({"do": "delete"})
    assert (answer["done"], answer["left"], answer["proven"]) == (2, 1, 2)


def test_two_at_once_do_each_mail_once(keeper: Keeper, tools: Tools) -> None:
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _n: keeper.answer({"do": "delete"}), range(4)))
    assert sorted(answer["done"] for answer in answers) == [0, 0, 0, 3]
    assert tools.mails == {}


@pytest.mark.parametrize(
    ("meant", "ids"),
    [
        ({"sender": "BEN"}, ["4abcdef3"]),
        ({"recipient": "far.t"}, ["4abcdef1", "4abcdef2", "4abcdef3"]),
        ({"recipient_domain": "ar.test"}, []),
        ({"recipient_domain": "far.test", "sender": "ana"}, ["4abcdef1", "4abcdef2"]),
        ({"reason": "Timed OUT"}, ["4abcdef1", "4abcdef2", "4abcdef3"]),
        ({"reason": ".*"}, []),
        ({"queue": "hold"}, []),
        ({"before": 100}, []),
        ({"before": 101, "ids": ["4abcdef2"]}, ["4abcdef2"]),
    ],
)
def test_filters(keeper: Keeper, meant: dict[str, Any], ids: list[str]) -> None:
    answer = keeper.answer({"do": "list", **meant})
    assert [mail["id"] for mail in answer["mails"]] == ids
    assert answer["all"] == len(ids)
    assert answer["queues"].get("deferred", 0) == (len(ids) if "queue" not in meant else 3)


def test_pages_go_on_after_the_last_mail_either_way(tools: Tools) -> None:
    lines = [line(f"4abcdef{n}", at=100 + n // 2) for n in range(7)]
    keeper = Keeper(Path("/etc/nowhere"), "", Tools(lines, tools.queue))
    for newest in (False, True):
        seen: list[str] = []
        after = None
        while True:
            answer = keeper.answer({"do": "list", "limit": 2, "after": after, "newest": newest})
            assert answer["all"] == 7
            seen += [mail["id"] for mail in answer["mails"]]
            if not answer["more"]:
                break
            after = [answer["mails"][-1]["at"], answer["mails"][-1]["id"]]
        assert seen == sorted(seen, reverse=newest)
        assert len(seen) == 7


@pytest.mark.parametrize(
    "request_",
    [
        {"do": "list", "queue": "../../etc"},
        {"do": "list", "ids": "4abcdef1"},
        {"do": "list", "limit": 10**9},
        {"do": "list", "limit": True},
        {"do": "list", "after": [1]},
        {"do": "list", "before": "now"},
        {"do": "list", "sender": "x" * 10_000},
        {"do": "list", "houses": {"domains": []}},
        {"do": "list", "houses": [{"domains": ["a.test"], "family": ["a.test"]}]},
        {"do": "headers", "id": "-d"},
        {"do": "headers", "id": ["4abcdef1"]},
        {"do": "burn"},
        {},
    ],
)
def test_what_is_no_request_is_none(keeper: Keeper, request_: dict[str, Any]) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - any of them
        keeper.answer(request_)


@pytest.fixture
def door(keeper: Keeper, tmp_path: Path) -> Iterator[Path]:
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
    assert ask_keeper(door, "hold", senders=["ben@b.test"])["proven"] == 1
    with pytest.raises(BackendError, match="no request"):
        ask_keeper(door, "burn", senders=None)


def test_a_keeper_that_is_away_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(BackendError, match="cannot be read"):
        ask_keeper(tmp_path / "none.sock", "list", senders=None)
    with pytest.raises(BackendError, match="no keeper"):
        ask_keeper(None, "list", senders=None)
