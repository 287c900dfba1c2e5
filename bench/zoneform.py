"""The Zone Editor's forms, as a person without JavaScript uses them: changes are gathered, looked at as one
preview, and applied."""

from __future__ import annotations

from bench.journey import PanelError, said
from bench.web import Browser, Form, Page


def change_mx(browser: Browser, domain: str, *, priority: int, second: str) -> None:
    """Give the first MX record another priority, and add ``second`` as one more; applied as one set."""
    page = browser.open(f"/domains/{domain}/zone/")
    form = page.form("base_serial", action="/zone/mx/")
    name = next((name for name in sorted(form.names()) if name.startswith("priority-")), None)
    if name is None:
        raise PanelError(f"{page.url} has no MX record to change")
    _taken(browser.submit(page, form, {name: str(priority)}), domain)
    add_record(browser, domain, "MX", {"priority": str(priority + 10), "target": second})
    apply(browser, domain)


def add_record(browser: Browser, domain: str, kind: str, values: dict[str, str]) -> None:
    """Gathers one more record."""
    page = browser.open(f"/domains/{domain}/zone/add/?type={kind}")
    _taken(browser.submit(page, page.form(*values), values), domain)


def import_text(browser: Browser, domain: str, text: str) -> None:
    """Gathers what a pasted zone file adds and changes."""
    page = browser.open(f"/domains/{domain}/zone/import/")
    found = browser.submit(page, page.form("text"), {"text": text})
    if not found.url.partition("?")[0].endswith(f"/domains/{domain}/zone/preview/"):
        raise PanelError(f"the zone file was not taken ({found.status}): {said(found)}")


def preview(browser: Browser, domain: str) -> tuple[Page, Form]:
    page = browser.open(f"/domains/{domain}/zone/preview/")
    return page, page.form("rev", "serial")


def apply(browser: Browser, domain: str) -> None:
    page, form = preview(browser, domain)
    _taken(browser.submit(page, form, {}), domain)


def _taken(page: Page, domain: str) -> None:
    if page.status != 200 or not page.url.endswith(f"/domains/{domain}/zone/"):
        raise PanelError(f"the Zone Editor did not take it ({page.status}): {said(page)}")
