"""Whether there is room, for addresses that lead to mailboxes."""

from __future__ import annotations

import contextlib
import socket
import stat
import tempfile
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nodeagent.answering import Submission, in_a_thread
from nodeagent.directory import Directory
from nodeagent.policy import GO_ON, Counts, Policy
from nodeagent.policy.server import Later, Server
from nodeagent.quota import PATIENCE, Quota
from nodeagent.room import FAR_BYTES, FAR_SECONDS, FULL, STOPPED, SURE_BYTES, Room

FULL_BOX, ROOMY, SMALL = "full@a.test", "roomy@a.test", "small@a.test"
LEFT = {FULL_BOX: 0, ROOMY: 10**9, SMALL: 2 * SURE_BYTES}


class Dovecot:
    def __init__(self) -> None:
        self.asked: list[str] = []

    def has_room(self, mailbox: str, size: int) -> bool:
        self.asked.append(mailbox)
        return LEFT[mailbox] > size


@pytest.fixture
def dovecot() -> Dovecot:
    return Dovecot()


@pytest.fixture
def room(directory: Directory, dovecot: Dovecot) -> Room:
    with directory.writing() as connection:
        connection.executemany(
            "INSERT INTO domains(name, alias_of, catch_all, plus) VALUES (?, ?, ?, ?)",
            [
                ("a.test", "", "", 1),
                ("other-a.test", "a.test", "", 1),
                ("all-full.test", "", FULL_BOX, 1),
                ("nothing.test", "", "discard", 1),
                ("no-plus.test", "", "", 0),
            ],
        )
        connection.executemany(
            "INSERT INTO mailboxes(address, password, home, quota_mb) VALUES (?, '', ?, 1)",
            [(address, address) for address in LEFT],
        )
        connection.executemany(
            "INSERT INTO aliases(address, targets, home) VALUES (?, ?, ?)",
            [
                ("alias@a.test", FULL_BOX, ""),
                ("deep@a.test", "alias@a.test", ""),
                ("list@a.test", f"{FULL_BOX},{ROOMY}", ""),
                ("both@a.test", f"{FULL_BOX},alias@a.test", ""),
                ("away@a.test", "away@a.test", "a.test/away.1"),
                ("mixed@a.test", f"mixed@a.test,{FULL_BOX}", "a.test/mixed.1"),
                ("round@a.test", "circle@a.test", ""),
                ("circle@a.test", "round@a.test", ""),
                ("small-list@a.test", f"{SMALL},{FULL_BOX}", ""),
            ],
        )
    return Room(directory, dovecot.has_room)


def rcpt(room: Room, recipient: str, size: int = 0, mail: str = "1.2.3") -> str:
    values = {"protocol_state": "RCPT", "recipient": recipient, "size": str(size), "instance": mail}
    return room.answer(values)


@pytest.mark.parametrize(
    ("recipient", "action"),
    [
        ("alias@a.test", FULL),
        ("Alias@A.test", FULL),
        ("deep@a.test", FULL),
        ("both@a.test", FULL),
        ("full+tag@a.test", FULL),
        ("alias+tag@a.test", FULL),
        ("full@other-a.test", FULL),
        ("alias@other-a.test", FULL),
        ("anything@all-full.test", FULL),
        ("list@a.test", GO_ON),
        ("roomy@other-a.test", GO_ON),
        ("away@a.test", GO_ON),
        ("mixed@a.test", GO_ON),
        ("anything@nothing.test", GO_ON),
        ("nobody@a.test", GO_ON),
        ("nobody@elsewhere.test", GO_ON),
        ("", GO_ON),
        ("@", GO_ON),
    ],
)
def test_an_address_is_followed_to_the_mailboxes_at_its_end(room: Room, recipient: str, action: str) -> None:
    assert rcpt(room, recipient) == action


@pytest.mark.parametrize(
    ("recipient", "action"),
    [
        ("deep@a.test", STOPPED),
        ("full+tag@other-a.test", STOPPED),
        ("both@a.test", STOPPED),
        ("anything@all-full.test", STOPPED),
        ("list@a.test", GO_ON),
        ("mixed@a.test", GO_ON),
        ("round@a.test", GO_ON),
    ],
)
def test_what_leads_to_suspended_mailboxes_alone_waits(
    directory: Directory, room: Room, recipient: str, action: str
) -> None:
    with directory.writing() as connection:
        connection.execute("UPDATE mailboxes SET receive = 0 WHERE address = ?", (FULL_BOX,))
    assert rcpt(room, recipient) == action


def test_a_circle_ends(room: Room, dovecot: Dovecot) -> None:
    assert rcpt(room, "round@a.test") == GO_ON
    assert dovecot.asked == []


def test_the_size_that_a_mail_tells_counts(room: Room) -> None:
    assert rcpt(room, "small-list@a.test", SURE_BYTES) == GO_ON
    assert rcpt(room, "small-list@a.test", 3 * SURE_BYTES) == FULL


def test_a_large_mail_that_told_no_size_is_refused_when_its_text_is_there(room: Room) -> None:
    end = {"protocol_state": "END-OF-MESSAGE", "recipient": SMALL, "recipient_count": "1"}
    assert room.answer(end | {"size": str(3 * SURE_BYTES)}) == FULL
    assert room.answer(end | {"size": str(SURE_BYTES)}) == GO_ON


def test_of_several_recipients_those_that_were_asked_about_are_known_at_the_end(room: Room) -> None:
    assert rcpt(room, "small-list@a.test", mail="7") == GO_ON
    assert rcpt(room, "small+a@a.test", mail="7") == GO_ON
    end = {"protocol_state": "END-OF-MESSAGE", "recipient": "", "size": str(3 * SURE_BYTES), "instance": "7"}
    assert room.answer(end | {"recipient_count": "3"}) == GO_ON  # one that nobody asked us about
    for recipient in ("small-list@a.test", "small+a@a.test"):
        rcpt(room, recipient, mail="7")
    assert room.answer(end | {"recipient_count": "2"}) == FULL


def test_small_mails_cost_dovecot_no_second_question(room: Room, dovecot: Dovecot) -> None:
    end = {"protocol_state": "END-OF-MESSAGE", "recipient": FULL_BOX, "recipient_count": "1"}
    assert room.answer(end | {"size": "2000"}) == GO_ON
    assert dovecot.asked == []


def test_when_dovecot_is_away_mail_goes_on(directory: Directory, room: Room, tmp_path: Path) -> None:
    quota = Quota(tmp_path / "nobody")
    assert rcpt(Room(directory, quota.has_room), "alias@a.test") == GO_ON


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(values=st.dictionaries(st.sampled_from(["recipient", "size", "protocol_state"]), st.text()))
def test_any_question_has_an_answer(room: Room, values: dict[str, str]) -> None:
    assert room.answer(values) in {GO_ON, FULL}


@pytest.fixture
def short_path() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as name:
        yield Path(name)


@contextlib.contextmanager
def quota_status(path: Path, answer: Callable[[bytes], bytes | None]) -> Iterator[None]:
    """Dovecot's: ``answer`` of None hangs up."""
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    listener.bind(str(path))
    listener.listen()

    def serve() -> None:
        while True:
            try:
                client, _address = listener.accept()
            except OSError:
                return
            with client:
                while question := client.recv(4096):
                    reply = answer(question)
                    if reply is None:
                        break
                    client.sendall(reply)

    thread = threading.Thread(target=serve)
    thread.start()
    yield
    listener.shutdown(socket.SHUT_RDWR)
    listener.close()
    thread.join(5)


def test_dovecot_is_asked_over_a_kept_connection_and_a_new_one_when_that_is_dead(short_path: Path) -> None:
    questions: list[bytes] = []

    def answer(question: bytes) -> bytes | None:
        questions.append(question)
        if len(questions) == 2:
            return None
        return b"action=552 5.2.2 Mailbox is full\n\n" if b"size=9\n" in question else b"action=DUNNO\n\n"

    quota = Quota(short_path / "q", most=1)
    with quota_status(short_path / "q", answer):
        assert quota.has_room("a@a.test", 1)
        assert not quota.has_room("a@a.test", 9)
        assert quota.has_room("a@a.test", 2)
        held = quota._free.get_nowait()
        assert held is not None
        held.close()
    assert questions[0] == b"recipient=a@a.test\nsize=1\n\n"
    assert len(questions) == 4


# A mailbox that is far from full.

VAST = "vast@a.test"


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def vast(directory: Directory, room: Room) -> tuple[Room, Clock, list[int], list[int]]:
    """A room that knows it, its clock, the sizes Dovecot was asked about, and how much is left."""
    with directory.writing() as connection:
        connection.execute(
            "INSERT INTO mailboxes(address, password, home, quota_mb) VALUES (?, '', 'v', 2000)", (VAST,)
        )
    asked: list[int] = []
    left = [2000 * 1024 * 1024]
    clock = Clock()

    def has_room(_mailbox: str, size: int) -> bool:
        asked.append(size)
        return size < left[0]

    return Room(directory, has_room, clock), clock, asked, left


def test_dovecot_is_asked_once_in_a_while_about_a_mailbox_that_is_far_from_full(
    vast: tuple[Room, Clock, list[int], list[int]],
) -> None:
    room, clock, asked, left = vast
    assert [rcpt(room, VAST, 1000) for _each in range(50)] == [GO_ON] * 50
    assert asked == [FAR_BYTES + 1000]
    left[0] = 0
    clock.now += FAR_SECONDS + 1
    assert rcpt(room, VAST, 1000) == FULL


def test_what_it_was_sent_meanwhile_counts(vast: tuple[Room, Clock, list[int], list[int]]) -> None:
    room, _clock, asked, left = vast
    left[0] = FAR_BYTES + SURE_BYTES + 1
    large = FAR_BYTES // 4
    assert rcpt(room, VAST) == GO_ON
    assert [rcpt(room, VAST, large) for _each in range(4)] == [GO_ON] * 4
    assert asked == [FAR_BYTES]
    left[0] -= 4 * large
    assert rcpt(room, VAST, large) == FULL


def test_a_smaller_quota_holds_at_once(
    directory: Directory, vast: tuple[Room, Clock, list[int], list[int]]
) -> None:
    room, _clock, _asked, left = vast
    assert rcpt(room, VAST) == GO_ON
    left[0] = 0
    with directory.writing() as connection:
        connection.execute("UPDATE mailboxes SET quota_mb = 1 WHERE address = ?", (VAST,))
    assert rcpt(room, VAST) == FULL


def test_a_mailbox_that_is_almost_full_is_asked_about_each_time(
    vast: tuple[Room, Clock, list[int], list[int]],
) -> None:
    room, _clock, asked, left = vast
    left[0] = SURE_BYTES
    assert rcpt(room, VAST, 10) == GO_ON
    assert rcpt(room, VAST, 2 * SURE_BYTES) == FULL
    assert asked == [FAR_BYTES + 10, 10, FAR_BYTES + 2 * SURE_BYTES, 2 * SURE_BYTES]


def test_those_behind_a_question_without_answer_do_not_each_wait_as_long(short_path: Path) -> None:
    silent = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    silent.bind(str(short_path / "q"))
    silent.listen()
    quota = Quota(short_path / "q", patience=0.05)
    with pytest.raises(TimeoutError):
        quota.has_room("a@a.test", 1)
    silent.close()
    quota = Quota(short_path / "q", patience=PATIENCE)
    quota.rest()
    with pytest.raises(TimeoutError, match="a moment ago"):
        quota.has_room("a@a.test", 1)


# Over the socket.


@contextlib.contextmanager
def serving(server: Server) -> Iterator[None]:
    thread = threading.Thread(target=server.serve)
    thread.start()
    try:
        yield
    finally:
        server.stop()
        thread.join(5)
        server.close()


def test_postfix_asks_over_a_socket_that_only_owner_and_group_reach(short_path: Path) -> None:
    server = Server(short_path / "room.sock", lambda question: question.get("recipient", "?"))
    with serving(server):
        assert stat.S_IMODE((short_path / "room.sock").stat().st_mode) == 0o660
        with talk(short_path / "room.sock") as client:
            client.sendall(b"request=smtpd_access_policy\nrecipient=a@a.test\n\nrecipient=b")
            assert client.recv(100) == b"action=a@a.test\n\n"
            client.sendall(b"@a.test\n\n")
            assert client.recv(100) == b"action=b@a.test\n\n"


@contextlib.contextmanager
def talk(path: Path) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as client:
        client.settimeout(5)
        client.connect(str(path))
        yield client


def test_while_one_waits_for_dovecot_others_are_answered(short_path: Path, directory: Directory) -> None:
    let_go, asked = threading.Event(), threading.Event()

    def has_room(_mailbox: str, _size: int) -> bool:
        asked.set()
        return not let_go.wait(5)

    with directory.writing() as connection:
        connection.execute("INSERT INTO domains(name) VALUES ('a.test')")
        connection.execute("INSERT INTO mailboxes VALUES ('a@a.test', '', 'a', 1, 1, 1, 1, '', 1, 1, 1, 1)")
    server = Server(short_path / "s", in_a_thread(Room(directory, has_room)))
    question = b"protocol_state=RCPT\nrecipient=%s\n\n"
    with serving(server), talk(short_path / "s") as slow, talk(short_path / "s") as other:
        slow.sendall(question % b"a@a.test" + question % b"b@elsewhere.test")
        assert asked.wait(5)
        other.sendall(question % b"b@elsewhere.test")
        assert other.recv(100) == b"action=DUNNO\n\n"
        let_go.set()
        told = b""
        while told.count(b"\n\n") < 2:
            told += slow.recv(100)
        assert told == f"action={FULL}\n\naction={GO_ON}\n\n".encode()


def test_what_our_people_submit_is_asked_about_room_and_limits_at_once(
    directory: Directory, room: Room, tmp_path: Path
) -> None:
    counts = Counts(tmp_path / "sent.db")
    both = Submission(room, Policy(directory, counts))
    question = {
        "protocol_state": "RCPT",
        "sasl_username": f"main.1/{ROOMY}",
        "recipient": "alias@a.test",
        "instance": "1",
        "size": "0",
    }
    found = both.answer(question)
    assert isinstance(found, Later)
    assert found.then(found.work()) == FULL
    with directory.writing() as connection:
        connection.execute("INSERT INTO limits(scope, mails_hour) VALUES (?, 1)", (ROOMY,))
    elsewhere = question | {"recipient": "x@elsewhere.test"}
    end = elsewhere | {"protocol_state": "END-OF-MESSAGE", "recipient_count": "1", "size": "1000"}
    assert [both.answer(elsewhere), both.answer(end)] == [GO_ON, GO_ON]
    assert str(both.answer(elsewhere | {"instance": "2"})).startswith("450 4.7.1 Sending limit")
    counts.close()
