"""A person who knows nothing of IMAP: opens a guide, follows it, and the page says when the program signed
in; tests the mailbox, and hands the guide to somebody without an account, who reads it in Spanish."""

from __future__ import annotations

import re
import secrets

import pytest
from playwright.sync_api import expect

from bench import journey
from bench.stack import Stack
from bench.web import Browser as Plain
from tests.e2e.conftest import Visitor
from tests.guides.watching.programs import Program

pytestmark = [pytest.mark.browser, pytest.mark.nodes]


def test_a_guide_says_when_it_worked_and_is_handed_on(
    visit: Visitor, running: Stack, customer: Plain, domain: str
) -> None:
    password = secrets.token_urlsafe(12)
    journey.make_mailbox(customer, domain, "ana", password)
    journey.live(customer, f"mailbox/ana@{domain}")

    page = visit("client")
    page.goto(f"/domains/{domain}/mailboxes/ana/connect/")
    page.get_by_role("link", name=re.compile("^Thunderbird Windows")).first.click()
    values = page.get_by_role("complementary", name="The values")
    expect(values).to_contain_text(f"ana@{domain}")
    watch = page.locator("#connect-watch")
    expect(watch).to_contain_text("nothing seen yet")

    program = Program(running, "127.9.77.1", f"ana@{domain}", password)
    with program.imap():
        expect(watch).to_contain_text("Thunderbird on Linux signed in by IMAP, encrypted")

    watch.get_by_role("link", name="Test from here").click()
    page.locator("#id_password").fill(password)
    page.get_by_role("button", name="Test now").click()
    expect(page.locator("#connect-test")).to_contain_text("It was in the inbox, and is deleted again.")

    page.goto(f"/domains/{domain}/mailboxes/ana/connect/hand/")
    page.get_by_role("button", name="Make a link").click()
    link = page.locator("#links [data-copy]").first.get_attribute("data-copy")
    assert link is not None

    stranger = visit(None, width=390, locale="es-ES")
    stranger.goto(link)
    stranger.get_by_role("link", name=re.compile("Thunderbird Windows")).first.click()
    expect(stranger.locator("html")).to_have_attribute("lang", "es")
    expect(stranger.get_by_role("heading", name="Los valores")).to_be_visible()
    expect(stranger.locator(".win").first).to_be_visible()
    assert password not in stranger.content()

    page.reload()
    page.get_by_role("button", name=re.compile("^End it now")).click()
    assert stranger.goto(link)
    expect(stranger.locator(".win")).to_have_count(0)


def test_the_language_is_switched_in_the_foot_and_stays(visit: Visitor) -> None:
    page = visit(None, java_script_enabled=False, locale="en-GB")
    page.goto("/accounts/login/")
    expect(page.locator("html")).to_have_attribute("lang", "en")
    page.get_by_role("button", name="Español").click()
    expect(page.locator("html")).to_have_attribute("lang", "es")
    page.goto("/accounts/password/reset/")
    expect(page.locator("html")).to_have_attribute("lang", "es")
    page.get_by_role("button", name="English").click()
    expect(page.locator("html")).to_have_attribute("lang", "en")
