"""Every guide is photographed at both widths, in both themes and languages, and looked at as far as a program
can: nothing sticks out, and whoever cannot see a picture hears what it shows. The photographs stay in the
instance's ``shots`` folder."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

import pytest
from playwright.sync_api import Browser, Page, expect

from bench import journey
from bench.stack import Stack
from guides.catalog import programs
from tests.e2e.conftest import PATIENCE, sign_in

pytestmark = [pytest.mark.browser, pytest.mark.nodes]

DOMAIN = "taller-sol.test"  # of the demo
LOOKS: list[tuple[int, Literal["light", "dark"], str]] = [
    (1280, "light", "en"),
    (390, "dark", "en"),
    (390, "light", "es"),
    (1280, "dark", "es"),
]
# What sticks out of its window.
MEASURE = """() => [...document.querySelectorAll('.win')].flatMap(win => {
  const box = win.getBoundingClientRect();
  return [...win.querySelectorAll('*')].filter(part => {
    const place = part.getBoundingClientRect();
    return place.width && (place.right > box.right + 1 || place.left < box.left - 1);
  }).map(part => part.className + ': ' + part.textContent.trim().slice(0, 40));
})"""


@pytest.fixture(scope="module")
def shots(stack: dict[str, Any]) -> Path:
    folder = Path(stack["state"]) / "shots"
    folder.mkdir(exist_ok=True)
    return folder


@pytest.fixture(scope="module")
def local(running: Stack) -> Iterator[str]:
    """A mailbox with a long name, the same for all guides."""
    chosen = f"ana.maria.fernandez.{secrets.token_hex(4)}"
    plain = journey.sign_in(running, *(running.sign_in("client") or pytest.fail("the stack has no client")))
    journey.make_mailbox(plain, DOMAIN, chosen, secrets.token_urlsafe(12))
    yield chosen
    journey.act(plain, DOMAIN, chosen, "delete")
    plain.close()


@pytest.fixture(scope="module")
def reader(chromium: Browser, running: Stack) -> Iterator[Page]:
    context = chromium.new_context(base_url=running.panel, ignore_https_errors=True)
    context.set_default_timeout(PATIENCE)
    page = context.new_page()
    sign_in(page, *(running.sign_in("client") or pytest.fail("the stack has no client")))
    expect(page.locator(".topbar")).to_be_visible()
    yield page
    context.close()


@pytest.mark.parametrize("slug", sorted(programs()))
def test_a_guide_fits_and_says_what_it_shows(slug: str, reader: Page, local: str, shots: Path) -> None:
    for width, theme, language in LOOKS:
        reader.set_viewport_size({"width": width, "height": 844})
        reader.emulate_media(color_scheme=theme)
        reader.set_extra_http_headers({"Accept-Language": language})
        for protocol in programs()[slug].protocols:
            reader.goto(f"/domains/{DOMAIN}/mailboxes/{local}/connect/{slug}/?protocol={protocol}")
            _looked_at(reader, width, language)
            name = f"{slug}-{protocol}-{width}-{theme}-{language}.png"
            reader.screenshot(path=shots / name, full_page=True)


def _looked_at(page: Page, width: int, language: str) -> None:
    expect(page.locator("html")).to_have_attribute("lang", language)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    windows = page.locator(".win")
    assert windows.count() > 0
    assert page.evaluate(MEASURE) == []
    for says in windows.evaluate_all("found => found.map(one => one.getAttribute('aria-label'))"):
        assert len(says) > 20
