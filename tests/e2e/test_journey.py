"""What the product is for: a mailbox made in the browser receives mail, and the panel tells what became of
it."""

from __future__ import annotations

import os
import re
import secrets
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from bench import clients, journey
from bench.stack import Stack
from bench.web import Browser as Plain
from tests.e2e.conftest import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.nodes]

CLIPBOARD = ["clipboard-read", "clipboard-write"]


def main_form(page: Page) -> None:
    """Press the page's one primary button."""
    page.locator("main button.primary, main form .btn.act").first.click()


def test_from_a_name_to_a_mail_that_track_delivery_lists(visit: Visitor, running: Stack, name: str) -> None:
    page = visit("client", permissions=CLIPBOARD)
    page.goto("/domains/new/")
    page.get_by_label("Domain name").fill(name.upper())
    main_form(page)
    expect(page).to_have_url(re.compile(rf"/domains/{name}/$"))
    expect(page.get_by_role("heading", level=1)).to_have_text(name)

    passwords = {}
    for local in ("ana", "ben"):
        page.goto(f"/domains/{name}/mailboxes/new/")
        passwords[local] = page.locator("[name=password]").input_value()
        page.locator("[name=local]").fill(local)
        page.locator("[name=quota_mb]").fill("300 MB")
        main_form(page)
        expect(page).to_have_url(re.compile(rf"/mailboxes/{local}/"))
        expect(page.locator(".push-state .st.ok").first).to_be_visible()  # by itself: nobody reloads

    page.goto(f"/domains/{name}/mailboxes/ana/connect/")
    for value in (str(running.at("imaps")[1]), "SSL/TLS", f"ana@{name}"):
        page.locator(f'[data-copy="{value}"]').first.click()
        assert page.evaluate("navigator.clipboard.readText()") == value

    subject = f"Hola {secrets.token_hex(6)}"
    with clients.submission(running, "submissions", f"ana@{name}", passwords["ana"]) as smtp:
        smtp.send_message(clients.letter(f"ana@{name}", f"ben@{name}", subject))
    mail = clients.until(
        lambda: clients.imap_find(running, f"ben@{name}", passwords["ben"], subject), within=10, what="mail"
    )
    assert subject.encode() in mail
    page.goto(f"/domains/{name}/track/")
    row = page.locator("tbody tr", has_text=subject)
    for _try in range(5):
        if row.count():
            break
        page.reload()
    expect(row).to_contain_text("Delivered")
    expect(row).to_contain_text("ben")


def test_mx_records_change_in_dns(visit: Visitor, running: Stack, domain: str) -> None:
    page = visit("client")
    page.goto(f"/domains/{domain}/zone/")
    page.locator("[name^=priority-]").first.fill("20")
    page.locator("button[name=save]").click()
    expect(page.locator("main")).to_contain_text("One change, not applied")
    page.goto(f"/domains/{domain}/zone/add/?type=MX")
    page.locator("[name=priority]").fill("30")
    page.locator("[name=target]").fill(f"mx2.{domain}")
    page.locator("main .btn.primary").click()
    expect(page.locator("main")).to_contain_text(f"mx2.{domain}")
    page.get_by_role("link", name="Preview and apply").click()
    page.locator("main .btn.primary").click()
    expect(page.locator("main")).to_contain_text("You applied 2 changes")

    def answered() -> bool | None:
        found = clients.ask(running, domain, "MX")
        return True if [mx.split()[0] for mx in found] == ["20", "30"] else None

    assert clients.until(answered, within=10, what="the new MX set")


def test_password_suspension_and_deletion_take_hold_on_the_servers(
    visit: Visitor, running: Stack, customer: Plain, domain: str, box: tuple[str, str]
) -> None:
    address, old = box
    page = visit("client")
    one = f"/domains/{domain}/mailboxes/ana/"
    page.goto(f"{one}password/")
    new = page.locator("[name=password]").input_value()
    main_form(page)
    expect(page).not_to_have_url(re.compile("/password/$"))
    journey.live(customer, f"mailbox/{address}")
    assert not clients.imap_opens(running, address, old)
    assert clients.imap_opens(running, address, new)

    page.goto(f"{one}suspend/")
    page.locator("[name=reason]").fill("on leave")
    main_form(page)
    expect(page).not_to_have_url(re.compile("/suspend/$"))
    journey.live(customer, f"mailbox/{address}")
    assert not clients.imap_opens(running, address, new)

    page.goto(f"{one}delete/")
    main_form(page)
    expect(page).not_to_have_url(re.compile("/delete/$"))
    journey.live(customer, f"mailbox/{address}")
    page.goto(f"/domains/{domain}/mailboxes/new/")
    page.locator("[name=local]").fill("ana")
    again = page.locator("[name=password]").input_value()
    main_form(page)
    expect(page.locator(".push-state .st.ok").first).to_be_visible()
    assert clients.imap_opens(running, address, again)


def test_another_customer_sees_none_of_it(visit: Visitor, domain: str, box: tuple[str, str]) -> None:
    page = visit("customer2")
    paths = [
        "",
        "delete/",
        "connect/",
        "zone/",
        "track/",
        "mailboxes/",
        "mailboxes/ana/",
        "mailboxes/ana/connect/",
    ]

    for path in paths:
        answer = page.goto(f"/domains/{domain}/{path}")
        assert answer is not None
        assert answer.status == 404
        assert domain not in page.locator("main").inner_text()
    page.goto("/")
    assert domain not in page.content()


def test_the_picture_of_the_readme(visit: Visitor) -> None:
    """The demo's own domain, drawn live; kept only when somebody asks for a new picture."""
    page = visit("customer")
    page.goto("/domains/panaderia-luna.test/")

    expect(page.locator('.office .wide [data-station="incoming"]')).to_have_attribute("data-state", "ok")
    if wanted := os.environ.get("POSTROOM_SCREENSHOT"):
        page.screenshot(path=Path(wanted), full_page=True)
