"""One message's page: real mail over a forwarder and into a folder, read from both sides."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from bench import clients, journey
from tests.e2e.conftest import Visitor
from tests.e2e.homes import found, home, outside, owner, shown
from tests.e2e.people import Owner
from tests.onstack import OUTSIDE, Box, House, answer_to_rcpt, from_outside, word

__all__ = ["home", "outside", "owner"]

pytestmark = [pytest.mark.browser, pytest.mark.nodes]

GTUBE = "XJS*C4JDBQADN1.NSBN3*2IDNEN*GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X"


def opened(page: Page, domain: str, subject: str) -> None:
    """The page of this mail, by the list."""
    page.goto(f"/domains/{domain}/track/?q={subject}")
    link = page.get_by_role("link", name=re.compile(subject))
    shown(page, link)
    link.last.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(subject)


def test_forwarded_mail_is_one_journey_for_its_owner_alone(
    visit: Visitor, home: House, outside: Box, owner: Owner
) -> None:
    ana, bea, subject = home.box("ana"), home.box("bea"), word()
    path = f"/domains/{home.domain}/mailboxes/ana/forwarding/"
    form = home.browser.open(path).form("targets")
    home.browser.submit(home.browser.open(path), form, {"targets": bea.address, "keep": "on"})
    journey.live(home.browser, f"script/{ana.address}")
    outside.send(ana.address, subject)
    found(bea, subject)
    page = visit(owner.login)
    opened(page, home.domain, subject)
    shown(page, page.get_by_text("A filter sent it on"))
    main = page.locator("main")
    expect(main.get_by_role("heading", name=re.compile(r"^2\. Sent on"))).to_have_count(1)
    expect(main).to_contain_text(f"Sent on for {ana.address}")
    expect(main).not_to_contain_text("sasl_username=main")
    expect(main.locator("pre")).not_to_have_count(0)
    expect(main.locator("pre").first).to_be_hidden()
    main.locator("summary").first.click()
    expect(main.locator("pre").first).to_be_visible()


def test_spam_says_where_it_lies_and_lets_its_sender_in(visit: Visitor, home: House, owner: Owner) -> None:
    cleo, subject = home.box("cleo"), word()
    with from_outside(cleo.stack) as client:
        text = f"From: {OUTSIDE}\r\nTo: {cleo.address}\r\nSubject: {subject}\r\n\r\n{GTUBE}\r\n"
        client.sendmail(OUTSIDE, [cleo.address], text)
    found(cleo, subject, "Junk")
    page = visit(owner.login, width=390)
    opened(page, home.domain, subject)
    shown(page, page.get_by_text("It lies in the folder"))
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.get_by_role("link", name="Let this sender in").click()
    expect(page.locator("[name=sender]")).to_have_value(OUTSIDE)


def test_refused_for_a_full_mailbox_leads_to_its_quota(visit: Visitor, home: House, owner: Owner) -> None:
    dan = home.box("dan", quota="1 MB")
    big = f"From: {OUTSIDE}\r\nTo: {dan.address}\r\nSubject: big\r\n\r\n" + ("x" * 70 + "\r\n") * 9000
    with from_outside(dan.stack) as client:
        client.sendmail(OUTSIDE, [dan.address], big)

    def refused() -> bool | None:
        code, _text = answer_to_rcpt(dan.stack, dan.address, f"SIZE={len(big)}")
        return True if code == 552 else None

    clients.until(refused, within=20, what="the mailbox is full")
    page = visit(owner.login)
    page.goto(f"/domains/{home.domain}/track/?status=5&q={dan.address}")
    link = page.locator("th[scope=row] a")
    shown(page, link)
    link.first.click()
    expect(page.locator("main")).to_contain_text("The mailbox is full")
    page.get_by_role("link", name="Give the mailbox more storage").click()
    expect(page).to_have_url(re.compile(r"/mailboxes/dan/quota/$"))
