"""What belongs to a mailbox, made in the panel by a signed-in Browser: a forwarder to it, a filter, an app
password."""

from __future__ import annotations

import html
import re

from bench.clients import imap, letter, submission, until
from bench.journey import PanelError, done, live, said
from bench.stack import Stack
from bench.web import Browser

FOLDER = "Sorted"


def forwarder(browser: Browser, domain: str, local: str, target: str) -> None:
    path = f"/domains/{domain}/forwarders/new/"
    page = browser.open(path)
    form = page.form("local", "targets")
    done(browser.submit(page, form, {"local": local, "targets": target}), leaves=path)


def subject_filter(browser: Browser, domain: str, local: str, word: str) -> None:
    """Mail with ``word`` in its subject goes to FOLDER, which the filter makes."""
    path = f"/domains/{domain}/mailboxes/{local}/filters/new/"
    page = browser.open(path)
    values = {
        "name": FOLDER,
        "conditions-0-field": "subject",
        "conditions-0-operator": "contains",
        "conditions-0-value": word,
        "actions-0-do": "folder",
        "actions-0-folder": "",
        "actions-0-value": FOLDER,
    }
    done(browser.submit(page, page.form("name", "actions-0-do"), values), leaves=path)


def app_password(browser: Browser, domain: str, local: str) -> str:
    """One for reading and sending; returned as its page shows it once."""
    page = browser.open(f"/domains/{domain}/mailboxes/{local}/app-passwords/new/")
    page = browser.submit(page, page.form("label", "protocols"), {"label": "Smoke"})
    found = re.search(r'data-copy="([^"]+)"', page.text)
    if page.status != 200 or found is None:
        raise PanelError(f"no app password is shown ({page.status}): {said(page)}")
    return html.unescape(found[1])


def sorted_by_filter(stack: Stack, address: str, password: str, subject: str) -> bool | None:
    """Whether the mail lies in FOLDER; None while it does not."""
    with imap(stack, address, password) as client:
        if client.select(FOLDER, readonly=True)[0] != "OK":
            return None
        return True if client.search(None, "SUBJECT", f'"{subject}"')[1][0] else None


def all_three(
    stack: Stack, browser: Browser, domain: str, sender: tuple[str, str], local: str, subject: str
) -> None:
    """Make one of each for ``local``; a mail of ``sender`` (address, password) through the forwarder is
    sorted by the filter, and read with the app password."""
    address = f"{local}@{domain}"
    forwarder(browser, domain, "info", address)
    subject_filter(browser, domain, local, subject)
    secret = app_password(browser, domain, local)
    for key in (f"alias/info@{domain}", f"script/{address}", f"login/{address}/{secret.partition('-')[0]}"):
        live(browser, key)
    with submission(stack, "submissions", *sender) as smtp:
        smtp.send_message(letter(sender[0], f"info@{domain}", subject))
    until(lambda: sorted_by_filter(stack, address, secret, subject), within=10, what=f"{subject} in {FOLDER}")
