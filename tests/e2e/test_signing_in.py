"""Signing in by the ways there are, in a real browser: mailbox, passkey, app, recovery code."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator

import pytest
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from playwright.sync_api import Browser, Page, expect

from bench import clients
from bench.people import throw_away
from bench.stack import Stack
from tests.e2e.conftest import PATIENCE, confirm, sign_in

pytestmark = [pytest.mark.browser, pytest.mark.nodes]
OWN = ["/mailbox/", "/mailbox/connect/", "/mailbox/password/", "/mailbox/sign-ins/", "/accounts/logout/"]


@pytest.fixture
def somebody(running: Stack) -> tuple[str, str]:
    """A person of this test alone: login and password."""
    return throw_away(running, f"signin-{secrets.token_hex(4)}-")[0]


@pytest.fixture
def tab(chromium: Browser, running: Stack) -> Iterator[Page]:
    """Nobody is signed in in it."""
    context = chromium.new_context(
        base_url=running.panel, ignore_https_errors=True, viewport={"width": 1280, "height": 844}
    )
    context.set_default_timeout(PATIENCE)
    expect.set_options(timeout=PATIENCE)
    yield context.new_page()
    context.close()


def sign_out(page: Page) -> None:
    page.goto("/accounts/logout/")
    page.locator("main form [type=submit]").click()
    page.wait_for_url("**/accounts/login/**")


def code_of(secret: str) -> str:
    return str(format_hotp_value(hotp_value(secret, next(yield_hotp_counters_from_time()))))


def test_a_mailbox_user_sees_the_mailbox_alone(tab: Page, box: tuple[str, str]) -> None:
    address, password = box
    sign_in(tab, address, password)
    expect(tab).to_have_url(re.compile(r"/mailbox/$"))
    expect(tab.locator("h1")).to_contain_text(address.partition("@")[0])
    for path in OWN:
        answer = tab.goto(path)
        assert answer is not None
        assert answer.status == 200, path
        tab.set_viewport_size({"width": 320, "height": 844})
        assert tab.evaluate("document.documentElement.scrollWidth") <= 320, path
        assert tab.locator("h1").count() == 1, path
    for path in ("/", "/profile/", "/track/", "/accounts/2fa/", "/accounts/", "/domains/new/", "/admin/"):
        answer = tab.goto(path)
        assert answer is not None
        assert answer.status == 404, path


def test_a_mailbox_user_changes_the_password(tab: Page, running: Stack, box: tuple[str, str]) -> None:
    address, password = box
    sign_in(tab, address, password)
    tab.goto("/mailbox/password/")
    tab.locator("[name=present]").fill(password)
    new = tab.locator("[name=password]").input_value()
    tab.get_by_role("button", name="Change the password").last.click()
    expect(tab.get_by_text("The password is changed").first).to_be_visible()
    clients.until(lambda: clients.imap_opens(running, address, new) or None, within=5, what="the new one")
    assert not clients.imap_opens(running, address, password)
    sign_out(tab)
    sign_in(tab, address, password)
    expect(tab.locator("[role=alert]")).to_contain_text("not right")
    sign_in(tab, address, new)
    expect(tab).to_have_url(re.compile(r"/mailbox/$"))


def test_a_passkey_signs_in_by_itself(tab: Page, somebody: tuple[str, str]) -> None:
    devtools = tab.context.new_cdp_session(tab)
    devtools.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    sign_in(tab, *somebody)
    expect(tab).to_have_url(re.compile(r":\d+/$"))
    tab.goto("/accounts/2fa/webauthn/add/")
    confirm(tab, somebody[1])
    tab.locator("[name=passwordless]").check()
    tab.locator("#mfa_webauthn_add").click()
    expect(tab).to_have_url(re.compile(r"/recovery-codes/"))
    sign_out(tab)
    tab.locator("#passkey_login").click()
    expect(tab).to_have_url(re.compile(r":\d+/$"))
    sign_out(tab)
    sign_in(tab, *somebody)
    expect(tab).to_have_url(re.compile(r"/2fa/authenticate/"))
    tab.locator("#mfa_webauthn_authenticate").click()
    expect(tab).to_have_url(re.compile(r":\d+/$"))


def test_an_app_and_a_recovery_code_are_second_steps(tab: Page, somebody: tuple[str, str]) -> None:
    sign_in(tab, *somebody)
    expect(tab).to_have_url(re.compile(r":\d+/$"))
    tab.goto("/accounts/2fa/totp/activate/")
    confirm(tab, somebody[1])
    secret = tab.locator(".steps .copy code").inner_text()
    tab.locator("[name=code]").fill(code_of(secret))
    tab.locator("main [type=submit]").first.click()
    expect(tab.locator(".codes code").first).to_be_visible()
    recovery = tab.locator(".codes code").first.inner_text()
    sign_out(tab)
    sign_in(tab, *somebody)
    tab.locator("[name=code]").fill("000000")
    tab.locator("main [type=submit]").first.click()
    expect(tab.locator("[role=alert]")).to_contain_text("not right")
    tab.locator("[name=code]").fill(recovery)
    tab.locator("main [type=submit]").first.click()
    expect(tab).to_have_url(re.compile(r":\d+/$"))


def test_sessions_are_listed_and_ended_without_javascript(
    chromium: Browser, running: Stack, somebody: tuple[str, str]
) -> None:
    pages = []
    for agent in ("Mozilla/5.0 (Windows NT 10.0) Gecko/20100101 Firefox/128.0", "curl/8.4"):
        context = chromium.new_context(
            base_url=running.panel,
            ignore_https_errors=True,
            user_agent=agent,
            java_script_enabled=False,
            viewport={"width": 390, "height": 844},
        )
        context.set_default_timeout(PATIENCE)
        pages.append(context.new_page())
        sign_in(pages[-1], *somebody)
        expect(pages[-1]).to_have_url(re.compile(r":\d+/$"))
    first, second = pages
    first.goto("/accounts/sessions/")
    expect(first.locator("main")).to_contain_text("Firefox on Windows")
    first.get_by_role("button", name=re.compile("^End it: curl")).click()
    expect(first.get_by_text("That session is ended").first).to_be_visible()
    second.goto("/profile/")
    expect(second).to_have_url(re.compile(r"/accounts/login/"))
    for page in pages:
        page.context.close()
