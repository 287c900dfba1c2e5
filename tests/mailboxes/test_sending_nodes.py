"""Sending limits and the From header on the running stack: what a mail program meets at submission."""

from __future__ import annotations

import smtplib

import pytest

from bench import clients, journey
from tests.onstack import Box, House

pytestmark = pytest.mark.nodes


def limit(house: House, **numbers: str) -> None:
    """Of ana@, through the panel's form; live on the node."""
    page = house.browser.open(f"/domains/{house.domain}/mailboxes/ana/sending/")
    house.browser.submit(page, page.form("new_day"), numbers)
    journey.live(house.browser, f"limit/ana@{house.domain}")


def refusal(box: Box, *recipients: str) -> str:
    """What submission says to a mail; empty: it was taken."""
    letter = clients.letter(box.address, recipients[0], "limits").as_bytes()
    with clients.submission(box.stack, "submissions", box.address, box.password) as client:
        try:
            client.sendmail(box.address, recipients, letter)
        except smtplib.SMTPRecipientsRefused as error:
            return " ".join(said.decode() for _code, said in error.recipients.values())
    return ""


@pytest.mark.parametrize(
    ("number", "words"),
    [
        ("mails_hour", "2 mails an hour for the mailbox"),
        ("mails_day", "2 mails a day for the mailbox"),
        ("rcpts_hour", "2 recipients an hour for the mailbox"),
        ("rcpts_day", "2 recipients a day for the mailbox"),
        ("new_day", "2 new recipients a day for the mailbox"),
    ],
)
def test_each_number_of_a_mailbox_holds_at_submission(house: House, number: str, words: str) -> None:
    ana = house.box()
    limit(house, **{number: "2"})
    assert refusal(ana, "one@outside.example") == ""
    assert refusal(ana, "two@outside.example") == ""
    assert words in refusal(ana, "three@outside.example")
    text = house.browser.open(f"/domains/{house.domain}/mailboxes/ana/sending/").text
    assert "The mailbox’s own limit held a mail back" in text
    assert "Used up" in text


def test_a_domain_s_limit_holds_for_all_its_mailboxes(house: House) -> None:
    ana, ben = house.box(), house.box("ben")
    page = house.browser.open(f"/domains/{house.domain}/sending/")
    house.browser.submit(page, page.form("new_day"), {"mails_day": "1"})
    journey.live(house.browser, f"limit/{house.domain}")
    assert refusal(ana, "one@outside.example") == ""
    assert "1 mails a day for the domain" in refusal(ben, "two@outside.example")


@pytest.mark.parametrize(
    "heads",
    [
        "From: Ben <ben@{0}>",
        "From: Ana <ana@{0}>, ben@{0}",
        "From: Ana <ana@{0}>\r\nFrom: ben@{0}",
        "From: Ana <ana@{0}>\r\nSender: ceo@bank.example",
        "From: Ana <ana@{0}>\r\nResent-From: ceo@bank.example",
        "From: undisclosed:;",
        "From: ana@{0} <ceo@bank.example>",
    ],
)
def test_a_from_that_is_not_one_s_own_is_refused_and_says_why(house: House, heads: str) -> None:
    ana = house.box()
    mail = f"{heads.format(house.domain)}\r\nTo: {ana.address}\r\nSubject: x\r\n\r\nx\r\n".encode()
    with (
        clients.submission(ana.stack, "submissions", ana.address, ana.password) as client,
        pytest.raises(smtplib.SMTPDataError) as refused,
    ):
        client.sendmail(ana.address, [ana.address], mail)
    assert refused.value.smtp_code == 554
    assert b"of this mail" in refused.value.smtp_error or b"more than one From" in refused.value.smtp_error


@pytest.mark.parametrize(
    "heads", ["From: Ana <ana@{0}>\r\n", "From: ana+shop@{0}\r\n", "From: us: ana@{0};\r\n", ""]
)
def test_one_s_own_passes(house: House, heads: str) -> None:
    ana = house.box()
    mail = f"{heads.format(house.domain)}To: {ana.address}\r\nSubject: x\r\n\r\nx\r\n".encode()
    with clients.submission(ana.stack, "submissions", ana.address, ana.password) as client:
        assert client.sendmail(ana.address, [ana.address], mail) == {}
