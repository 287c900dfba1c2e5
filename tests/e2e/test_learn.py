"""Every article of Learn is photographed at both widths, in both themes and languages: nothing sticks out of
the page or of a drawing. And what needs no script works without one. The photographs stay in the instance's
``shots`` folder."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

import pytest
from playwright.sync_api import Browser, Page, expect

from bench.stack import Stack
from guides.learn.library import library
from tests.e2e.conftest import PATIENCE, Visitor, sign_in

pytestmark = [pytest.mark.browser, pytest.mark.nodes]

DOMAIN = "taller-sol.test"  # of the demo
LOOKS: list[tuple[int, Literal["light", "dark"], str]] = [
    (1280, "light", "en"),
    (390, "dark", "en"),
    (390, "light", "es"),
    (1280, "dark", "es"),
]
PLACES = ["", "glossary/", "which/", "?q=imap", *(f"{slug}/" for slug in library().articles)]
# Words that stick out of their plate, in the drawing that is shown.
MEASURE = """() => [...document.querySelectorAll('.office svg[role=img]')]
  .filter(svg => svg.getClientRects().length)
  .flatMap(svg => [...svg.querySelectorAll('g')].flatMap(plate => {
    const box = plate.querySelector('rect').getBoundingClientRect();
    return [...plate.querySelectorAll('text')].filter(text => {
      const place = text.getBoundingClientRect();
      return place.right > box.right + 1 || place.bottom > box.bottom + 1;
    }).map(text => text.textContent);
  }))"""


@pytest.fixture(scope="module")
def shots(stack: dict[str, Any]) -> Path:
    folder = Path(stack["state"]) / "shots"
    folder.mkdir(exist_ok=True)
    return folder


@pytest.fixture(scope="module")
def reader(chromium: Browser, running: Stack) -> Iterator[Page]:
    context = chromium.new_context(base_url=running.panel, ignore_https_errors=True)
    context.set_default_timeout(PATIENCE)
    page = context.new_page()
    sign_in(page, *(running.sign_in("client") or pytest.fail("the stack has no client")))
    expect(page.locator(".topbar")).to_be_visible()
    yield page
    context.close()


@pytest.mark.parametrize("place", PLACES)
def test_a_page_of_learn_fits(place: str, reader: Page, shots: Path) -> None:
    name = place.strip("/?").replace("=", "-") or "index"
    for width, theme, language in LOOKS:
        reader.set_viewport_size({"width": width, "height": 900})
        reader.emulate_media(color_scheme=theme)
        reader.context.set_extra_http_headers({"Accept-Language": language})
        reader.goto(f"/domains/{DOMAIN}/learn/{place}")
        expect(reader.locator("h1")).to_have_count(1)
        reader.screenshot(
            path=shots / f"learn-{name}-{width}-{theme}-{language}.png", full_page=True, animations="disabled"
        )
        assert reader.evaluate("document.documentElement.scrollWidth") <= width, (width, language)
        assert reader.evaluate(MEASURE) == [], (width, language)
    reader.context.set_extra_http_headers({})


def test_the_answer_needs_no_script(visit: Visitor) -> None:
    page = visit("client", java_script_enabled=False)
    page.goto(f"/domains/{DOMAIN}/learn/which/")
    page.check("input[value=computer]")
    page.check("input[value=phone]")
    page.click("main form.form button[type=submit]")
    expect(page.locator(".advice")).to_have_attribute("data-verdict", "imap")

    page.goto(f"/domains/{DOMAIN}/learn/ports/")
    page.click("#helpful button[value=no]")
    page.fill("#helpful-say", "Which one for my printer?")
    page.press("#helpful-say", "Enter")
    expect(page.locator("#helpful-say")).to_have_value("Which one for my printer?")
    expect(page.locator("#helpful button[value=no]")).to_have_attribute("aria-pressed", "true")


def test_a_word_leads_to_its_meaning_by_keyboard(visit: Visitor) -> None:
    page = visit("client")
    page.goto(f"/domains/{DOMAIN}/sending/")
    page.locator("h1 a.explained").focus()
    page.keyboard.press("Enter")
    expect(page.locator("article[data-article=sending-limits] h1")).to_be_visible()
