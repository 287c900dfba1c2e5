"""A home and somebody outside for the journeys through mailboxes, and how their pages are read."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, Page

from bench import clients
from bench.stack import Stack
from tests.e2e.people import Owner, house_of, owners
from tests.onstack import Box, House

LIVE = ".push-state .st.ok"


@pytest.fixture(scope="module")
def owner(running: Stack) -> Owner:
    return owners(running, "trusted")[0]


@pytest.fixture(scope="module")
def home(running: Stack, owner: Owner) -> Iterator[House]:
    """Theirs; each test has mailboxes of its own in it."""
    with house_of(running, owner) as house:
        yield house


@pytest.fixture(scope="module")
def outside(running: Stack) -> Iterator[Box]:
    """Somebody whose mail is nobody's business here: another account's mailbox."""
    with house_of(running, owners(running, "trusted")[0]) as house:
        yield house.box("sol")


def found(box: Box, subject: str, folder: str = "INBOX") -> bytes:
    """The whole mail, once it is there."""

    def look() -> bytes | None:
        with clients.imap(box.stack, box.address, box.password) as client:
            if client.select(f'"{folder}"', readonly=True)[0] != "OK":
                return None
            number = client.search(None, "SUBJECT", f'"{subject}"')[1][0].split()
            part = client.fetch(number[-1].decode(), "(RFC822)")[1][0] if number else None
        return part[1] if isinstance(part, tuple) else None

    return clients.until(look, within=20, what=f"“{subject}” in {folder} of {box.address}", every=0.2)


def primary(page: Page) -> None:
    page.locator("main .btn.primary").first.click()


def field(page: Page, label: str) -> Locator:
    return page.locator("main").get_by_label(label, exact=True)


def switch(page: Page, label: str) -> Locator:
    """By how its label begins: what it explains belongs to the label too."""
    return page.get_by_role("checkbox", name=re.compile(f"^{label}"))


def shown(page: Page, wanted: Locator) -> None:
    """Looked at again until it stands there: what comes from logs takes a moment."""

    def there() -> bool | None:
        page.reload()
        return True if wanted.count() else None

    clients.until(there, within=15, what=str(wanted), every=0.3)
