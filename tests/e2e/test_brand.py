"""A reseller's own face, on a host name of its own."""

from __future__ import annotations

import io
import re
import secrets

import pytest
from PIL import Image
from playwright.sync_api import expect

from bench.stack import Stack
from tests.e2e.conftest import Visitor, sign_in
from tests.e2e.people import owners

pytestmark = [pytest.mark.browser, pytest.mark.nodes]

ACCENT, AS_DRAWN = "#8a1f6d", "rgb(138, 31, 109)"


def _logo() -> bytes:
    drawn = io.BytesIO()
    Image.new("RGB", (120, 40), ACCENT).save(drawn, "PNG")
    return drawn.getvalue()


def test_visitors_of_a_resellers_host_see_its_face(visit: Visitor, running: Stack) -> None:
    reseller, client = owners(running, "reseller", "client")
    mark = secrets.token_hex(4)
    name, host = f"Nube {mark}", f"panel.{mark}.brand.test"
    page = visit(reseller.login)
    page.goto("/branding/")
    page.locator("main [name=name]").fill(name)
    page.locator("[name=accent]").fill(ACCENT)
    page.locator("[name=support_email]").fill(f"help@{mark}.brand.test")
    page.locator("[name=panel_host]").fill(host)
    page.locator("[name=logo]").set_input_files(
        {"name": "logo.png", "mimeType": "image/png", "buffer": _logo()}
    )
    page.get_by_role("button", name="Save and show").click()
    expect(page.get_by_text("Your brand is saved").first).to_be_visible()
    expect(page.locator(".brand-look img.logo").first).to_have_attribute("alt", name)

    port = running.panel.rpartition(":")[2]
    theirs = f"https://{host}:{port}"
    guest = visit(None, base_url=theirs, color_scheme="light")
    guest.goto("/accounts/login/")
    expect(guest).to_have_title(re.compile(re.escape(name)))
    logo = guest.get_by_role("img", name=name)
    expect(logo).to_be_visible()
    assert logo.evaluate("logo => logo.naturalWidth") == 120
    expect(guest.locator(".topbar")).to_have_css("border-top-color", AS_DRAWN)
    expect(guest.locator("footer")).to_contain_text(f"help@{mark}.brand.test")
    assert "Postroom" not in guest.locator("body").inner_text()

    sign_in(guest, *client.login)
    expect(guest).to_have_url(f"{theirs}/")
    expect(guest.get_by_role("img", name=name)).to_be_visible()

    # Its client wears it at the provider's own name too; nobody else does.
    own = visit(client.login)
    own.goto("/")
    expect(own.get_by_role("img", name=name)).to_be_visible()
    others = visit(None)
    others.goto("/accounts/login/")
    assert name not in others.content()
    stranger = visit(None, base_url=theirs)
    login, password = running.sign_in("customer2") or pytest.fail("the stack has no customer2")
    sign_in(stranger, login, password)
    expect(stranger.locator("main")).to_contain_text(f"Your account is not one of {name}")
