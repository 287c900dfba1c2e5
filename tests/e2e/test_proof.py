"""A domain waits until it is proved, or until the provider takes somebody's word for it."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from bench import clients, journey
from bench.stack import Stack
from tests.e2e.conftest import Visitor
from tests.e2e.people import Owner, owners

pytestmark = [pytest.mark.browser, pytest.mark.nodes]


@pytest.fixture
def two(running: Stack) -> tuple[Owner, Owner]:
    """Customers who do not know each other, whose word is not enough."""
    one, other = owners(running, "customer", "customer")
    return one, other


@pytest.fixture
def claimed(running: Stack, two: tuple[Owner, Owner]) -> Iterator[str]:
    """A name for the first one's domain; gone afterwards, should it have become one."""
    name = f"e2e-{secrets.token_hex(4)}.test"
    yield name
    browser = journey.sign_in(running, *two[0].login)
    if browser.open(f"/domains/{name}/delete/").status == 200:
        journey.delete_domain(browser, name)
    browser.close()


def test_a_domain_waits_until_the_provider_takes_it(
    visit: Visitor, running: Stack, two: tuple[Owner, Owner], claimed: str
) -> None:
    page = visit(two[0].login)
    page.goto("/domains/new/")
    page.get_by_label("Domain name").fill(claimed)
    page.get_by_role("button", name="Add the domain").click()
    expect(page).to_have_url(re.compile(rf"/domains/{claimed}/proof/"))
    expect(page.get_by_role("heading", level=1)).to_have_text(f"Show that {claimed} is yours")
    record = page.locator("dl", has_text="TXT").first
    expect(record).to_contain_text(f"_postroom-proof.{claimed}")
    expect(page.get_by_role("button", name="Take it without proof")).to_have_count(0)
    page.goto("/")
    expect(page.locator("main")).to_contain_text(claimed)
    expect(page.locator("main")).to_contain_text("waits for proof")
    assert clients.ask(running, claimed, "SOA") == []

    stranger = visit(two[1].login)
    for path in ("", "proof/", "zone/", "mailboxes/"):
        answer = stranger.goto(f"/domains/{claimed}/{path}")
        assert answer is not None
        assert answer.status == 404, path
    for path in ("/", f"/search/?q={claimed}", "/activity/"):
        stranger.goto(path)
        assert claimed not in stranger.locator("main").inner_text().replace(f"“{claimed}”", ""), path

    desk = visit("admin")
    desk.goto(f"/admin/accounts/domainclaim/?q={claimed}")
    desk.locator("#result_list tbody input[type=checkbox]").check()
    desk.locator("select[name=action]").select_option(label="Take without proof, on our word")
    desk.locator(".actions [type=submit]").click()
    expect(desk.locator(".messagelist")).to_contain_text("1 is a domain now")

    page.goto(f"/domains/{claimed}/proof/")
    expect(page).to_have_url(re.compile(rf"/domains/{claimed}/$"))
    plain = journey.sign_in(running, *two[0].login)
    journey.live(plain, f"mail_domain/{claimed}")
    plain.close()
    clients.until(lambda: clients.ask(running, claimed, "SOA") or None, within=10, what="the zone")
    page.goto("/activity/")
    told = page.locator("tbody tr", has_text=claimed).first
    expect(told).to_be_visible()


def test_the_page_of_a_waiting_domain_works_without_javascript(
    visit: Visitor, two: tuple[Owner, Owner], claimed: str
) -> None:
    page = visit(two[0].login, java_script_enabled=False, width=390)
    page.goto("/domains/new/")
    page.get_by_label("Domain name").fill(claimed)
    page.get_by_role("button", name="Add the domain").click()
    expect(page).to_have_url(re.compile(rf"/domains/{claimed}/proof/"))
    page.get_by_role("button", name="Look now").click()
    expect(page).to_have_url(re.compile(rf"/domains/{claimed}/proof/"))
    page.get_by_role("button", name="Do not add it").click()
    expect(page.get_by_text(f"{claimed} no longer waits for proof").first).to_be_visible()
    expect(page.get_by_role("heading", level=1)).to_have_text("Welcome")
