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

from nodeagent.directory import Directory
from nodeagent.policy import GO_ON
from nodeagent.room import FULL, SURE_BYTES, Quota, Room, Server

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


def test_postfix_asks_over_a_socket_that_only_owner_and_group_reach(short_path: Path) -> None:
    server = Server(short_path / "room.sock", lambda question: question.get("recipient", "?"))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        assert stat.S_IMODE((short_path / "room.sock").stat().st_mode) == 0o660
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as client:
            client.settimeout(5)
            client.connect(str(short_path / "room.sock"))
            client.sendall(b"request=smtpd_access_policy\nrecipient=a@a.test\n\nrecipient=b")
            assert client.recv(100) == b"action=a@a.test\n\n"
            client.sendall(b"@a.test\n\n")
            assert client.recv(100) == b"action=b@a.test\n\n"
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)
