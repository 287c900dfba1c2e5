"""Mailboxes as who looks after them: each page is used, and the servers are asked what became of it."""

from __future__ import annotations

import re
import secrets
import smtplib

import pytest
from playwright.sync_api import expect

from bench import clients, journey
from tests.e2e.conftest import Visitor
from tests.e2e.homes import LIVE, field, found, home, outside, owner, primary, switch
from tests.e2e.people import Owner, mailed_link
from tests.onstack import OUTSIDE, Box, House, answer_to_rcpt, from_outside, run_manage, word

__all__ = ["home", "outside", "owner"]

pytestmark = [pytest.mark.browser, pytest.mark.nodes]


def test_five_pasted_rows_with_one_bad_one(visit: Visitor, home: House, owner: Owner) -> None:
    page = visit(owner.login)
    password = secrets.token_urlsafe(18)
    names = ["uno", "dos", "tres x", "cuatro", "cinco"]
    page.goto(f"/domains/{home.domain}/mailboxes/import/")
    page.get_by_label("Or paste the rows").fill("\n".join(f"{one};{password};20 MB" for one in names))
    page.get_by_role("button", name="Go on to the columns").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Which column is what?")
    assert password not in page.content()
    page.get_by_role("button", name="Check the rows").click()
    bad = page.get_by_role("table", name="Bad rows").locator("tbody tr")
    expect(bad).to_have_count(1)
    expect(bad).to_contain_text("tres x")
    expect(bad.get_by_role("rowheader")).to_have_text("3")
    expect(page.get_by_role("radio", name=re.compile("^The 4 good ones"))).to_be_checked()
    primary(page)
    expect(page.locator("main")).to_contain_text("4 mailboxes made")
    expect(page.get_by_role("link", name="Download the bad rows")).to_be_visible()
    journey.live(home.browser, f"mailbox/cinco@{home.domain}")
    assert clients.imap_opens(home.stack, f"cinco@{home.domain}", password)


def test_a_forwarder_waits_for_a_yes_and_then_forwards(
    visit: Visitor, home: House, owner: Owner, outside: Box
) -> None:
    page = visit(owner.login)
    page.goto(f"/domains/{home.domain}/forwarders/new/")
    field(page, "Address").fill("info")
    field(page, "Goes to").fill(outside.address)
    primary(page)
    expect(page.locator("main")).to_contain_text("Asked, no answer yet")
    expect(page.locator("main")).to_contain_text("Waits for a yes")

    nobody = visit(None, java_script_enabled=False)  # whoever reads the mail
    nobody.goto(mailed_link(outside, "Do you want the mail of", "/forwarding/confirm/"))
    expect(nobody.locator("main")).to_contain_text(f"info@{home.domain}")
    nobody.get_by_role("button", name="Yes, send it to me").click()
    expect(nobody.get_by_role("heading", level=1)).to_have_text("Thank you")

    page.reload()
    expect(page.locator("main")).to_contain_text("Said yes")
    expect(page.locator(LIVE).first).to_be_visible()
    subject = word()
    with from_outside(home.stack) as smtp:
        smtp.send_message(clients.letter(OUTSIDE, f"info@{home.domain}", subject))
    sender = re.search(rb"^Return-Path: <(.*)>", found(outside, subject), re.M)
    assert sender is not None
    assert re.fullmatch(rb"SRS0=.*=outside\.example=someone@.*", sender[1]), sender[1]


def test_a_mailbox_gets_another_name_and_its_mail_goes_with_it(
    visit: Visitor, home: House, owner: Owner, outside: Box
) -> None:
    eva, before, after = home.box("eva"), word(), word()
    outside.send(eva.address, before)
    found(eva, before)
    page = visit(owner.login)
    page.goto(f"/domains/{home.domain}/mailboxes/eva/rename/")
    field(page, "New address").fill("eva.sol")
    primary(page)
    expect(page).to_have_url(re.compile(r"/mailboxes/eva\.sol/"))
    renamed = Box(home.stack, f"eva.sol@{home.domain}", eva.password)
    journey.live(home.browser, renamed.key)
    journey.live(home.browser, f"alias/{eva.address}")
    found(renamed, before)
    outside.send(eva.address, after)
    found(renamed, after)


def test_each_switch_of_a_suspension_stops_its_own(
    visit: Visitor, home: House, owner: Owner, outside: Box
) -> None:
    flor = home.box("flor")
    page = visit(owner.login)
    page.goto(f"/domains/{home.domain}/mailboxes/flor/suspend/")
    switch(page, "Signing in").uncheck()
    switch(page, "Sending").uncheck()
    switch(page, "Receiving").check()
    field(page, "Why").fill("The parcel is full.")
    page.get_by_role("button", name="Suspend the mailbox").click()
    expect(page).not_to_have_url(re.compile("/suspend/$"))
    journey.live(home.browser, flor.key)
    assert answer_to_rcpt(home.stack, flor.address)[0] == 450
    flor.send(outside.address, subject := word())
    found(outside, subject)
    own = visit((flor.address, flor.password))
    expect(own.locator("main")).to_contain_text("The parcel is full.")

    page.goto(f"/domains/{home.domain}/mailboxes/flor/suspend/")
    switch(page, "Receiving").uncheck()
    switch(page, "Sending").check()
    page.get_by_role("button", name="Change the suspension").click()
    expect(page).not_to_have_url(re.compile("/suspend/$"))
    journey.live(home.browser, flor.key)
    assert answer_to_rcpt(home.stack, flor.address)[0] == 250
    assert clients.imap_opens(home.stack, flor.address, flor.password)
    assert not clients.smtp_opens(home.stack, flor.address, flor.password)


def test_a_website_sends_with_a_sign_in_of_its_own(
    visit: Visitor, home: House, owner: Owner, outside: Box
) -> None:
    home.box("tienda")
    page = visit(owner.login)
    page.goto(f"/domains/{home.domain}/websites/new/")
    field(page, "Website").fill("Shop")
    field(page, "Sends as").fill(f"tienda@{home.domain}")
    primary(page)
    expect(page.locator("main")).to_contain_text("shown only this once")
    expect(page.locator(LIVE).first).to_be_visible()
    page.get_by_text("WordPress (WP Mail SMTP)").click()
    for value in (str(home.stack.at("submissions")[1]), f"website@{home.domain}", f"tienda@{home.domain}"):
        expect(page.locator("details[open]")).to_contain_text(value)
    field(page, "To").fill(outside.address)
    page.get_by_role("button", name="Send a test mail now").click()
    steps = page.get_by_role("region", name="Send a test mail now").get_by_role("listitem")
    expect(steps.first).to_be_visible()
    expect(steps.locator(".st.bad")).to_have_count(0)
    assert f"tienda@{home.domain}".encode() in found(outside, "test", "INBOX")


_STOP = """
from mailboxes.compromise.services import sending_hold
from mailboxes.models import Mailbox
box = Mailbox.objects.present().select_related("mail_domain__domain", "mail_domain__node").get(address=%r)
sending_hold(
    login=box.address, mail_domain=box.mail_domain, mailbox=box, reasons=[{"kind": "unknown", "n": 40}]
)
"""


def test_the_way_back_after_sending_was_stopped(
    visit: Visitor, home: House, owner: Owner, outside: Box
) -> None:
    """Without JavaScript."""
    hugo, subject = home.box("hugo"), word()
    run_manage(home.stack, _STOP % hugo.address)
    journey.live(home.browser, f"hold/{hugo.address}")
    with pytest.raises(smtplib.SMTPException):
        hugo.send(outside.address, subject)
    page = visit(owner.login, java_script_enabled=False)
    page.goto(f"/domains/{home.domain}/mailboxes/hugo/")
    page.locator("main").get_by_role("link", name="Begin the way back").click()
    expect(page.locator("main")).to_contain_text("40 recipients within 10 minutes do not exist")
    page.get_by_role("button", name="Let it send again").click()
    expect(page.get_by_role("alert")).to_contain_text(
        "One step is still open: Give the mailbox a new password"
    )
    page.get_by_role("link", name="Change the password").click()
    new = page.locator("[name=password]").input_value() or secrets.token_urlsafe(18)
    page.locator("[name=password]").fill(new)
    primary(page)
    journey.live(home.browser, hugo.key)
    page.goto(f"/domains/{home.domain}/mailboxes/hugo/")
    page.locator("main").get_by_role("link", name="Begin the way back").click()
    for _step in ("additions", "queue"):
        page.get_by_role("button", name="I looked at it").first.click()
    page.get_by_role("button", name="Let it send again").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Sending was stopped")
    journey.live(home.browser, f"hold/{hugo.address}")
    Box(home.stack, hugo.address, new).send(outside.address, subject)
    found(outside, subject)
