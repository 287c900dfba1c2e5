"""Track Delivery in a browser: mail comes in by itself, is filtered, kept, exported, and its sender told."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from bench import clients
from bench.stack import Stack
from tests.e2e.conftest import Visitor
from tests.onstack import OUTSIDE, from_outside, word

pytestmark = [pytest.mark.browser, pytest.mark.nodes]


def write(running: Stack, to: str, subject: str) -> None:
    with from_outside(running) as smtp:
        smtp.send_message(clients.letter(OUTSIDE, to, subject))


def test_mail_comes_in_by_itself_and_is_found(
    visit: Visitor, running: Stack, domain: str, box: tuple[str, str]
) -> None:
    page = visit("client")
    page.goto(f"/domains/{domain}/track/")
    expect(page.locator("main")).to_contain_text("No mail yet")
    first, second = word(), word()
    write(running, box[0], first)
    rows = page.locator("#deliveries tr")
    expect(rows.filter(has_text=first)).to_contain_text("Delivered")
    page.evaluate("window.stays = true")
    write(running, box[0], second)
    expect(rows.first).to_contain_text(second)
    expect(rows).to_have_count(2)
    expect(rows.first).to_contain_text("Delivered")
    assert page.evaluate("window.stays")  # not drawn anew

    page.get_by_label("Address, subject, ID or answer").fill(f"subject:{first}")
    page.get_by_role("button", name="Find").click()
    expect(rows).to_have_count(1)
    page.get_by_role("link", name="Failed", exact=True).click()
    expect(page).to_have_url(re.compile(r"status=4"))
    expect(page.locator("main")).to_contain_text("No message fits this filter")
    page.get_by_role("link", name="Delivered", exact=True).click()
    expect(rows).to_have_count(1)
    page.get_by_label("Keep this filter as").fill("Mine")
    page.get_by_role("button", name="Keep it").click()
    page.goto(f"/domains/{domain}/track/")
    expect(rows).to_have_count(2)
    page.get_by_role("link", name="Mine", exact=True).click()
    expect(rows).to_have_count(1)
    with page.expect_download() as saved:
        page.get_by_role("link", name="Export (CSV)").click()
    text = saved.value.path().read_text(encoding="utf-8")
    assert first in text
    assert second not in text
    page.get_by_role("button", name="Delete the filter Mine").click()
    expect(page.get_by_role("link", name="Mine", exact=True)).to_have_count(0)


def test_nothing_is_asked_while_nobody_looks(
    visit: Visitor, running: Stack, domain: str, box: tuple[str, str]
) -> None:
    page = visit("client")
    # Its story is over: a row that is still told of may have the page drawn anew.
    told = word()
    write(running, box[0], told)
    page.goto(f"/domains/{domain}/track/")
    expect(page.locator("#deliveries tr").filter(has_text=told)).to_contain_text("Delivered")
    page.clock.install()
    news = re.compile("/track/news/")
    with page.expect_response(news) as answered:
        page.goto(f"/domains/{domain}/track/")
        page.clock.run_for(1500)
    answered.value.finished()
    asked: list[str] = []
    page.evaluate("Object.defineProperty(document, 'hidden', {get: () => true, configurable: true})")
    page.on("request", lambda request: asked.append(request.url))
    page.clock.run_for(5000)
    assert asked == []
    page.evaluate("Object.defineProperty(document, 'hidden', {get: () => false})")
    with page.expect_request(news):
        page.clock.run_for(1500)
