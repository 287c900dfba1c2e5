"""A mailbox as who reads in it: its own pages are used, and the servers are asked what became of it."""

from __future__ import annotations

import imaplib
import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from bench import clients, journey
from tests.e2e.conftest import Visitor
from tests.e2e.homes import LIVE, field, found, home, outside, owner, primary, shown
from tests.onstack import Box, House, word

__all__ = ["home", "outside", "owner"]

pytestmark = [pytest.mark.browser, pytest.mark.nodes]


def test_its_user_answers_by_itself_while_away(visit: Visitor, home: House, outside: Box) -> None:
    """Without JavaScript; once a sender."""
    bea = home.box("bea")
    page = visit((bea.address, bea.password), java_script_enabled=False)
    page.get_by_role("navigation").get_by_role("link", name="Autoresponder").click()
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
