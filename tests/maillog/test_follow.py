"""Several batches under way at once, whatever becomes of each; and how it goes, told to the panel."""

from __future__ import annotations

import json
import os
import random
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nodeagent.maillog import follow
from nodeagent.maillog.follow import Batch, Follower
from nodeagent.maillog.post import AwayError
from nodeagent.maillog.ship import Health, run


def line(number: int) -> str:
    return f"Nov 22 03:55:12 mail postfix/qmgr[1]: warning: line {number}"


def write(path: Path, numbers: range) -> None:
    with path.open("a") as file:
        file.writelines(f"{line(number)}\n" for number in numbers)


class Panel:
    """Takes each line once, by (file, offset). ``luck``: what each post meets: True for taken, False for
    away, "lost" for taken with the answer lost, a number for that status; then all is well."""

    def __init__(self, luck: list[Any]) -> None:
        self.luck = luck
        self.rows: dict[tuple[str, int], str] = {}
        self.most = 0
        self._now = 0
        self._lock = threading.Lock()

    def post(self, body: bytes) -> None:
        with self._lock:
            luck = self.luck.pop(0) if self.luck else True
            self._now += 1
            self.most = max(self.most, self._now)
        try:
            if luck in {True, "lost"} and type(luck) is not int:
                batch = json.loads(body)
                with self._lock:
                    for offset, _at, _kind, _ref, _data, raw in batch["events"]:
                        self.rows.setdefault((batch["file"], offset), raw)
            if luck is not True:
                raise AwayError("away", luck if type(luck) is int else 0)
        finally:
            with self._lock:
                self._now -= 1

    def lines(self) -> list[str]:
        return [raw for _key, raw in sorted(self.rows.items())]


def follower(folder: Path, panel: Any, name: str = "postfix") -> Follower:
    return Follower(node="mail1", name=name, path=folder / "mail.log", cursors=folder, panel=panel)


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(follow, "BATCH_LINES", 7)


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(3) as made:
        yield made


def through(one: Follower, pool: ThreadPoolExecutor, turns: int = 10_000) -> None:
    """Until there is nothing new and nothing under way."""
    wake = threading.Event()
    for _ in range(turns):
        wake.clear()
        try:
            one.settle()
            started = one.fill(pool, wake.set)
        except AwayError:
            continue
        if not started and not one.health()["behind"]:
            return
        wake.wait(0.05)
    raise AssertionError("never done")


LUCK = st.sampled_from([True, True, False, "lost", 500, 503, 413])


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(luck=st.lists(LUCK, max_size=30), many=st.integers(0, 120), deaths=st.integers(0, 3))
def test_all_lines_once_whatever_becomes_of_a_batch(
    tmp_path_factory: Any, luck: list[Any], many: int, deaths: int
) -> None:
    folder = tmp_path_factory.mktemp("follow")
    panel = Panel(luck)
    before = follow.BATCH_LINES
    follow.BATCH_LINES = 7
    try:
        with ThreadPoolExecutor(3) as pool:
            for death in range(deaths + 1):
                write(folder / "mail.log", range(death * many, death * many + many))
                one = follower(folder, panel)
                if death < deaths:  # killed with batches under way: what they did is not seen
                    one.fill(pool, lambda: None)
                else:
                    through(one, pool)
                one.close()
    finally:
        follow.BATCH_LINES = before
    assert panel.lines() == [line(number) for number in range(many * (deaths + 1))]


def test_the_cursor_never_passes_what_was_not_taken(
    tmp_path: Path, small: None, pool: ThreadPoolExecutor
) -> None:
    write(tmp_path / "mail.log", range(21))
    held, taken = threading.Event(), threading.Semaphore(0)

    class Slow(Panel):
        def post(self, body: bytes) -> None:
            if json.loads(body)["start"] == 0:
                held.wait(10)
            super().post(body)
            taken.release()

    panel = Slow([])
    one = follower(tmp_path, panel)
    assert one.fill(pool, lambda: None) == 3
    taken.acquire()
    taken.acquire()
    assert len(panel.rows) == 14
    assert one.settle() == 0, "the first is still under way"
    held.set()
    taken.acquire()
    pool.shutdown()
    assert one.settle() == 21
    assert one.health() == {"behind": 0, "age": 0.0, "lost": 0, "unparsed": 0}
    one.close()


def test_a_log_that_is_cut_loses_nothing_that_was_read(
    tmp_path: Path, small: None, pool: ThreadPoolExecutor
) -> None:
    panel = Panel([False] * 3)
    write(tmp_path / "mail.log", range(21))
    one = follower(tmp_path, panel)
    one.fill(pool, lambda: None)
    os.truncate(tmp_path / "mail.log", 0)
    write(tmp_path / "mail.log", range(21, 24))
    through(one, pool)
    one.close()
    assert sorted(panel.rows.values()) == sorted(line(number) for number in range(24))


def test_a_log_that_is_gone_is_kept_until_it_is_taken(
    tmp_path: Path, small: None, pool: ThreadPoolExecutor
) -> None:
    panel = Panel([False] * 3)
    write(tmp_path / "mail.log", range(21))
    one = follower(tmp_path, panel)
    one.fill(pool, lambda: None)
    (tmp_path / "mail.log").unlink()
    write(tmp_path / "mail.log", range(21, 24))
    through(one, pool)
    assert sorted(panel.rows.values()) == sorted(line(number) for number in range(24))
    assert one.health()["lost"] == 0
    one.close()


def test_several_are_under_way_at_once(tmp_path: Path, small: None, pool: ThreadPoolExecutor) -> None:
    write(tmp_path / "mail.log", range(200))
    gate = threading.Barrier(3, timeout=10)

    class Together(Panel):
        def post(self, body: bytes) -> None:
            if json.loads(body)["start"] < 21 * (len(line(0)) + 1) - 40:
                gate.wait()
            super().post(body)

    panel = Together([])
    one = follower(tmp_path, panel)
    through(one, pool)
    one.close()
    assert len(panel.rows) == 200


def test_rotated_by_copying_while_batches_are_under_way(
    tmp_path: Path, small: None, pool: ThreadPoolExecutor
) -> None:
    luck = random.Random(5)
    panel = Panel([luck.choice([True, False, "lost"]) for _ in range(60)])
    one, count = follower(tmp_path, panel), 0
    one.fill(pool, lambda: None)
    for turn in range(12):
        write(tmp_path / "mail.log", range(count, count + 20))
        count += 20
        try:
            one.settle()
            one.fill(pool, lambda: None)
        except AwayError:
            pass
        if turn % 3 == 2:
            log = tmp_path / "mail.log"
            (tmp_path / f"mail.log.{9 - turn // 3}").write_bytes(log.read_bytes())
            os.truncate(log, 0)
    through(one, pool)
    one.close()
    assert sorted(set(panel.rows.values())) == sorted(line(number) for number in range(count))
    assert len(panel.rows) == count


class Told:
    def __init__(self, followers: list[Follower], error: bool = False) -> None:
        self.bodies: list[dict[str, Any]] = []
        self.at, self.error = 1000.0, error
        self.health = Health("mail1", self, followers, lambda: self.at)  # type: ignore[arg-type]  # as the panel

    def tell(self, what: str, body: bytes) -> int:
        assert what == "health"
        self.bodies.append(json.loads(body))
        if self.error:
            raise AwayError("gone")
        return 404


@pytest.mark.parametrize("error", [False, True])
def test_how_it_goes_is_told_when_it_changes_and_now_and_then(tmp_path: Path, error: bool) -> None:
    (tmp_path / "mail.log").write_text("what is this\n")
    one = follower(tmp_path, Panel([]))
    told = Told([one], error)

    def tell(at: float) -> int:
        told.at = at
        with ThreadPoolExecutor(1) as pool:
            told.health.tell(pool)
        return len(told.bodies)

    assert tell(1000) == 1
    assert one.step() == 1
    assert tell(1005) == 1, "not yet"
    assert tell(1011) == 2
    assert told.bodies[-1]["logs"] == {"postfix": {"behind": 0, "age": 0.0, "lost": 0, "unparsed": 1}}
    assert tell(1040) == 2, "nothing changed"
    assert tell(1072) == 3
    assert told.bodies[-1].keys() == {"contract", "node", "logs"}
    one.close()


def test_what_is_written_is_with_the_panel_at_once(tmp_path: Path, wait_for: Callable[..., Any]) -> None:
    panel, stop = Panel([]), threading.Event()
    one = follower(tmp_path, panel)
    thread = threading.Thread(target=run, args=([one], stop))
    thread.start()
    try:
        for number in range(5):
            write(tmp_path / "mail.log", range(number, number + 1))
            wait_for(lambda many=number + 1: len(panel.rows) == many)
    finally:
        stop.set()
        thread.join()
        one.close()


def test_after_the_clock_was_set_back_lines_wait_for_those_before(tmp_path: Path, small: None) -> None:
    """Until the panel has these, only their order tells whose a line is; it is kept over a restart."""
    qmgr = "mail postfix/qmgr[1]: 4jXFb45vvCzLKnH: removed\n"
    log = tmp_path / "mail.log"
    log.write_text(f"Nov 22 11:00:00 {qmgr}Nov 22 11:00:01 {qmgr}Nov 22 10:00:02 {qmgr}")

    def follower() -> Follower:
        now = datetime(2026, 11, 22, 12, tzinfo=UTC).timestamp
        return Follower(
            node="n", name="postfix", path=log, cursors=tmp_path, panel=Panel([]), tz=UTC, now=now
        )

    def marked(batch: Batch) -> list[bool]:
        return ["back" in event[4] for event in json.loads(batch.body)["events"]]

    ours = follower()
    first = ours.take(3)
    assert first is not None
    assert marked(first) == [False, False]
    first.sent = Future()
    assert ours.take(3) is None
    first.sent.set_result(None)
    ours.settle()
    second = ours.take(3)
    assert second is not None
    assert marked(second) == [True]
    second.sent = Future()
    second.sent.set_result(None)
    ours.settle()
    ours.close()
    with log.open("a") as file:
        file.write(f"Nov 22 10:00:03 {qmgr}")
    later = follower().take(3)
    assert later is not None
    assert marked(later) == [True]
