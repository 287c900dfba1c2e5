"""“Test from here” against the real servers."""

from __future__ import annotations

import html
import imaplib
import re
import time
from pathlib import Path

import pytest

from bench import clients, journey
from bench.web import Browser
from tests.guides.watching.test_nodes import Watcher, come_from
from tests.mailboxes.test_access_nodes import app_password
from tests.onstack import Box, House

pytestmark = pytest.mark.nodes


@pytest.fixture
def ana(house: House) -> Box:
    return house.box()


def page_says(browser: Browser, path: str, password: str) -> str:
    page = browser.open(path)
    answer = browser.submit(page, page.form("password"), {"password": password})
    assert answer.status == 200
    assert password not in answer.text
    part = answer.text[answer.text.find('id="connect-test"') :]
    return html.unescape(" ".join(re.sub(r"<[^>]+>", " ", part).split()))


def answer_to(house: House, box: Box, password: str = "") -> str:
    path = f"/domains/{house.domain}/mailboxes/{box.address.partition('@')[0]}/connect/test/"
    return page_says(house.browser, path, password or box.password)


def test_all_is_well_and_nothing_is_left_behind(house: House, ana: Box) -> None:
    begin = time.monotonic()
    said = answer_to(house, ana)

    assert time.monotonic() - begin < 20
    assert "The server and the password are fine" in said
    assert said.count("Done") == 5
    assert "It was in the inbox, and is deleted again" in said
    assert ana.subjects() == []


def test_a_wrong_password_is_said_and_tried_once(house: House, ana: Box) -> None:
    said = answer_to(house, ana, "not-the-password")

    assert "The server refused the password" in said
    assert said.count("Not done") == 1
    assert "SMTP" not in said


def test_too_many_wrong_ones_have_to_wait(house: House, ana: Box) -> None:
    path = f"/domains/{house.domain}/mailboxes/ana/connect/test/"
    for _try in range(10):
        assert "refused the password" in page_says(house.browser, path, "not-the-password")
    page = house.browser.open(path)
    answer = house.browser.submit(page, page.form("password"), {"password": ana.password})
    assert answer.status == 429
    assert "Too many wrong tries" in answer.text


def test_an_app_password_that_lacks_a_protocol(house: House, ana: Box) -> None:
    _revoke, password = app_password(house, ana, protocols=("imap",))

    said = answer_to(house, ana, password)

    assert "Done Signing in by IMAP" in said
    assert "Not done Signing in by POP3" in said
    assert "This app password is not for this protocol" in said
    assert "Not done Signing in by SMTP" in said
    assert "If it is an app password" in said


def test_an_app_password_for_all(house: House, ana: Box) -> None:
    _revoke, password = app_password(house, ana)

    assert "The server and the password are fine" in answer_to(house, ana, password)


def test_pop3_switched_off_is_left_out_and_so_is_imap(house: House, ana: Box) -> None:
    here = f"/domains/{house.domain}/mailboxes/ana/protocols/"
    page = house.browser.open(here)
    form = page.form("protocols")
    everything = list(form.fields)
    form.fields = [one for one in everything if one[1] != "pop3"]
    house.browser.submit(page, form, {})
    journey.live(house.browser, ana.key)
    said = answer_to(house, ana)
    assert "Left out Signing in by POP3" in said
    assert "The server and the password are fine" in said

    form.fields = [one for one in everything if one[1] != "imap"]
    house.browser.submit(page, form, {})
    journey.live(house.browser, ana.key)
    said = answer_to(house, ana)
    assert "Left out Signing in by IMAP" in said
    assert "It was in the inbox, and is deleted again" in said


def test_a_suspended_mailbox_and_a_stopped_sender(house: House, ana: Box) -> None:
    house.act(ana, "suspend", reason="Unpaid")

    said = answer_to(house, ana)

    assert "The password is right, but it may not be used for this" in said
    assert "suspended" in said


def test_a_full_mailbox(house: House) -> None:
    full = house.box("full", quota="1 MB")
    with clients.imap(house.stack, full.address, full.password) as client:
        for size in (500_000, 100_000, 20_000, 4_000, 1_000, 200):
            while client.append("INBOX", "", "", b"Subject: Big\r\n\r\n" + b"x" * size)[0] == "OK":
                pass

    said = answer_to(house, full)

    assert "The mailbox is full" in said, said


def test_the_watch_does_not_take_it_for_a_mail_program(house: House, ana: Box) -> None:
    come_from(house.browser, "127.7.7.7")
    watcher = Watcher(house.browser, f"/domains/{house.domain}/mailboxes/ana/connect/watch/")

    assert "are fine" in answer_to(house, ana)

    # Lines come in order: when those of a later refusal are here, so are the test's.
    with pytest.raises(imaplib.IMAP4.error), clients.imap(house.stack, ana.address, "not-the-password"):
        pass
    said = watcher.until("The password was wrong")
    assert "Sending: nothing seen yet" in said


def test_the_mailboxs_own_user_tests_it(house: House, ana: Box) -> None:
    browser = journey.sign_in(house.stack, ana.address, ana.password)
    try:
        assert "The server and the password are fine" in page_says(
            browser, "/mailbox/connect/test/", ana.password
        )
    finally:
        browser.close()


def test_no_log_knows_the_password(house: House, ana: Box) -> None:
    assert "are fine" in answer_to(house, ana)
    answer_to(house, ana, "not-the-password-7Q")

    for file in Path(house.stack.raw["state"], "log").glob("*.log"):
        text = file.read_text(errors="replace")
        assert ana.password not in text
        assert "not-the-password-7Q" not in text
