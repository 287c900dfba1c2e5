"""Spam on the real servers: what is marked, where it goes, what people decide, what the filter learns."""

from __future__ import annotations

import secrets
import socket
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from pathlib import Path

import pytest

from bench import clients, journey
from bench.stack import Stack
from tests.onstack import OUTSIDE, Box, House, from_outside, word

pytestmark = pytest.mark.nodes

GTUBE = "XJS*C4JDBQADN1.NSBN3*2IDNEN*GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X"
IN_FORCE = 20


def letter(to: str, text: str, sender: str = OUTSIDE, **heads: str) -> tuple[str, EmailMessage]:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = sender, to, word()
    mail["Date"], mail["Message-ID"] = formatdate(), make_msgid(domain="outside.example")
    for name, value in heads.items():
        mail[name.replace("_", "-")] = value
    mail.set_content(text)
    return str(mail["Subject"]), mail


def arrive(box: Box, text: str, sender: str = OUTSIDE, **heads: str) -> str:
    """From another server. Gives the subject."""
    subject, mail = letter(box.address, text, sender, **heads)
    with from_outside(box.stack) as client:
        client.send_message(mail, from_addr=sender, to_addrs=[box.address])
    return subject


def folder_of(box: Box, subject: str) -> str | None:
    with clients.imap(box.stack, box.address, box.password) as client:
        for folder in ("INBOX", "Junk", "Quarantine"):
            if (
                client.select(folder, readonly=True)[0] == "OK"
                and client.search(None, "SUBJECT", f'"{subject}"')[1][0]
            ):
                return folder
    return None


def lies_in(box: Box, subject: str) -> str:
    return clients.until(lambda: folder_of(box, subject), within=20, what=f"{subject} arrives")


def heads_of(box: Box, folder: str, subject: str, part: str = "HEADER") -> str:
    with clients.imap(box.stack, box.address, box.password) as client:
        client.select(folder, readonly=True)
        number = client.search(None, "SUBJECT", f'"{subject}"')[1][0].split()[0]
        found = client.fetch(number.decode(), f"(BODY.PEEK[{part}])")[1][0]
    assert isinstance(found, tuple)
    return found[1].decode()


def setting(house: House, box: Box, **values: str) -> None:
    """A form of the mailbox's page, and what it does is live."""
    page = f"/domains/{house.domain}/mailboxes/{box.address.partition('@')[0]}/spam/"
    pressed(house, page, **values)
    journey.live(house.browser, f"script/{box.address}")


def pressed(house: House, path: str, **values: str) -> str:
    """The form of the page whose button ``do`` is, sent. Gives the text of the page after it."""
    page = house.browser.open(path)
    press = ("do", values.pop("do"))
    form = next(form for form in page.forms if press in form.buttons)
    after = house.browser.submit(page, form, values, press=press)
    assert after.status == 200, journey.said(after)
    return after.text


def learned(stack: Stack, kind: str) -> int:
    """How many mails rspamd was taught as ``kind``, spam or ham, as its store has it. (Its own /stat looks
    there only twice a minute.)"""
    with socket.socket(socket.AF_UNIX) as client:
        client.connect(str(Path(stack.raw["node"]["dir"]) / "rspamd" / "redis.sock"))
        client.sendall(f"HGET RS learns_{kind}\r\n".encode())
        lines = client.recv(100).decode().splitlines()
    return int(lines[1]) if len(lines) > 1 else 0


def test_spam_goes_to_junk_and_other_mail_does_not(house: House) -> None:
    box = house.box()
    forged = {"X_Spam": "Yes", "X_Spam_Proven": "boss@bank.example", "X_Spam_Level": "*" * 50}
    good, bad = arrive(box, "Shall we meet at ten?", **forged), arrive(box, GTUBE)
    assert lies_in(box, bad) == "Junk"
    assert lies_in(box, good) == "INBOX"
    heads = heads_of(box, "INBOX", good)
    assert "X-Spam: No" in heads
    assert "X-Spam: Yes" not in heads
    assert "bank.example" not in heads
    assert "Authentication-Results: " in heads
    assert "X-Spam-Rules: TEST_PATTERN(1000.0)" in heads_of(box, "Junk", bad)
    assert GTUBE in heads_of(box, "Junk", bad, part="TEXT")


def test_what_our_own_people_send_is_not_judged(house: House) -> None:
    ana, bo = house.box("ana"), house.box("bo")
    subject, mail = letter(bo.address, GTUBE, ana.address)
    with clients.submission(ana.stack, "submissions", ana.address, ana.password) as smtp:
        smtp.send_message(mail)
    assert lies_in(bo, subject) == "INBOX"


def test_threshold_lists_and_quarantine(house: House) -> None:
    box = house.box()
    sloppy = {"do": "settings", "level": "own", "does": "junk", "quarantine_from": ""}
    shout = "MISSING SUBJECT AND ALL"
    before = arrive(box, shout)
    assert lies_in(box, before) == "INBOX"
    setting(house, box, do="entry", kind="deny", sender=OUTSIDE)
    assert lies_in(box, arrive(box, "hello")) == "Junk"
    setting(house, box, do="entry", kind="allow", sender="@friends.example", unproven="on")
    setting(house, box, do="entry", kind="allow", sender="@forged.example")
    assert lies_in(box, arrive(box, GTUBE, "ana@friends.example")) == "INBOX"
    assert lies_in(box, arrive(box, GTUBE, "ana@forged.example")) == "Junk"
    setting(house, box, **(sloppy | {"threshold": "3", "quarantine_from": "20"}))
    held = arrive(box, GTUBE, "x@other.example")
    assert lies_in(box, held) == "Quarantine"
    setting(house, box, **(sloppy | {"threshold": "3", "does": "mark"}))
    marked = arrive(box, GTUBE, "x@other.example")
    assert lies_in(box, marked) == "INBOX"
    assert "X-Spam: Yes" in heads_of(box, "INBOX", marked)


def test_a_domains_settings_hold_for_its_mailboxes(house: House) -> None:
    box = house.box()
    values = {"do": "settings", "level": "6", "does": "quarantine", "quarantine_from": ""}
    pressed(house, f"/domains/{house.domain}/spam/", **values)
    journey.live(house.browser, f"script/{house.domain}")
    assert lies_in(box, arrive(box, GTUBE)) == "Quarantine"
    setting(house, box, do="settings", level="6", does="junk", quarantine_from="")
    assert lies_in(box, arrive(box, GTUBE)) == "Junk"


def test_a_held_mail_is_released_and_taught(house: House) -> None:
    box = house.box()
    setting(house, box, do="settings", level="own", threshold="1", does="quarantine", quarantine_from="")
    subject, words = (
        f"{word().upper()} WIN A LARGE PRIZE TODAY",
        " ".join(secrets.token_hex(4) for _ in range(40)),
    )
    with from_outside(box.stack) as client:
        client.sendmail(OUTSIDE, [box.address], f"From: {OUTSIDE}\r\nSubject: {subject}\r\n\r\n{words}\r\n")
    assert lies_in(box, subject) == "Quarantine"
    page = f"/domains/{house.domain}/mailboxes/{box.address.partition('@')[0]}/quarantine/"
    shown = house.browser.open(page)
    assert subject in shown.text
    assert "subject is written as spammers do" in shown.text
    before = learned(box.stack, "ham")
    ident = shown.text.partition('name="mail"')[2].partition('value="')[2].partition('"')[0]
    for _again in range(2):
        form = next(form for form in shown.forms if ("do", "release") in form.buttons)
        house.browser.submit(shown, form, {"mail": ident}, press=("do", "release"))
    assert lies_in(box, subject) == "INBOX"
    assert learned(box.stack, "ham") > before
    assert "Nothing is held back" in house.browser.open(page).text


def test_moving_mail_teaches(house: House) -> None:
    box = house.box()
    subject = arrive(box, " ".join(secrets.token_hex(4) for _ in range(40)))
    assert lies_in(box, subject) == "INBOX"
    before = {kind: learned(box.stack, kind) for kind in ("spam", "ham")}
    for source, target, kind in (("INBOX", "Junk", "spam"), ("Junk", "INBOX", "ham")):
        with clients.imap(box.stack, box.address, box.password) as client:
            client.select(source)
            number = client.search(None, "SUBJECT", f'"{subject}"')[1][0].split()[0].decode()
            assert client._simple_command("MOVE", number, target)[0] == "OK"
        clients.until(
            lambda kind=kind: True if learned(box.stack, kind) > before[kind] else None,  # type: ignore[misc]
            within=10,
            what=f"{kind} is taught",
        )
