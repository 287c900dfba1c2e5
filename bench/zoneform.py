"""The Zone Editor's forms, as a person without JavaScript uses them."""

from __future__ import annotations

from bench.journey import PanelError, said
from bench.web import Browser, Page


def change_mx(browser: Browser, domain: str, *, priority: int, second: str) -> None:
    """Give the first MX record another priority, and add ``second`` as one more."""
    page = browser.open(f"/domains/{domain}/zone/")
    form = page.form("base_serial", action="/zone/mx/")
    name = next((name for name in sorted(form.names()) if name.startswith("priority-")), None)
    if name is None:
        raise PanelError(f"{page.url} has no MX record to change")
    _taken(browser.submit(page, form, {name: str(priority)}), domain)
    page = browser.open(f"/domains/{domain}/zone/add/?type=MX")
    form = page.form("priority", "target")
    _taken(browser.submit(page, form, {"priority": str(priority + 10), "target": second}), domain)


def _taken(page: Page, domain: str) -> None:
    if page.status != 200 or not page.url.endswith(f"/domains/{domain}/zone/"):
        raise PanelError(f"the Zone Editor did not take it ({page.status}): {said(page)}")
