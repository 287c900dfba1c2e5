"""On a phone, without JavaScript, by keyboard: it works there too."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import chain
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from bench import clients
from bench.stack import Stack
from tests.e2e.conftest import Login, Visitor
from tests.onstack import OUTSIDE, from_outside

pytestmark = [pytest.mark.browser, pytest.mark.nodes]

PAGES = [
    "",
    "delete/",
    "suspend/",
    "connect/",
    "zone/",
    "zone/add/",
    "zone/add/?type=MX",
    "zone/add/?type=TXT",
    "zone/add/?type=SVCB",
    "zone/add/?type=TLSA&raw=1",
    "zone/presets/",
    "zone/presets/google/",
    "zone/presets/microsoft/",
    "zone/presets/fastmail/",
    "zone/presets/here/",
    "zone/switch/",
    "zone/switch/?to=google",
    "zone/import/",
    "zone/export/",
    "zone/versions/",
    "zone/dnssec/",
    "zone/servers/",
    "routing/",
    "track/",
    "track/charts/",
    "queue/",
    "alerts/",
    "sign-ins/",
    "mailboxes/",
    "mailboxes/new/",
    "mailboxes/ana/",
    "mailboxes/ana/connect/",
    "mailboxes/ana/password/",
    "mailboxes/ana/suspend/",
    "mailboxes/ana/quota/",
    "mailboxes/ana/rename/",
    "mailboxes/ana/delete/",
    *(
        f"mailboxes/ana/{name}/"
        for name in (
            "deliveries",
            "forwarding",
            "autoresponder",
            "filters",
            "filters/new",
            "spam",
            "quarantine",
            "protocols",
            "app-passwords",
            "app-passwords/new",
            "identities",
            "sending",
            "sign-ins",
            "sign-ins/vanished",
            "storage",
            "import",
            "archives",
            "security-check",
            "connect/thunderbird",
            "connect/hand",
            "connect/sheet",
            "connect/test",
        )
    ),
    "mailboxes/import/",
    "forwarders/",
    "forwarders/new/",
    "catch-all/",
    "import-mail/",
    "aliases/",
    "storage/",
    "filters/",
    "filters/new/",
    "spam/",
    "quarantine/",
    "sending/",
    "websites/",
    "websites/new/",
    "security-check/",
    "learn/",
    "learn/glossary/",
    "learn/which/",
    "learn/ports/",
    "learn/mx/",
    "learn/spf-dkim-dmarc/",
    "learn/path-of-a-mail/",
    "learn/own-server-or-paid-service/",
]


OWN = [
    "/",
    "/domains/new/",
    "/track/",
    "/track/charts/",
    "/queue/",
    "/alerts/",
    "/sign-ins/",
    "/profile/",
    "/accounts/email/",
    "/accounts/2fa/",
    "/accounts/sessions/",
    "/team/",
    "/activity/",
    "/limits/",
    "/notices/",
    "/search/?q=an",
    "/learn/",
    "/learn/imap-or-pop/",
    "/nothing/",
]
BOX = ["", "deliveries/", "sign-ins/", "sign-ins/vanished/", "learn/", "learn/encryption/"]
RESELLERS = [
    "/clients/",
    "/clients/new/",
    "/plans/",
    "/plans/new/",
    "/branding/",
    "/zone-templates/",
    "/zone-templates/new/",
]
CLIENTS = ["", "name/", "plan/", "limits/", "suspend/", "act/"]


LONG = "a-name-that-somebody-made-in-a-hurry.and-under-another-one-that-is-long-as-well"
ZONE = f"""www 300 A 192.0.2.7
{LONG} A 192.0.2.8
long TXT "{"a" * 250}" "{"b" * 250}"
_25._tcp.mail TLSA 3 1 1 {"0123456789abcdef" * 4}
@ MX 20 {LONG}
"""


def changed(page: Page, domain: str) -> Iterator[str]:
    """The pages of a zone that need changes which wait: long names and values among them. Then they are given
    up."""
    page.goto(f"/domains/{domain}/zone/import/")
    page.locator("textarea[name=text]").fill("bad A 192.0.2.777\n$INCLUDE other.zone\n")
    page.locator("main form button.primary").first.click()
    expect(page.locator("main")).to_contain_text("$INCLUDE")
    yield f"/domains/{domain}/zone/import/"
    page.locator("textarea[name=text]").fill(ZONE)
    page.locator("main form button.primary").first.click()
    expect(page).to_have_url(re.compile("/zone/preview/"))
    yield "zone/preview/"
    page.goto(f"/domains/{domain}/zone/")
    yield f"/domains/{domain}/zone/"
    page.get_by_role("link", name=re.compile("^Edit MX")).first.click()
    expect(page).to_have_url(re.compile(r"/zone/(draft/)?\d+/$"))
    yield "zone/ edit"
    page.goto(f"/domains/{domain}/zone/versions/")
    page.locator("main tbody th a").first.click()
    expect(page).to_have_url(re.compile(r"/zone/versions/\d+/$"))
    yield "zone/versions/ one"
    page.get_by_role("link", name="Compare with now").click()
    expect(page).to_have_url(re.compile(r"/zone/versions/compare/"))
    yield "zone/versions/compare/"
    page.goto(f"/domains/{domain}/zone/discard/")
    yield "zone/discard/"
    page.locator("main button.act").click()


def told(page: Page, running: Stack, domain: str, box: Login) -> Iterator[str]:
    """The page of one message with a subject that fits nowhere, and the list that shows it."""
    page.goto(f"/domains/{domain}/track/")
    with from_outside(running) as smtp:
        smtp.send_message(clients.letter(OUTSIDE, box[0], f"{LONG} " * 3))
    row = page.locator("#deliveries tr")
    expect(row.filter(has_text="Delivered").first).to_be_visible()
    yield "track/ with a row"
    row.get_by_role("link").first.click()
    expect(page).to_have_url(re.compile(r"/track/\d+/$"))
    page.locator("details.raw summary").first.click()
    yield "track/ one"


def everything(
    visit: Visitor, running: Stack, domain: str, box: Login, **look: Any
) -> Iterator[tuple[str, Page]]:
    """Every page there is for a client, its reseller and the user of a mailbox, one after the other."""
    page = visit("client", **look)
    for path in [*OWN, *(f"/domains/{domain}/{path}" for path in PAGES)]:
        page.goto(path)
        yield path, page
    for path in chain(changed(page, domain), told(page, running, domain, box)):
        page.wait_for_load_state()
        yield path, page
    page = visit("reseller", **look)
    page.goto("/clients/")
    client = page.locator("main tbody th a, main tbody td a").first.get_attribute("href")
    for path in [*RESELLERS, *(f"{client}{path}" for path in CLIENTS)]:
        page.goto(path)
        yield path, page
    page = visit(box, **look)
    for path in BOX:
        page.goto(f"/mailbox/{path}")
        yield f"/mailbox/{path}", page


@pytest.mark.parametrize(("width", "scheme"), [(320, "light"), (390, "light"), (390, "dark")])
def test_no_page_scrolls_sideways_on_a_phone(
    visit: Visitor, running: Stack, domain: str, box: Login, width: int, scheme: str
) -> None:
    look = {"width": width, "has_touch": True, "color_scheme": scheme}
    for _path, page in everything(visit, running, domain, box, **look):
        wide = page.evaluate("document.documentElement.scrollWidth")
        assert wide <= width, page.url


OUTLINE = """() => ({
  levels: [...document.querySelectorAll("h1, h2, h3, h4")]
    .filter(head => head.getClientRects().length).map(head => +head.tagName[1]),
  unknown: [...document.querySelectorAll("*")]
    .filter(element => element instanceof HTMLUnknownElement).map(element => element.outerHTML.slice(0, 60)),
  unnamed: [...document.querySelectorAll("main input:not([type=hidden]), main select, main textarea")]
    .filter(each => !each.labels.length && !each.ariaLabel).map(each => each.name),
  clocks: document.body.innerText.match(/\\d [ap]\\.m\\./g) || [],
})"""


def test_every_page_has_one_outline_known_elements_and_named_controls(
    visit: Visitor, running: Stack, domain: str, box: Login
) -> None:
    titles = {}
    for path, page in everything(visit, running, domain, box):
        found = page.evaluate(OUTLINE)

        assert found["levels"].count(1) == 1, path
        before = 0
        for level in found["levels"]:
            assert level <= before + 1, f"{path}: {found['levels']}"
            before = level
        assert [found["unknown"], found["unnamed"], found["clocks"]] == [[], [], []], path
        if not path.startswith("/mailbox/") and path != "track/ with a row":  # as above, for another person
            titles[path] = page.title()
    assert len(set(titles.values())) == len(titles), titles


def test_a_mailbox_is_made_without_javascript(visit: Visitor, domain: str) -> None:
    page = visit("client", java_script_enabled=False)
    page.goto(f"/domains/{domain}/mailboxes/new/")
    page.locator("[name=local]").fill("ben")
    page.locator("main button.primary").first.click()
    expect(page).to_have_url(re.compile(r"/mailboxes/ben/"))

    live = page.locator("main .st.ok")
    for _look in range(100):
        if live.count():
            break
        page.reload()
    expect(live.first).to_be_visible()


def test_a_wrong_name_is_answered_at_the_field_without_javascript(visit: Visitor) -> None:
    page = visit("client", java_script_enabled=False)
    page.goto("/domains/new/")
    page.get_by_label("Domain name").fill("a" * 64 + ".test")
    page.locator("main button.primary").first.click()

    expect(page.locator("[name=name]")).to_have_attribute("aria-invalid", "true")
    expect(page.locator("[name=name]")).to_have_value("a" * 64 + ".test")
    expect(page.locator(".field .err")).to_be_visible()


def test_the_stations_of_the_post_office_are_reached_by_keyboard(visit: Visitor, domain: str) -> None:
    page = visit("client")
    page.goto(f"/domains/{domain}/")
    page.locator('.wide [data-station="mx-0"]').focus()

    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.dataset.station") == "incoming"
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"/track/$"))


def test_the_text_twin_says_what_the_drawing_says(visit: Visitor, domain: str) -> None:
    page = visit("client", width=390)
    page.goto(f"/domains/{domain}/")
    twin = page.locator(".twin table")

    expect(twin).not_to_be_visible()
    page.locator(".twin summary").click()
    expect(twin).to_be_visible()
    drawn = page.locator(".tall .po-link").count()
    assert twin.locator("tbody tr").count() == drawn
