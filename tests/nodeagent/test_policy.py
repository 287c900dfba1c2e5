"""The sending limit: what it lets pass, what it says when not, and that it counts on after a restart."""

from __future__ import annotations

import socket
import stat
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nodeagent.directory import Directory
from nodeagent.policy import GO_ON, MINUTES, Counts, Policy, Server, parse, refusal

HOUR = 3600


class Clock:
    def __init__(self) -> None:
        self.now = 1_000_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def policy(directory: Directory, tmp_path: Path, clock: Clock) -> Iterator[Policy]:
    """a.test and b.test share a limit of 10 in the hour, c.test has one of 3, d.test none."""
    with directory.writing() as connection:
        connection.executemany(
            "INSERT INTO domains(name, account, sends_per_hour) VALUES (?, ?, ?)",
            [("a.test", "a1", 10), ("b.test", "a1", 10), ("c.test", "a2", 3), ("d.test", "a3", 0)],
        )
    made = Policy(directory, Counts(tmp_path / "sent.db"), clock)
    yield made
    made.counts.close()


def ask(policy: Policy, login: str = "ana@a.test", recipients: int = 1) -> str:
    """As the text of a mail to so many begins."""
    values = {"protocol_state": "DATA", "instance": "1.2.3", "recipient_count": str(recipients)}
    return policy.answer(values | {"sasl_username": login})


def name(policy: Policy, mail: str) -> str:
    """As one more recipient of ``mail`` is named."""
    return policy.answer({"protocol_state": "RCPT", "instance": mail, "sasl_username": "cleo@c.test"})


def test_the_last_of_the_limit_passes_and_one_more_is_told_when(policy: Policy, clock: Clock) -> None:
    assert [ask(policy) for _ in range(10)] == [GO_ON] * 10
    clock.now += 30 * 60
    said = ask(policy)
    assert said.startswith("450 4.7.1 ")
    assert "10 mails an hour" in said
    assert "10 are sent" in said
    assert said.endswith("try again in 31 minutes")
    clock.now += 31 * 60
    assert ask(policy) == GO_ON


def test_recipients_count_and_a_mail_goes_whole_or_not_at_all(policy: Policy) -> None:
    assert ask(policy, recipients=8) == GO_ON
    assert ask(policy, recipients=3).startswith("450")
    assert ask(policy, recipients=2) == GO_ON
    assert ask(policy).startswith("450")


def test_more_recipients_than_the_limit_never_pass_and_are_told_so(policy: Policy) -> None:
    assert "fewer at a time" in ask(policy, recipients=11)
    assert ask(policy, recipients=10) == GO_ON  # what was refused was not counted


def test_each_recipient_is_told_and_only_what_is_sent_counts(policy: Policy) -> None:
    assert [name(policy, "one")[:5] for _ in range(5)] == [GO_ON] * 3 + ["450 4"] * 2
    assert [name(policy, "given up")[:5] for _ in range(5)] == [GO_ON] * 3 + ["450 4"] * 2
    assert ask(policy, "cleo@c.test", 2) == GO_ON
    assert [name(policy, "two")[:5] for _ in range(2)] == [GO_ON, "450 4"]
    assert ask(policy, "cleo@c.test", 1) == GO_ON
    assert name(policy, "three").startswith("450")


def test_two_mails_named_at_once_do_not_both_pass(policy: Policy) -> None:
    assert [name(policy, mail) for mail in ("one", "two") for _ in range(3)] == [GO_ON] * 6
    assert ask(policy, "cleo@c.test", 3) == GO_ON
    assert ask(policy, "cleo@c.test", 3).startswith("450")


def test_mails_that_never_send_are_forgotten(policy: Policy) -> None:
    for number in range(5000):
        assert name(policy, str(number)) == GO_ON
    assert len(policy._asked) <= 2000


def test_domains_of_one_account_share_and_others_do_not(policy: Policy) -> None:
    assert [ask(policy, "ana@a.test") for _ in range(6)] == [GO_ON] * 6
    assert [ask(policy, "ben@b.test") for _ in range(4)] == [GO_ON] * 4
    assert ask(policy, "ben@b.test").startswith("450")
    assert ask(policy, "cleo@c.test") == GO_ON


@pytest.mark.parametrize("login", ["", "panel@provider.test", "dan@d.test", "no-address", "x@' OR 1=1 --"])
def test_who_has_no_limit_passes(policy: Policy, login: str) -> None:
    assert [ask(policy, login) for _ in range(50)] == [GO_ON] * 50


def test_a_restart_forgets_nothing(
    policy: Policy, directory: Directory, tmp_path: Path, clock: Clock
) -> None:
    assert ask(policy, recipients=10) == GO_ON
    policy.counts.close()
    again = Policy(directory, Counts(tmp_path / "sent.db"), clock)
    assert ask(again).startswith("450")
    again.counts.close()


def test_a_new_limit_holds_at_the_next_mail(policy: Policy, directory: Directory) -> None:
    assert ask(policy, recipients=10) == GO_ON
    with directory.writing() as connection:
        connection.execute("UPDATE domains SET sends_per_hour = 11 WHERE account = 'a1'")
    assert ask(policy) == GO_ON
    with directory.writing() as connection:
        connection.execute("UPDATE domains SET sends_per_hour = 2 WHERE account = 'a1'")
    assert "11 are sent" in ask(policy)


def test_what_is_older_than_an_hour_is_not_kept(policy: Policy, clock: Clock) -> None:
    ask(policy)
    clock.now += 2 * HOUR
    ask(policy, "cleo@c.test")
    minute = int(clock.now // 60)
    assert policy.counts.of("a1", minute - 2 * MINUTES) == []


def test_a_directory_that_is_away_costs_nobody_a_mail(tmp_path: Path) -> None:
    counts = Counts(tmp_path / "sent.db")
    assert ask(Policy(Directory(tmp_path / "none.db"), counts)) == GO_ON
    counts.close()


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(st.tuples(st.integers(1, 5), st.integers(0, 25 * 60)), max_size=40))
def test_no_hour_ever_has_more_than_the_limit(
    policy: Policy, clock: Clock, steps: list[tuple[int, int]]
) -> None:
    clock.now += 3 * HOUR  # what the example before sent is over
    passed: list[tuple[float, int]] = []
    for recipients, seconds in steps:
        clock.now += seconds
        if ask(policy, recipients=recipients) == GO_ON:
            passed.append((clock.now, recipients))
        recent = sum(n for at, n in passed if clock.now - at <= HOUR)
        assert recent <= 10


@given(
    limit=st.integers(1, 50),
    recipients=st.integers(1, 60),
    minutes=st.dictionaries(st.integers(0, 60), st.integers(1, 50), min_size=1),
)
def test_the_wait_that_is_named_is_enough(limit: int, recipients: int, minutes: dict[int, int]) -> None:
    minute = 1000
    sent = sorted((minute - ago, n) for ago, n in minutes.items())
    if sum(n for _, n in sent) + recipients <= limit:
        return
    said = refusal("ana@a.test", limit, recipients, sent, minute)
    if recipients > limit:
        assert "fewer at a time" in said
        return
    wait = int(said.split("try again in ")[1].split()[0])
    assert 1 <= wait <= MINUTES + 1
    still = sum(n for at, n in sent if at >= minute + wait - MINUTES)
    assert still + recipients <= limit


def test_a_question_is_read_whatever_it_holds() -> None:
    assert parse(b"request=smtpd_access_policy\nsender=a=b\nodd\n\xff=\xfe") == {
        "request": "smtpd_access_policy",
        "sender": "a=b",
        "\ufffd": "\ufffd",
    }


@pytest.fixture
def served(policy: Policy, tmp_path: Path) -> Iterator[Path]:
    path = tmp_path / "ask.sock"
    server = Server(path, policy.answer)

    def run() -> None:
        while server.running:
            server.serve(0.05)

    thread = threading.Thread(target=run)
    thread.start()
    yield path
    server.stop()
    thread.join(5)
    server.close()


def talk(path: Path, *parts: bytes) -> bytes:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as client:
        client.settimeout(5)
        client.connect(str(path))
        for part in parts:
            client.sendall(part)
        client.shutdown(socket.SHUT_WR)
        return b"".join(iter(lambda: client.recv(4096), b""))


QUESTION = (
    b"request=smtpd_access_policy\nprotocol_state=DATA\nsasl_username=cleo@c.test\nrecipient_count=1\n\n"
)


def test_it_answers_as_postfix_wants(served: Path) -> None:
    assert talk(served, QUESTION * 2, QUESTION[:20], QUESTION[20:]) == b"action=DUNNO\n\n" * 3
    assert talk(served, QUESTION).startswith(b"action=450 4.7.1 Sending limit")
    assert stat.S_IMODE(served.stat().st_mode) == 0o660


def test_what_never_ends_is_hung_up_on(served: Path) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as client:
        client.settimeout(5)
        client.connect(str(served))
        with pytest.raises((BrokenPipeError, ConnectionResetError)):
            client.sendall(b"x" * 4_000_000)
    assert talk(served, QUESTION) == b"action=DUNNO\n\n"


def test_thousands_of_decisions_over_one_connection(served: Path, directory: Directory) -> None:
    with directory.writing() as connection:
        connection.execute("UPDATE domains SET sends_per_hour = 1000000")
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as client:
        client.settimeout(5)
        client.connect(str(served))
        for _ in range(2000):
            client.sendall(QUESTION)
            assert client.recv(100) == b"action=DUNNO\n\n"
