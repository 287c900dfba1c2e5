"""Steps wait for what they need, run together otherwise, and tell the first failure."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from deploy.stack import console
from deploy.stack.follow import Tail, printable
from deploy.stack.layout import Failure
from deploy.stack.steps import Step, run


def fail() -> None:
    raise Failure("it is broken")


def test_order_is_kept_and_the_rest_is_together() -> None:
    order: list[str] = []
    both = threading.Barrier(2, timeout=10)  # breaks unless two are under way at once

    def note(name: str) -> Callable[[], None]:
        return lambda: order.append(name)

    def meet() -> None:
        both.wait()

    run(
        [
            Step("last", note("last"), ("a", "b")),
            Step("a", meet),
            Step("b", meet),
        ]
    )
    assert order == ["last"]


@pytest.mark.parametrize("keep_going", [False, True])
def test_what_waits_for_a_failure_never_runs(capsys: pytest.CaptureFixture[str], keep_going: bool) -> None:
    ran: list[str] = []
    steps = [Step("bad", fail), Step("after", lambda: ran.append("after"), ("bad",))]
    with pytest.raises(Failure, match="it is broken") as caught:
        run(steps, keep_going=keep_going)
    assert not ran
    assert caught.value.told
    assert "bad: it is broken" in capsys.readouterr().err


def test_a_failure_shows_the_end_of_its_log(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    log = tmp_path / "x.log"
    log.write_bytes(b"".join(b"line %d\n" % number for number in range(10_000)) + b"\xff the reason\n")
    console.failed(Failure("x does not start", log), "x")
    err = capsys.readouterr().err
    assert "the reason" in err
    assert str(log) in err
    assert "line 9000" not in err


def test_a_step_that_waits_for_nobody_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="nobody"):
        run([Step("a", fail, ("no such step",))])


def test_the_log_is_followed_across_rotation(tmp_path: Path, request: pytest.FixtureRequest) -> None:
    log = tmp_path / "a.log"
    log.write_text("old\n", encoding="utf-8")
    tail = Tail(log, "a")
    request.addfinalizer(tail.close)
    with log.open("a", encoding="utf-8") as handle:
        handle.write("one\nhal")
        handle.flush()
        assert list(tail.lines()) == ["one"]
        handle.write("f\n")
    log.rename(tmp_path / "a.log.1")
    log.write_text("two\n", encoding="utf-8")
    assert list(tail.lines()) == ["half", "two"]
    log.write_text("3\n", encoding="utf-8")
    assert list(tail.lines()) == []  # seen as cut off,
    assert list(tail.lines()) == ["3"]  # and read from its beginning


def test_a_log_line_cannot_steer_the_terminal() -> None:
    assert "\x1b" not in printable("\x1b]0;title\x07 subject: \x9b2J")
