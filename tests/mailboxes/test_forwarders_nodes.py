"""Forwarders on the real servers: what one withholds as spam is sent on by its page."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from bench import clients, journey
from tests.mailboxes.test_spam_nodes import GTUBE, heads_of, letter, lies_in
from tests.onstack import OUTSIDE, Box, House, from_outside

pytestmark = pytest.mark.nodes


def made(house: House, local: str, target: str) -> None:
    path = f"/domains/{house.domain}/forwarders/new/"
    page = house.browser.open(path)
    form = page.form("local", "targets")
    journey.done(house.browser.submit(page, form, {"local": local, "targets": target}), leaves=path)


def says_yes(house: House, box: Box) -> None:
    """By the link that was sent to ``box``."""

    def link() -> str | None:
        mail = clients.imap_find(box.stack, box.address, box.password, "Do you want the mail")
        found = re.search(rb"/forwarding/confirm/\S+", (mail or b"").replace(b"=\r\n", b""))
        return found[0].decode() if found else None

    page = house.browser.open(clients.until(link, within=20, what="the link"))
    form = next(form for form in page.forms if ("no", "1") in form.buttons)
    assert house.browser.submit(page, form, {}).status == 200


def test_withheld_spam_is_sent_on_by_its_page(new_house: Callable[[int], House]) -> None:
    house, box = new_house(0), new_house(1).box()
    address, path = f"info@{house.domain}", f"/domains/{house.domain}/forwarders/info/quarantine/"
    made(house, "info", box.address)
    says_yes(house, box)
    journey.live(house.browser, f"alias/{address}")
    journey.live(house.browser, f"script/{address}")
    subject, mail = letter(address, GTUBE)
    with from_outside(box.stack) as client:
        client.send_message(mail, from_addr=OUTSIDE, to_addrs=[address])

    def held() -> str | None:
        found = re.search(r'name="mail"\s+value="([^"]+)"', house.browser.open(path).text)
        return found[1] if found else None

    ident = clients.until(held, within=20, what="the mail in quarantine")
    assert path in house.browser.open(f"/domains/{house.domain}/quarantine/").text
    page = house.browser.open(path)
    form = next(form for form in page.forms if ("do", "release") in form.buttons)
    house.browser.submit(page, form, {"mail": ident}, press=("do", "release"))
    assert held() is None
    folder = lies_in(box, subject)  # the target’s own filter judges it anew
    assert f"X-Sieve-Redirected-From: {address}" in heads_of(box, folder, subject)
