"""The frame in a real browser: menus by keyboard, navigation on a phone, colours, the second step's pages."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from bench import journey
from bench.web import Browser as Plain
from tests.e2e.conftest import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.nodes]


def test_menus_open_and_close_by_keyboard(visit: Visitor) -> None:
    page = visit("client")
    for button, menu in ((".switcher", "#domains"), ("[popovertarget=account-menu]", "#account-menu")):
        page.locator(button).focus()
        page.keyboard.press("Enter")
        expect(page.locator(menu)).to_be_visible()
        page.keyboard.press("Escape")
        expect(page.locator(menu)).to_be_hidden()


@pytest.mark.parametrize("script", [True, False])
def test_the_navigation_opens_on_a_phone(visit: Visitor, customer: Plain, name: str, script: bool) -> None:
    journey.add_domain(customer, name)
    page = visit("client", width=390, java_script_enabled=script)
    page.goto(f"/domains/{name}/")
    expect(page.locator("#nav")).to_be_hidden()
    page.locator(".menu-btn").click()
    page.locator("#nav").get_by_role("link", name="Mailboxes").click()
    expect(page).to_have_url(re.compile(rf"/domains/{name}/mailboxes/$"))


def test_the_first_stop_leads_past_the_frame(visit: Visitor) -> None:
    page = visit("client")
    page.goto("/profile/")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"


def test_a_slash_finds(visit: Visitor) -> None:
    page = visit("client")
    page.goto("/")
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.type") == "search"


@pytest.mark.parametrize("script", [True, False])
def test_colours_are_chosen_and_kept(visit: Visitor, script: bool) -> None:
    page = visit("customer2", java_script_enabled=script, color_scheme="light")
    page.goto("/profile/")
    paper = page.locator("body")
    with page.expect_response(lambda answer: answer.url.endswith("/theme/")):
        page.get_by_role("button", name="Dark", exact=True).click()
    page.goto("/profile/")
    expect(paper).to_have_css("background-color", "rgb(20, 23, 28)")
    with page.expect_response(lambda answer: answer.url.endswith("/theme/")):
        page.get_by_role("button", name="As the device says").click()
    page.goto("/profile/")
    expect(paper).to_have_css("background-color", "rgb(246, 244, 238)")


def test_icons_come_from_the_sprite(visit: Visitor) -> None:
    """An external <use> is drawn under our policy, in the colour of its words."""
    page = visit("client")
    icon = page.locator("[popovertarget=account-menu] svg.i")
    assert icon.evaluate("icon => icon.firstElementChild.getBoundingClientRect().height") > 5
    assert icon.evaluate("icon => getComputedStyle(icon).stroke === getComputedStyle(icon.parentNode).color")


def test_the_second_steps_page_asks_who_it_is_first(visit: Visitor) -> None:
    page = visit("customer2")
    page.goto("/accounts/2fa/totp/activate/")
    expect(page.get_by_role("heading", name="Is it you?")).to_be_visible()
    reveal = page.locator("[data-reveal]")
    reveal.click()
    expect(page.locator("[name=password]")).to_have_attribute("type", "text")
