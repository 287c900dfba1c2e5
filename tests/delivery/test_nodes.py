"""Track Delivery on the running stack: real mail through real servers, each listed once, on both sides."""

from __future__ import annotations

import gzip
import os
import shutil
import smtplib
import stat
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from bench import clients
from tests.onstack import OUTSIDE, Box, House, Servers, from_outside, word

pytestmark = pytest.mark.nodes

Wait = Callable[..., Any]
MAILS, SENDERS = 120, 4


@pytest.mark.parametrize("service", ["submission", "submissions"])
def test_a_mail_is_listed_once_for_its_sender_and_once_for_its_recipient(
    new_house: Callable[[int], House], wait_for: Wait, service: str
) -> None:
    here, there = new_house(0), new_house(1)
    ana, ben = here.box("ana"), there.box("ben")
    subject = word()
    ana.send(ben.address, subject, service)
    wait_for(lambda: ben.subjects() == [subject])
    for house in (here, there):
        (row,) = wait_for(lambda house=house: delivered(house, subject))
        assert "ana" in row
        assert "ben" in row
    assert here.browser.open(f"/domains/{there.domain}/track/").status == 404


def delivered(house: House, subject: str) -> list[str]:
    return [row for row in house.tracked(subject) if "Delivered" in row]


def test_mail_within_one_domain_is_one_row(house: House, wait_for: Wait) -> None:
    ana, ben = house.box("ana"), house.box("ben")
    subject = word()
    ana.send(ben.address, subject)
    assert len(wait_for(lambda: delivered(house, subject))) == 1


def test_a_refused_recipient_is_listed_as_rejected(house: House, wait_for: Wait) -> None:
    ana = house.box("ana")
    sender = f"{word()}@outside.example"
    with from_outside(ana.stack) as client, pytest.raises(smtplib.SMTPRecipientsRefused, match="unknown"):
        client.sendmail(sender, [f"nobody@{house.domain}"], b"Subject: x\r\n\r\nx\r\n")
    (row,) = wait_for(lambda: house.tracked(sender.partition("@")[0]))
    assert "Rejected" in row
    assert "There is no such address here." in row


def test_a_subject_from_a_stranger_is_inert(house: House, wait_for: Wait) -> None:
    ana, mark = house.box("ana"), word()
    subject = f"<script>alert('{mark}')</script> status=sent to=<x@y.test> \x1b[31m"
    letter = (
        clients.letter(OUTSIDE, ana.address, "x")
        .as_bytes()
        .replace(b"Subject: x", b"Subject: " + subject.encode())
    )
    with from_outside(ana.stack) as client:
        client.sendmail(OUTSIDE, [ana.address], letter)
    wait_for(lambda: house.tracked(mark))
    text = house.browser.open(f"/domains/{house.domain}/track/").text
    assert f"<script>alert('{mark}" not in text
    assert "&lt;script&gt;" in text


# The log is rotated under traffic, on the second stack: it is everybody's log.


def traffic(boxes: list[Box], subjects: list[str], step: Callable[[int], None]) -> None:
    """Send all subjects over several connections; ``step(n)`` runs after about n of them."""
    marks = {len(subjects) * part // 4 for part in (1, 2, 3)}
    with ThreadPoolExecutor(SENDERS) as pool:
        jobs = []
        for number, subject in enumerate(subjects):
            jobs.append(pool.submit(boxes[number % 2].send, boxes[1 - number % 2].address, subject))
            if number in marks:
                jobs[number // 2].result()
                step(number)
        for job in jobs:
            job.result()


def by_rename(servers: Servers, log: Path, number: int) -> None:
    """As logrotate does with ``create`` and ``delaycompress``: Postfix itself makes a log that only root
    reads."""
    before = log.stat()
    older, newer = log.with_name("mail.log.2"), log.with_name("mail.log.1")
    if newer.exists():
        with newer.open("rb") as source, gzip.open(f"{older}.{number}.gz", "wb") as packed:
            shutil.copyfileobj(source, packed)
        newer.unlink()
    log.rename(newer)
    os.close(os.open(log, os.O_CREAT | os.O_WRONLY, 0o600))
    os.chown(log, before.st_uid, before.st_gid)
    log.chmod(stat.S_IMODE(before.st_mode))
    servers.control("signal", "HUP", "postfix")


def by_copytruncate(servers: Servers, log: Path, number: int) -> None:
    with log.open("r+b") as file, log.with_name(f"mail.log.{number}").open("wb") as copy:
        while part := file.read(1 << 16):  # to its very end: what comes after that is lost to every reader
            copy.write(part)
        file.truncate(0)


@pytest.mark.parametrize("rotate", [by_rename, by_copytruncate])
def test_rotation_of_the_log_under_traffic_loses_and_doubles_nothing(
    servers: Servers, wait_for: Wait, rotate: Callable[[Servers, Path, int], None]
) -> None:
    house = servers.take_house(0)
    boxes = [house.box("ana"), house.box("ben")]
    log = Path(servers.stack.raw["mail_log"])
    mark = word()
    subjects = [f"{mark} {number:04}" for number in range(MAILS)]
    traffic(boxes, subjects, lambda number: rotate(servers, log, number))

    def listed() -> Counter[str]:
        rows = [row for row in house.tracked(mark) if "Delivered" in row]
        return Counter(subject for subject in subjects for row in rows if subject in row)

    wait_for(lambda: len(listed()) == MAILS, 30)
    last = word()
    boxes[0].send(boxes[1].address, last)  # the log goes on, and whatever came before it was taken
    wait_for(lambda: delivered(house, last))
    assert set(listed().values()) == {1}
