"""The sending limits: what they let pass, what they say when not, and that they count on after a restart."""

from __future__ import annotations

import socket
import stat
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import apsw
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nodeagent.asks.sending import sending
from nodeagent.backends.base import BackendError
from nodeagent.contract import Limit
from nodeagent.directory import Directory
from nodeagent.policy import GO_ON, Counts, Policy, Server, parse
from nodeagent.policy.decision import MAILS
from nodeagent.policy.windows import Window
from nodeagent.policy.words import wait

MINUTE, HOUR, DAY = 60, 3600, 24 * 3600


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


def limit(directory: Directory, scope: str, **numbers: int) -> None:
    values = {"mails_hour": 0, "mails_day": 0, "rcpts_hour": 0, "rcpts_day": 0, "new_day": 0} | numbers
    with directory.writing() as connection:
        connection.execute(
            "INSERT OR REPLACE INTO limits(scope, mails_hour, mails_day, rcpts_hour, rcpts_day, new_day)"
            " VALUES (?, ?, ?, ?, ?, ?)",
            (scope, *values.values()),
        )


def ask(policy: Policy, login: str = "ana@a.test", recipients: int = 1, mail: str = "1.2.3") -> str:
    """As the text of a mail to so many begins."""
    values = {"protocol_state": "DATA", "instance": mail, "recipient_count": str(recipients)}
    return policy.answer(values | {"sasl_username": f"main.17/{login}"})


def name(policy: Policy, mail: str, login: str = "cleo@c.test", recipient: str = "") -> str:
    """As one more recipient of ``mail`` is named."""
    values = {"protocol_state": "RCPT", "instance": mail, "sasl_username": f"app.k3m9x2ab/{login}"}
    return policy.answer(values | {"recipient": recipient})


def send(policy: Policy, login: str, *recipients: str) -> str:
    """A whole mail: its answer at the first recipient that is refused, or at its text."""
    mail = f"{login}{recipients}"
    for recipient in recipients:
        if (said := name(policy, mail, login, recipient)) != GO_ON:
            return said
    return ask(policy, login, len(recipients), mail)


def test_the_last_of_the_limit_passes_and_one_more_is_told_when(policy: Policy, clock: Clock) -> None:
    assert [ask(policy) for _ in range(10)] == [GO_ON] * 10
    clock.now += 30 * MINUTE
    said = ask(policy)
    assert said.startswith("450 4.7.1 Sending limit for ana@a.test: 10 recipients an hour for the account; ")
    assert said.endswith("10 used, so try again in 31 minutes")
    clock.now += 31 * MINUTE
    assert ask(policy) == GO_ON


def test_a_website_sender_is_not_called_a_mailbox(policy: Policy, directory: Directory) -> None:
    limit(directory, "shop@a.test", mails_hour=1)
    with directory.writing() as connection:
        connection.execute(
            "INSERT INTO logins(id, login, password_hash, site) VALUES ('k3', 'shop@a.test', 'x', 1)"
        )
    assert ask(policy, "shop@a.test") == GO_ON
    assert "for the website sender; " in ask(policy, "shop@a.test")


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
    for number in range(MAILS + 1000):
        assert name(policy, str(number)) == GO_ON
    assert len(policy._asked) <= MAILS
    assert policy._named == sum(len(mail.recipients) for mail in policy._asked.values())


def test_domains_of_one_account_share_and_others_do_not(policy: Policy) -> None:
    assert [ask(policy, "ana@a.test") for _ in range(6)] == [GO_ON] * 6
    assert [ask(policy, "ben@b.test") for _ in range(4)] == [GO_ON] * 4
    assert ask(policy, "ben@b.test").startswith("450")
    assert ask(policy, "cleo@c.test") == GO_ON


@pytest.mark.parametrize("login", ["", "panel@provider.test", "dan@d.test", "no-address", "x@' OR 1=1 --"])
def test_who_has_no_limit_passes(policy: Policy, login: str) -> None:
    assert [ask(policy, login) for _ in range(50)] == [GO_ON] * 50


@pytest.mark.parametrize(
    ("scope", "level"), [("dan@d.test", "mailbox"), ("d.test", "domain"), ("a3", "account")]
)
@pytest.mark.parametrize(
    ("number", "words", "span"),
    [
        ("mails_hour", "2 mails an hour", HOUR),
        ("mails_day", "2 mails a day", DAY),
        ("rcpts_hour", "2 recipients an hour", HOUR),
        ("rcpts_day", "2 recipients a day", DAY),
        ("new_day", "2 new recipients a day", DAY),
    ],
)
def test_each_number_of_each_level_holds_and_frees(
    policy: Policy,
    directory: Directory,
    clock: Clock,
    scope: str,
    level: str,
    number: str,
    words: str,
    span: int,
) -> None:
    limit(directory, scope, **{number: 2})
    assert send(policy, "dan@d.test", "one@x.test") == GO_ON
    assert send(policy, "dan@d.test", "two@x.test") == GO_ON
    said = send(policy, "dan@d.test", "three@x.test")
    assert f"Sending limit for dan@d.test: {words} for the {level}; 2 used" in said
    clock.now += span - 15 * MINUTE
    assert send(policy, "dan@d.test", "three@x.test").startswith("450")
    clock.now += 30 * MINUTE
    assert send(policy, "dan@d.test", "three@x.test") == GO_ON


def test_whom_one_wrote_to_is_not_new_again(policy: Policy, directory: Directory) -> None:
    limit(directory, "dan@d.test", new_day=2)
    assert send(policy, "dan@d.test", "one@x.test", "ONE@x.test", "two@x.test") == GO_ON
    assert send(policy, "dan@d.test", "three@x.test").startswith("450")
    assert [send(policy, "dan@d.test", "one@x.test", "two@x.test") for _ in range(5)] == [GO_ON] * 5
    assert policy.counts.knows("dan@d.test", "one@x.test")
    assert not policy.counts.knows("dan@d.test", "three@x.test")
    assert not policy.counts.knows("eve@d.test", "one@x.test")


def test_a_login_without_a_row_may_write_to_so_many_new_ones_and_one_with_a_row_has_its_own(
    policy: Policy, directory: Directory
) -> None:
    many = [f"n{number}@x.test" for number in range(Limit.NEW_DAY + 1)]
    assert "new recipients" in send(policy, "dan@d.test", *many)
    limit(directory, "dan@d.test")
    assert send(policy, "dan@d.test", *many) == GO_ON


def test_the_level_that_frees_last_is_named(policy: Policy, directory: Directory, clock: Clock) -> None:
    limit(directory, "dan@d.test", mails_hour=1)
    limit(directory, "d.test", mails_day=1)
    assert ask(policy, "dan@d.test") == GO_ON
    assert "1 mails a day for the domain" in ask(policy, "dan@d.test")
    clock.now += DAY + 15 * MINUTE
    assert ask(policy, "dan@d.test") == GO_ON


def test_a_restart_forgets_nothing(
    policy: Policy, directory: Directory, tmp_path: Path, clock: Clock
) -> None:
    limit(directory, "dan@d.test", mails_day=1)
    assert ask(policy, recipients=10) == GO_ON
    assert send(policy, "dan@d.test", "one@x.test") == GO_ON
    policy.counts.close()
    again = Policy(directory, Counts(tmp_path / "sent.db"), clock)
    assert ask(again).startswith("450")
    assert ask(again, "dan@d.test").startswith("450")
    assert again.counts.knows("dan@d.test", "one@x.test")
    again.counts.close()


def test_what_an_older_node_counted_still_counts(
    directory: Directory, policy: Policy, tmp_path: Path
) -> None:
    path, minute = tmp_path / "old.db", int(Clock().now // 60)
    file = apsw.Connection(str(path))
    file.execute("CREATE TABLE sent(account TEXT, minute INTEGER, n INTEGER, PRIMARY KEY (account, minute))")
    file.execute("INSERT INTO sent VALUES ('a1', ?, 4), ('a1', ?, 5)", (minute - 1, minute))
    file.close()
    again = Policy(directory, Counts(path), Clock())
    assert [ask(again)[:5] for _ in range(2)] == [GO_ON, "450 4"]
    assert again.counts.of("a1", minute).day.sums[1] == 10
    again.counts.close()


def test_a_new_limit_holds_at_the_next_mail(policy: Policy, directory: Directory) -> None:
    assert ask(policy, recipients=10) == GO_ON
    with directory.writing() as connection:
        connection.execute("UPDATE domains SET sends_per_hour = 11 WHERE account = 'a1'")
    assert ask(policy) == GO_ON
    with directory.writing() as connection:
        connection.execute("UPDATE domains SET sends_per_hour = 2 WHERE account = 'a1'")
    assert "11 used" in ask(policy)


def test_what_is_too_old_is_not_kept(policy: Policy, clock: Clock, tmp_path: Path) -> None:
    send(policy, "ana@a.test", "one@x.test")
    clock.now += 401 * DAY
    ask(policy, "cleo@c.test")
    file = apsw.Connection(str(tmp_path / "sent.db"), flags=apsw.SQLITE_OPEN_READONLY)
    for query in ("SELECT scope FROM minutes", "SELECT scope FROM slots"):
        rows = file.execute(query)
        assert {row[0] for row in rows} == {"cleo@c.test", "c.test", "a2"}
    assert list(file.execute("SELECT * FROM known")) == []
    file.close()


def test_a_clock_that_is_put_back_locks_nobody_out_for_long(policy: Policy, clock: Clock) -> None:
    clock.now += 10 * DAY
    assert ask(policy, recipients=10) == GO_ON
    clock.now -= 10 * DAY
    assert ask(policy, recipients=10) == GO_ON


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
    most=st.integers(1, 50),
    needs=st.integers(1, 60),
    minutes=st.dictionaries(st.integers(0, 60), st.integers(1, 50), min_size=1),
)
def test_the_moment_that_is_named_is_enough_and_the_first(
    most: int, needs: int, minutes: dict[int, int]
) -> None:
    now = 100_000
    window = Window(60, 1)
    for ago, n in sorted(minutes.items(), reverse=True):
        window.add(now - ago, (0, n, 0))
    frees = window.frees(1, most, needs)
    if needs > most:
        assert frees is None
        return
    assert frees is not None
    then = max(now, frees // 60)
    for minute in (then - 1, then) if frees else (now,):
        window.slide(minute)
        assert (window.sums[1] + needs <= most) == (minute == then or not frees)


def test_waits_are_written_for_people() -> None:
    assert wait(1) == "1 minute"
    assert wait(61) == "2 minutes"
    assert wait(HOUR) == "1 hour"
    assert wait(2 * HOUR + 1) == "2 hours and 1 minute"


# What the panel shows of it.


def asked(directory: Directory, path: Path, login: Any) -> Any:
    node: Any = SimpleNamespace(
        config=SimpleNamespace(directory=directory.path, mail=SimpleNamespace(policy_db=path))
    )
    return sending(node, {"login": login})


def test_the_panel_is_told_what_is_used_and_what_was_stopped(
    policy: Policy, directory: Directory, clock: Clock, tmp_path: Path
) -> None:
    clock.now = time.time()
    limit(directory, "cleo@c.test", mails_day=5)
    assert send(policy, "cleo@c.test", "one@x.test", "two@x.test", "three@x.test") == GO_ON
    assert send(policy, "cleo@c.test", "one@x.test").startswith("450")
    box, domain, account = asked(directory, tmp_path / "sent.db", "cleo@c.test")
    assert [level["level"] for level in (box, domain, account)] == ["mailbox", "domain", "account"]
    figures = {figure["name"]: figure for figure in box["figures"]}
    assert figures["mails_day"] == {"name": "mails_day", "most": 5, "used": 1, "frees": 0}
    assert figures["new_day"]["used"] == 3
    hour = {figure["name"]: figure for figure in account["figures"]}["rcpts_hour"]
    assert (hour["most"], hour["used"]) == (3, 3)
    assert clock.now < hour["frees"] <= clock.now + HOUR + MINUTE
    for level in (box, account):
        assert (level["refused"]["login"], level["refused"]["level"]) == ("cleo@c.test", "account")
    assert domain["refused"] is None
    assert [level["level"] for level in asked(directory, tmp_path / "sent.db", "@c.test")] == [
        "domain",
        "account",
    ]
    assert asked(directory, tmp_path / "sent.db", "who@elsewhere.test") == []


@pytest.mark.parametrize("login", [None, 3, "no address", "a@b\0", "a" * 400])
def test_a_question_that_does_not_fit_is_refused(
    policy: Policy, directory: Directory, tmp_path: Path, login: Any
) -> None:
    with pytest.raises(BackendError):
        asked(directory, tmp_path / "sent.db", login)


# The socket.


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
    b"request=smtpd_access_policy\nprotocol_state=DATA\n"
    b"sasl_username=main.1/cleo@c.test\nrecipient_count=1\n\n"
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
