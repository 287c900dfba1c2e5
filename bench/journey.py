"""What a customer does in the panel, as functions over a signed-in Browser. Shared by smoke and the
benches."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from urllib.parse import quote, urlencode, urljoin

from bench.clients import until
from bench.stack import Stack
from bench.web import Browser, Form, Page

LIVE_WITHIN = 20.0
_ERROR = re.compile(
    r'<div class="err".*?<span>(.*?)</span>|<div class="note bad".*?<p><b>.*?</p>\s*<p>(.*?)</p>', re.S
)
_TAG = re.compile(r"<[^>]+>")
_NEXT = re.compile(r'<a[^>]*rel="next"[^>]*href="([^"]+)"|<a[^>]*href="([^"]+)"[^>]*rel="next"')


class PanelError(Exception):
    """The panel answered something else than the journey expects; the text says what stood on the page."""


def sign_in(stack: Stack, login: str, password: str) -> Browser:
    browser = Browser(stack.panel, stack.tls())
    page = browser.sign_in(login, password)
    if page.status != 200 or "/accounts/login" in page.url:
        raise PanelError(f"signing in as {login} led to {page.url} ({page.status}): {said(page)}")
    return browser


def said(page: Page) -> str:
    """The page's complaints, or nothing."""
    found = [_TAG.sub("", a or b).strip() for a, b in _ERROR.findall(page.text)]
    return "; ".join(dict.fromkeys(found)) or "no reason given"


def done(page: Page, *, leaves: str) -> Page:
    """The page after a form that worked: no longer the form's own address ``leaves``."""
    if page.status != 200 or page.url.partition("?")[0].endswith(leaves):
        raise PanelError(f"{leaves} was not taken ({page.status}): {said(page)}")
    return page


def add_domain(browser: Browser, name: str) -> Page:
    page = browser.open("/domains/new/")
    return done(browser.submit(page, page.form("name"), {"name": name}), leaves="/domains/new/")


def delete_domain(browser: Browser, name: str) -> Page:
    path = f"/domains/{name}/delete/"
    page = browser.open(path)
    return done(browser.submit(page, page.form("name", action="delete"), {"name": name}), leaves=path)


def mailbox_form(browser: Browser, domain: str) -> tuple[Page, Form]:
    page = browser.open(f"/domains/{domain}/mailboxes/new/")
    return page, page.form("local", "password", "quota_mb")


def make_mailbox(browser: Browser, domain: str, local: str, password: str, quota: str = "500 MB") -> Page:
    page, form = mailbox_form(browser, domain)
    values = {"local": local, "password": password, "quota_mb": quota}
    return done(browser.submit(page, form, values), leaves="/mailboxes/new/")


def act(browser: Browser, domain: str, local: str, action: str, **values: str) -> Page:
    """One of the mailbox's pages that ask: password, quota, suspend, resume, delete."""
    path = f"/domains/{domain}/mailboxes/{local}/{action}/"
    page = browser.open(path)
    form = page.form(*values, action=action)
    return done(browser.submit(page, form, values), leaves=path)


def badge(browser: Browser, key: str) -> str:
    """What the status badge of this push says; raises PanelError when there is none to see."""
    page = browser.open(f"/pushes/badge/?{urlencode({'key': key}, quote_via=quote)}")
    if page.status != 200:
        raise PanelError(f"the badge of {key} answers {page.status}")
    return page.text


def live(browser: Browser, key: str) -> None:
    """Wait until the badge says, by itself, that the node has proven it. A refusal ends the wait with its
    reason."""

    def settled() -> bool | None:
        text = badge(browser, key)
        if 'class="st bad"' in text:
            raise PanelError(f"{key}: {' '.join(_TAG.sub(' ', text).split())}")
        return True if 'class="st ok"' in text or 'class="st off"' in text else None

    until(settled, within=LIVE_WITHIN, what=f"{key} live")


def station(browser: Browser, domain: str, key: str) -> str:
    """The state of one station of the post office: ok, move, wait, bad or off."""
    text = browser.open(f"/domains/{domain}/").text
    found = re.search(rf'data-station="{re.escape(key)}"\s+data-state="(\w+)"', text)
    if found is None:
        raise PanelError(f"{domain} has no station {key}")
    return found[1]


def tracked(browser: Browser, domain: str, subject: str) -> str | None:
    """The row of Track Delivery with this subject, as plain text; None while it is not there."""
    page = browser.open(f"/domains/{domain}/track/")
    return next((row for row in _rows(page) if subject in row), None)


def all_tracked(browser: Browser, domain: str) -> Iterator[str]:
    """Every row of Track Delivery, over all its pages, as plain text."""
    path = f"/domains/{domain}/track/"
    while path:
        page = browser.open(path)
        yield from _rows(page)
        following = _NEXT.search(page.text)
        path = urljoin(page.url, html.unescape(following[1] or following[2])) if following else ""


def _rows(page: Page) -> list[str]:
    return [" ".join(_TAG.sub(" ", row).split()) for row in re.findall(r"<tr\b.*?</tr>", page.text, re.S)]
