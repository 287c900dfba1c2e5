"""Mail Queue in a browser: a mail that cannot leave is found, held, released and deleted."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from bench import clients, journey
from bench.people import throw_away
from bench.stack import Stack
from tests.e2e.conftest import Login, Visitor, _close
from tests.onstack import House, word

pytestmark = [pytest.mark.browser, pytest.mark.nodes]

LATER = "[203.0.113.96]"  # RFC 5737 §3: nobody is there


@pytest.fixture
def sender(running: Stack, opened: list[BrowserContext]) -> Iterator[tuple[House, Login]]:
    """A customer with a domain of their own."""
    login = throw_away(running, f"queue-{secrets.token_hex(3)}-")[0]
    plain = journey.sign_in(running, *login)
    house = House(running, plain, f"q-{secrets.token_hex(4)}.test")
    journey.add_domain(plain, house.domain)
    journey.live(plain, f"mail_domain/{house.domain}")
    yield house, login
    _close(opened)
    journey.delete_domain(plain, house.domain)
    plain.close()


def send(house: House, *names: str) -> None:
    box = house.box()
    letter = clients.letter(box.address, "somebody@outside.example", word()).as_bytes()
    with clients.submission(box.stack, "submissions", box.address, box.password) as client:
        for name in names:
            client.sendmail(box.address, [f"{name}@{LATER}"], letter)


def fits(page: Page) -> bool:
    wide: int = page.evaluate("document.documentElement.scrollWidth")
    return wide <= page.viewport_size["width"]  # type: ignore[index]  # it was set


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("script", [True, False])
def test_the_way_of_a_mail_that_waits(
    sender: tuple[House, Login], visit: Visitor, width: int, script: bool
) -> None:
    house, login = sender
    send(house, "one", "two")
    page = visit(login, width=width)
    if not script:
        cookies = page.context.cookies()
        page = visit(None, width=width, java_script_enabled=False)
        page.context.add_cookies(cookies)  # type: ignore[arg-type]  # as they were given
    page.goto(f"/domains/{house.domain}/queue/")
    expect(page.locator("table.waiting tbody tr")).to_have_count(2)
    assert fits(page)
    row = page.locator("table.waiting tbody tr", has_text="one@")
    row.locator(".pick").check()
    page.get_by_role("button", name="Hold").click()
    expect(page.locator("body")).to_contain_text("1 mail is held")
    expect(page.get_by_role("link", name=re.compile("Held 1"))).to_be_visible()
    page.get_by_role("link", name=re.compile("Held 1")).click()
    expect(page.locator("table.waiting tbody tr")).to_have_count(1)
    page.locator("table.waiting tbody .pick").check()
    page.get_by_role("button", name="Delete…").click()
    expect(page.get_by_role("heading", name="Delete 1 waiting mail?")).to_be_visible()
    expect(page.locator("main")).to_contain_text("one@")
    assert fits(page)
    page.get_by_role("button", name="Delete for good").click()
    expect(page.locator("body")).to_contain_text("1 mail is deleted and no longer in the queue.")
    page.goto(f"/domains/{house.domain}/queue/?to=two")
    expect(page.locator("table.waiting tbody tr")).to_have_count(1)
    page.goto(f"/activity/?domain={house.domain}")
    expect(page.locator("main")).to_contain_text("chose “Delete” for 1 waiting mail")
