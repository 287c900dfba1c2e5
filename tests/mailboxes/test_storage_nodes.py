"""Storage on the running stack: who is refused for a full mailbox and when, what a clean-up removes, and that
a full mailbox hears of it."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import smtplib
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from bench import clients
from tests.onstack import OUTSIDE, Box, House, answer_to_rcpt, from_outside, run_manage, sql, word

pytestmark = pytest.mark.nodes

Wait = Callable[..., Any]
MB = 1_048_576
FULL = (552, "5.2.2")


def stuff(box: Box, mails: int, size: int = 300_000, folder: str = "INBOX", **headers: str) -> None:
    """Mails put there by a mail program."""
    heads = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    with clients.imap(box.stack, box.address, box.password) as session:
        for n in range(mails):
            mail = f"From: Big <big@people.test>\r\nSubject: s{n}\r\n{heads}\r\n".encode() + b"x" * size
            assert session.append(folder, "", "", mail)[0] == "OK"


def held(box: Box, folder: str = "INBOX") -> int:
    with clients.imap(box.stack, box.address, box.password) as session:
        return int(session.select(folder, readonly=True)[1][0] or 0)


@pytest.fixture
def full(house: House) -> Box:
    """1 MB, and more in it."""
    box = house.box("full", quota="2 MB")
    stuff(box, 5)
    house.act(box, "quota", quota_mb="1 MB")
    return box


def said(box: Box, to: str, *options: str) -> tuple[int, str]:
    code, text = answer_to_rcpt(box.stack, to, *options)
    return code, text.split()[0]


Line = tuple[str, tuple[str, ...]]


def alias(address: str, *targets: str) -> Line:
    return "INSERT INTO aliases(address, targets) VALUES (?, ?)", (address, ",".join(targets))


@contextmanager
def leading(box: Box, *lines: Line) -> Iterator[None]:
    """What leads to mailboxes, in the node's directory itself. Taken back at the end."""
    script = (
        "import sys, json, apsw\n"
        "c = apsw.Connection(sys.argv[1]); c.set_busy_timeout(10000)\n"
        "with c:\n"
        "    for s, values in json.loads(sys.argv[2]): c.execute(s, values)\n"
    )
    path = str(box.stack.raw["node"]["directory_db"])

    def run(*lines: Line) -> None:
        subprocess.run([sys.executable, "-c", script, path, json.dumps(lines)], check=True)

    domain = box.address.partition("@")[2]
    run(*lines)
    try:
        yield
    finally:
        run(
            ("DELETE FROM aliases WHERE address LIKE '%@' || ?", (domain,)),
            ("DELETE FROM domains WHERE alias_of = ?", (domain,)),
            ("UPDATE domains SET catch_all = '' WHERE name = ?", (domain,)),
        )


def test_what_leads_to_a_full_mailbox_alone_is_refused_in_the_dialogue(full: Box, house: House) -> None:
    domain = house.domain
    with leading(
        full,
        alias(f"info@{domain}", full.address),
        alias(f"deep@{domain}", f"info@{domain}"),
        ("INSERT INTO domains(name, alias_of) VALUES (?, ?)", (f"a-{domain}", domain)),
        ("UPDATE domains SET catch_all = ? WHERE name = ?", (full.address, domain)),
    ):
        for to in ("full", "full+tag", "info", "deep", "anybody"):
            assert said(full, f"{to}@{domain}") == FULL, to
        assert said(full, f"full@a-{domain}") == FULL
        with clients.submission(full.stack, "submissions", full.address, full.password) as client:
            client.mail(full.address)
            assert client.rcpt(f"info@{domain}")[0] == 552


def test_a_list_with_one_full_is_taken_and_nothing_bounces(full: Box, house: House, wait_for: Wait) -> None:
    ana, subject, before = house.box(), word(), held(full)
    with leading(full, alias(f"all@{house.domain}", full.address, ana.address)):
        with from_outside(full.stack) as client:
            letter = clients.letter(OUTSIDE, f"all@{house.domain}", subject)
            client.send_message(letter, OUTSIDE, [f"all@{house.domain}"])
        wait_for(lambda: ana.subjects() == [subject])
        wait_for(lambda: held(full) == before + 1)
    assert said(full, full.address) == FULL


def test_nearly_full_the_size_that_is_told_is_refused_and_one_not_told_when_it_is_there(
    house: House, wait_for: Wait
) -> None:
    box, subject = house.box("near", quota="2 MB"), word()
    stuff(box, 2)
    assert said(box, box.address, "SIZE=1900000") == FULL
    assert said(box, box.address, "SIZE=1000")[0] == 250
    large = clients.letter(OUTSIDE, box.address, subject)
    large.set_content("a line of mail\n" * 120_000)
    with from_outside(box.stack) as client:
        client.esmtp_features.pop("size")
        with pytest.raises(smtplib.SMTPDataError) as refused:
            client.send_message(large)
    assert refused.value.smtp_code == 552
    assert b"5.2.2" in refused.value.smtp_error
    assert held(box) == 2
    with from_outside(box.stack) as client:  # small enough to be taken without asking again
        client.esmtp_features.pop("size")
        client.send_message(clients.letter(OUTSIDE, box.address, subject))
    wait_for(lambda: held(box) == 3)


def test_a_full_mailbox_and_its_owner_hear_of_it(full: Box, house: House, wait_for: Wait) -> None:
    run_manage(full.stack, "from provision.tasks import ask_usage; ask_usage()")
    used = "SELECT used_mb >= quota_mb FROM mailboxes_mailbox WHERE address = %s"
    wait_for(lambda: sql(full.stack, used, full.address) == [(True,)], 90)
    run_manage(full.stack, "from panel.fullness import look_at_all; look_at_all()")
    wait_for(lambda: any("is full" in subject for subject in full.subjects()), 60)
    told = "SELECT kind FROM notices_notice WHERE context->>'domain' = %s"
    assert sql(full.stack, told, house.domain) == [("mailboxes_full",)]
    assert said(full, full.address) == FULL


def test_a_clean_up_removes_what_was_shown_and_nothing_that_came_since(house: House, wait_for: Wait) -> None:
    box = house.box(quota="20 MB")
    stuff(box, 30, 2000, "Trash")
    path = f"/domains/{house.domain}/mailboxes/ana/storage/"
    assert "Trash" in house.browser.open(f"{path}largest/").text
    assert "There is room" in house.browser.open(f"{path}sender/").text
    page = house.browser.open(f"{path}clean/?what=trash")
    assert "Remove 30 mails for good" in page.text
    stuff(box, 3, 2000, "Trash")
    house.browser.submit(page, page.form(action="/storage/clean/"), {})
    wait_for(lambda: held(box, "Trash") == 3, 60)
    done = "SELECT state, done FROM mailboxes_job WHERE kind = 'clean' ORDER BY id DESC LIMIT 1"
    wait_for(lambda: sql(box.stack, done) == [("done", 30)], 30)
    assert held(box, "Trash") == 3


def test_large_mail_goes_to_the_trash_first(house: House, wait_for: Wait) -> None:
    box = house.box(quota="20 MB")
    stuff(box, 2, 1_200_000)
    stuff(box, 2, 2000)
    path = f"/domains/{house.domain}/mailboxes/ana/storage/clean/?what=big&over_mb=1"
    page = house.browser.open(path)
    assert "Move 2 mails to the Trash" in page.text
    house.browser.submit(page, page.form(action="/storage/clean/"), {})
    wait_for(lambda: (held(box), held(box, "Trash")) == (2, 2), 60)


def running(ident: str) -> list[int]:
    """The processes of one job."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):
            if path.read_bytes().split(b"\0")[-3:-1] == [b"job", ident.encode()]:
                found.append(int(path.parent.name))
    return found


def test_killed_in_the_middle_while_mail_arrives_it_goes_on_and_nothing_else_is_lost(
    house: House, wait_for: Wait
) -> None:
    box = house.box(quota="40 MB")
    stuff(box, 1500, 1000, "Trash")
    page = house.browser.open(f"/domains/{house.domain}/mailboxes/ana/storage/clean/?what=trash")
    house.browser.submit(page, page.form(action="/storage/clean/"), {})
    newest = "SELECT ident, state, done FROM mailboxes_job WHERE kind = 'clean' ORDER BY id DESC LIMIT 1"
    ident = sql(box.stack, newest)[0][0]
    killed = 0
    while killed < 3 and sql(box.stack, newest)[0][1] != "done":
        for pid in running(ident):
            stuff(box, 1, 1000, "Trash")
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
                killed += 1
        stuff(box, 1, 1000)
    came = held(box)
    wait_for(lambda: sql(box.stack, newest)[0][1:] == ("done", 1500), 90)
    assert killed
    assert held(box) == came
    left = held(box, "Trash")
    assert 1 <= left <= 3 + killed
