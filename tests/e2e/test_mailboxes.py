"""Mailboxes as who looks after them and as who reads in them: each page is used, and the servers are asked
what became of it."""

from __future__ import annotations

import imaplib
import re
import secrets
import smtplib
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from bench import clients, journey
from bench.stack import Stack
from tests.e2e.conftest import Visitor
from tests.e2e.people import Owner, house_of, mailed_link, owners
from tests.onstack import OUTSIDE, Box, House, answer_to_rcpt, from_outside, run_manage, word

pytestmark = [pytest.mark.browser, pytest.mark.nodes]

LIVE = ".push-state .st.ok"


@pytest.fixture(scope="module")
def owner(running: Stack) -> Owner:
    return owners(running, "trusted")[0]


@pytest.fixture(scope="module")
def home(running: Stack, owner: Owner) -> Iterator[House]:
    """Theirs; each test has mailboxes of its own in it."""
    with house_of(running, owner) as house:
        yield house


@pytest.fixture(scope="module")
def outside(running: Stack) -> Iterator[Box]:
    """Somebody whose mail is nobody's business here: another account's mailbox."""
    with house_of(running, owners(running, "trusted")[0]) as house:
        yield house.box("sol")


def found(box: Box, subject: str, folder: str = "INBOX") -> bytes:
    """The whole mail, once it is there."""

    def look() -> bytes | None:
        with clients.imap(box.stack, box.address, box.password) as client:
            if client.select(f'"{folder}"', readonly=True)[0] != "OK":
                return None
            number = client.search(None, "SUBJECT", f'"{subject}"')[1][0].split()
            part = client.fetch(number[-1].decode(), "(RFC822)")[1][0] if number else None
        return part[1] if isinstance(part, tuple) else None

    return clients.until(look, within=20, what=f"“{subject}” in {folder} of {box.address}", every=0.2)


def primary(page: Page) -> None:
    page.locator("main .btn.primary").first.click()


def field(page: Page, label: str) -> Locator:
    return page.locator("main").get_by_label(label, exact=True)


def switch(page: Page, label: str) -> Locator:
    """By how its label begins: what it explains belongs to the label too."""
    return page.get_by_role("checkbox", name=re.compile(f"^{label}"))


def shown(page: Page, wanted: Locator) -> None:
    """Looked at again until it stands there: what comes from logs takes a moment."""

    def there() -> bool | None:
        page.reload()
        return True if wanted.count() else None

    clients.until(there, within=15, what=str(wanted), every=0.3)


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
    page.get_by_role("button", name="Make the 4 good ones").click()
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


def test_its_user_answers_by_itself_while_away(visit: Visitor, home: House, outside: Box) -> None:
    """Without JavaScript; once a sender."""
    bea = home.box("bea")
    page = visit((bea.address, bea.password), java_script_enabled=False)
    page.get_by_role("link", name="Autoresponder").click()
    subject = f"Away {word()}"
    page.get_by_role("button", name="Save").last.click()
    expect(field(page, "Subject")).to_have_attribute("aria-invalid", "true")
    field(page, "Subject").fill(subject)
    field(page, "Text").fill('Back on Monday";redirect "x@y.test\n.\nBea')
    page.get_by_role("button", name="Preview").click()
    expect(page.get_by_role("region", name="What the sender sees")).to_contain_text("Nothing is saved yet")
    page.get_by_role("button", name="Save").last.click()
    expect(page.locator("main")).to_contain_text("Answering now")
    journey.live(home.browser, f"script/{bea.address}")
    first, second = word(), word()
    outside.send(bea.address, first)
    assert b";redirect" in found(outside, subject)
    outside.send(bea.address, second)
    found(bea, second)
    assert [one for one in outside.subjects() if one == subject] == [subject]


def test_its_user_sorts_mail_into_a_folder_that_is_there(visit: Visitor, home: House, outside: Box) -> None:
    cleo, mark = home.box("cleo"), word()
    with clients.imap(home.stack, cleo.address, cleo.password) as client:
        client.create("Facturas")
    outside.send(cleo.address, f"{mark} before")
    found(cleo, f"{mark} before")
    page = visit((cleo.address, cleo.password))
    page.goto("/mailbox/filters/new/")
    field(page, "Name").fill("Invoices")
    field(page, "Look at").select_option("Subject")
    field(page, "How").select_option("contains")
    field(page, "Text or size").fill(mark)
    field(page, "Do").select_option("Move to the folder")
    field(page, "Folder").select_option("Facturas")
    page.get_by_role("button", name="Test on the last 50 mails").click()
    trial = page.get_by_role("region", name="Result of the test")
    expect(trial).to_contain_text("1 of the last")
    expect(trial.get_by_role("row", name=f"{mark} before")).to_contain_text("Invoices")
    expect(field(page, "Folder")).to_have_value("Facturas")
    page.get_by_role("button", name="Save the filter").last.click()
    expect(page.get_by_role("heading", name="Invoices")).to_be_visible()
    journey.live(home.browser, f"script/{cleo.address}")
    outside.send(cleo.address, f"{mark} after")
    found(cleo, f"{mark} after", "Facturas")
    page.goto("/mailbox/deliveries/")
    shown(page, page.get_by_role("row", name=re.compile(f"{mark} after.*Delivered")))


def test_an_app_password_opens_until_it_is_revoked(visit: Visitor, home: House) -> None:
    dani = home.box("dani")
    page = visit((dani.address, dani.password))
    page.goto("/mailbox/app-passwords/new/")
    field(page, "Name").fill("Phone")
    primary(page)
    expect(page.locator("main")).to_contain_text("shown only this once")
    secret = page.locator("main [data-copy]").first.get_attribute("data-copy") or ""
    expect(page.locator(LIVE).first).to_be_visible()
    with clients.imap(home.stack, dani.address, secret) as session:
        page.goto("/mailbox/app-passwords/")
        expect(page.get_by_role("row", name=re.compile("Phone"))).to_contain_text("Live")
        assert secret not in page.content()
        page.get_by_role("link", name=re.compile("Revoke… *Phone")).click()
        page.get_by_role("button", name="Revoke it").click()
        expect(page.locator("main")).to_contain_text("No app passwords yet")
        clients.until(lambda: _ended(session), within=10, what="the open session dropped")
    assert not clients.imap_opens(home.stack, dani.address, secret)
    page.goto("/mailbox/sign-ins/")
    shown(page, page.get_by_role("row", name=re.compile("IMAP.*Refused")))
    expect(page.get_by_role("row", name=re.compile("IMAP.*Signed in")).first).to_be_visible()


def _ended(session: imaplib.IMAP4_SSL) -> bool | None:
    try:
        session.noop()
    except (imaplib.IMAP4.abort, OSError):
        return True
    return None


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


def test_mail_is_taken_out_and_brought_back(
    visit: Visitor, home: House, outside: Box, tmp_path: Path
) -> None:
    gil, subject = home.box("gil"), word()
    outside.send(gil.address, subject)
    found(gil, subject)
    page = visit((gil.address, gil.password))
    page.goto("/mailbox/archives/")
    page.get_by_role("button", name="Make an archive").click()
    with page.expect_download() as download:
        page.get_by_role("link", name="Download").click()
    archive = tmp_path / "gil.zip"
    download.value.save_as(archive)
    with clients.imap(home.stack, gil.address, gil.password) as client:
        client.select("INBOX")
        client.store("1:*", "+FLAGS", "\\Deleted")
        client.expunge()
    field(page, "File").set_input_files(archive)
    page.get_by_role("button", name="Restore").click()
    expect(page.locator("main")).to_contain_text("Saved: 1")
    found(gil, subject)


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
    page.locator("main").get_by_role("link", name=re.compile("way back")).click()
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
    page.locator("main").get_by_role("link", name=re.compile("way back")).click()
    for _step in ("additions", "queue"):
        page.get_by_role("button", name="I looked at it").first.click()
    page.get_by_role("button", name="Let it send again").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Sending was stopped")
    journey.live(home.browser, f"hold/{hugo.address}")
    Box(home.stack, hugo.address, new).send(outside.address, subject)
    found(outside, subject)
