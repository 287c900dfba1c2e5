"""The Zone Editor as somebody who fears DNS uses it: everything is gathered, shown, applied as one and taken
back, and the name server is asked each time."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from bench import clients, journey
from bench.stack import Stack
from bench.web import Browser as Plain
from tests.e2e.conftest import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.nodes]


def answered(running: Stack, name: str, kind: str, wanted: list[str]) -> None:
    clients.until(
        lambda: clients.ask(running, name, kind) == sorted(wanted) or None,
        within=20,
        what=f"{name} {kind} {wanted}, and not {clients.ask(running, name, kind)}",
    )


def preview(page: Page) -> None:
    page.get_by_role("link", name="Preview and apply").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Preview: what will change")


def apply(page: Page) -> None:
    page.get_by_role("button", name=re.compile(r"^Apply ")).click()
    expect(page).to_have_url(re.compile(r"/zone/$"))


def test_a_second_mx_is_previewed_applied_reordered_and_taken_back(
    visit: Visitor, running: Stack, domain: str
) -> None:
    page = visit("client")
    page.goto(f"/domains/{domain}/zone/add/?type=MX")
    page.get_by_label("Priority").fill("20")
    page.get_by_label("Destination").fill("backup")
    page.get_by_role("button", name="Add the record").click()
    expect(page.get_by_role("region", name="Changes not applied")).to_contain_text("One change, not applied")
    answered(running, domain, "MX", ["10 mail1.postroom.test."])
    preview(page)
    expect(page.locator("main")).to_contain_text(
        f"Mail goes first to mail1.postroom.test; if it does not answer, to backup.{domain}."
    )
    expect(page.locator("main")).to_contain_text("has no address")
    apply(page)
    answered(running, domain, "MX", ["10 mail1.postroom.test.", f"20 backup.{domain}."])
    page.get_by_role("button", name=f"Move backup.{domain}: drag, or press the arrow keys").press("ArrowUp")
    expect(page.locator("main")).to_contain_text(f"Mail goes first to backup.{domain}")
    preview(page)
    apply(page)
    answered(running, domain, "MX", [f"10 backup.{domain}.", "20 mail1.postroom.test."])
    page.get_by_role("region", name="Just applied").get_by_role("button", name="Undo").click()
    answered(running, domain, "MX", ["10 mail1.postroom.test.", f"20 backup.{domain}."])
    expect(page.locator("main")).to_contain_text("Live")


def test_google_in_one_flow_and_back_with_one_button(visit: Visitor, running: Stack, domain: str) -> None:
    page = visit("client")
    before = clients.ask(running, domain, "TXT")
    page.goto(f"/domains/{domain}/zone/")
    page.get_by_role("link", name=re.compile("Use a preset")).click()
    page.get_by_role("link", name="Google Workspace", exact=True).click()
    page.get_by_role("button", name="Show what changes").click()
    expect(page.locator("main")).to_contain_text("smtp.google.com")
    apply(page)
    answered(running, domain, "MX", ["1 smtp.google.com."])
    assert [text for text in clients.ask(running, domain, "TXT") if "spf1" in text] == [
        '"v=spf1 include:_spf.google.com ~all"'
    ]
    page.goto(f"/domains/{domain}/routing/")
    expect(page.get_by_role("radio", name="Remote")).to_be_checked()
    page.goto(f"/domains/{domain}/zone/")
    page.get_by_role("region", name="Just applied").get_by_role("button", name="Undo").click()
    answered(running, domain, "MX", ["10 mail1.postroom.test."])
    assert clients.ask(running, domain, "TXT") == before
    page.goto(f"/domains/{domain}/routing/")
    expect(page.get_by_role("radio", name=re.compile("Automatic"))).to_be_checked()


def test_a_zone_file_is_refused_by_line_and_taken_as_a_whole(
    visit: Visitor, running: Stack, domain: str
) -> None:
    page = visit("client")
    page.goto(f"/domains/{domain}/zone/import/")
    page.locator("textarea[name=text]").fill("www 300 A 192.0.2.7\n$INCLUDE other.zone\nbad A 192.0.2.777\n")
    page.locator("main form").get_by_role("button", name=re.compile("Show what|Read")).first.click()
    errors = page.locator("main")
    expect(errors).to_contain_text("$INCLUDE")
    expect(errors).to_contain_text("192.0.2.777")
    page.locator("textarea[name=text]").fill('www 300 A 192.0.2.7\nlong TXT ( "one "\n "two" )\n')
    page.locator("main form").get_by_role("button", name=re.compile("Show what|Read")).first.click()
    apply(page)
    answered(running, f"www.{domain}", "A", ["192.0.2.7"])
    answered(running, f"long.{domain}", "TXT", ['"one " "two"'])


def test_the_second_of_two_editors_sees_what_the_first_did(
    visit: Visitor, running: Stack, domain: str, customer: Plain
) -> None:
    page = visit("client", java_script_enabled=False)
    page.goto(f"/domains/{domain}/zone/")
    page.get_by_role("textbox", name=re.compile("Priority of")).fill("30")
    page.get_by_role("button", name="Save priorities").click()
    reseller = visit("reseller")
    reseller.goto(f"/domains/{domain}/zone/")
    reseller.get_by_role("textbox", name=re.compile("Priority of")).fill("40")
    reseller.get_by_role("button", name="Save priorities").click()
    preview(reseller)
    apply(reseller)
    answered(running, domain, "MX", ["40 mail1.postroom.test."])
    preview(page)
    expect(page.locator("main")).to_contain_text("40 mail1.postroom.test")
    page.get_by_role("button", name="Merge").click()
    apply(page)
    answered(running, domain, "MX", ["30 mail1.postroom.test."])
    journey.live(customer, f"zone/{domain}")


def test_no_mail_at_all_and_back(visit: Visitor, running: Stack, domain: str) -> None:
    page = visit("client")
    page.goto(f"/domains/{domain}/routing/")
    page.get_by_role("radio", name="Off").check()
    page.get_by_role("button", name="Save").click()
    sure = page.locator("main form button[type=submit]")
    sure.first.click()
    answered(running, domain, "MX", ["0 ."])
    page.goto(f"/domains/{domain}/zone/")
    expect(page.locator("main")).to_contain_text("takes no mail")
