"""A real browser before the running stack. Each test makes domains of its own, so all can run at once."""

from __future__ import annotations

import contextlib
import re
import secrets
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    ViewportSize,
    expect,
    sync_playwright,
)

from bench import journey
from bench.stack import Stack
from bench.web import Browser as Plain

CHROMIUM = "/usr/bin/chromium"
ARGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP *.brand.test 127.0.0.1",  # a reseller's own names lead to the panel
]
PATIENCE = 15_000  # milliseconds

Visitor = Callable[..., Page]
Login = tuple[str, str]


def sign_in(page: Page, login: str, password: str) -> None:
    page.goto("/accounts/login/")
    page.locator("[name=login]").fill(login)
    page.locator("[name=password]").fill(password)
    page.locator("form[data-login] [type=submit]").first.click()


def confirm(page: Page, password: str) -> None:
    """Sensitive pages ask again."""
    expect(page).to_have_url(re.compile(r"/accounts/reauthenticate/"))
    page.locator("[name=password]").fill(password)
    page.locator("main [type=submit]").first.click()


@pytest.fixture(scope="session")
def running(stack: dict[str, Any]) -> Stack:
    return Stack(stack)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """One a module: while Playwright runs, Django refuses the database in this thread, and other tests want
    it."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGS)
        yield browser
        browser.close()


@pytest.fixture
def opened() -> list[BrowserContext]:
    """What is open in the browser: to be closed before what it shows is deleted."""
    return []


@pytest.fixture
def visit(chromium: Browser, running: Stack, opened: list[BrowserContext]) -> Iterator[Visitor]:
    """``visit(who, width=…, **context)``: a page signed in as that role's person, as (login, password), or as
    nobody. Afterwards: no script was blocked and none failed."""
    complaints: list[str] = []

    def note(message: ConsoleMessage) -> None:
        if message.type == "error" and not re.search(r"status of (403|404|422) ", message.text):
            complaints.append(message.text)

    def open_as(who: str | Login | None, *, width: int = 1280, **more: Any) -> Page:
        more.setdefault("base_url", running.panel)
        size: ViewportSize = {"width": width, "height": 844}
        context = chromium.new_context(viewport=size, ignore_https_errors=True, **more)
        context.set_default_timeout(PATIENCE)
        opened.append(context)
        page = context.new_page()
        page.on("console", note)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        if isinstance(who, str):
            who = running.sign_in(who) or pytest.fail(f"the stack has no {who}")
        if who is not None:
            sign_in(page, *who)
            expect(page).not_to_have_url(re.compile("/accounts/login/"))
        return page

    expect.set_options(timeout=PATIENCE)
    yield open_as
    _close(opened)
    assert not complaints


@pytest.fixture
def customer(running: Stack) -> Iterator[Plain]:
    """The customer without a browser, for what a test only needs to be there."""
    login, password = running.sign_in("client") or pytest.fail("the stack has no client")
    plain = journey.sign_in(running, login, password)
    yield plain
    plain.close()


def _close(opened: list[BrowserContext]) -> None:
    while opened:
        opened.pop().close()


@pytest.fixture
def name(customer: Plain, opened: list[BrowserContext]) -> Iterator[str]:
    """A name for a throw-away domain; whatever the test made of it is removed."""
    chosen = f"e2e-{secrets.token_hex(4)}.test"
    yield chosen
    _close(opened)
    with contextlib.suppress(LookupError):
        journey.delete_domain(customer, chosen)


@pytest.fixture
def domain(customer: Plain, name: str) -> str:
    """A domain that is there."""
    journey.add_domain(customer, name)
    journey.live(customer, f"mail_domain/{name}")
    return name


@pytest.fixture
def box(customer: Plain, domain: str) -> tuple[str, str]:
    """A live mailbox of it: address and password."""
    password = secrets.token_urlsafe(18)
    journey.make_mailbox(customer, domain, "ana", password)
    journey.live(customer, f"mailbox/ana@{domain}")
    return f"ana@{domain}", password
