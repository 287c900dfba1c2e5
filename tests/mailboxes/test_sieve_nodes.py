"""Autoresponder and filters on the running stack: set on the pages, met by real mail."""

from __future__ import annotations

import base64
import contextlib
import socket
from email.message import EmailMessage

import pytest

from bench import clients, journey
from tests.onstack import Box, House, from_outside, word

pytestmark = pytest.mark.nodes


def mail_of(sender: str, to: str, subject: str, **headers: str) -> EmailMessage:
    mail = clients.letter(sender, to, subject)
    for name, value in headers.items():
        mail[name.replace("_", "-")] = value
    return mail


def bring(box: Box, mail: EmailMessage, sender: str) -> None:
    with from_outside(box.stack) as client:
        client.send_message(mail, sender, [box.address])


def page_of(house: House, box: Box, path: str) -> str:
    return f"/domains/{house.domain}/mailboxes/{box.address.partition('@')[0]}/{path}"


def post(house: House, path: str, names: tuple[str, ...], **values: str) -> None:
    page = house.browser.open(path)
    form = page.form(*names)
    journey.done(house.browser.submit(page, form, values), leaves="nowhere")


def subjects_in(box: Box, folder: str) -> list[str]:
    with clients.imap(box.stack, box.address, box.password) as client:
        if client.select(f'"{folder}"', readonly=True)[0] != "OK":
            return []
        numbers = client.search(None, "ALL")[1][0].decode().split()
        heads = [client.fetch(one, "(BODY[HEADER.FIELDS (SUBJECT)])")[1][0] for one in numbers]
    return [head[1].decode().strip()[9:] for head in heads if isinstance(head, tuple)]


def arrives(box: Box, folder: str, part: str) -> None:
    def there() -> bool | None:
        return True if any(part in one for one in subjects_in(box, folder)) else None

    clients.until(there, within=15, what=f"{part} in {folder} of {box.address}")


def answered_by(house: House, box: Box, **values: str) -> None:
    said = {"enabled": "on", "days": "1", "zone": "UTC", "text": "Back on Monday.\n.\nBye"} | values
    post(house, page_of(house, box, "autoresponder/"), ("subject", "text"), **said)
    journey.live(house.browser, f"script/{box.address}")


def filtered(house: House, box: Box, name: str, **values: str) -> None:
    path = page_of(house, box, "filters/new/")
    post(house, path, ("name", "conditions-0-field"), name=name, **values)
    journey.live(house.browser, f"script/{box.address}")


def row(field: str, operator: str, text_: str, do: str, **more: str) -> dict[str, str]:
    found = {"conditions-0-field": field, "conditions-0-operator": operator, "conditions-0-value": text_}
    return found | {"actions-0-do": do} | {f"actions-0-{key}": text for key, text in more.items()}


def test_an_answer_goes_to_people_once_and_never_to_robots(house: House) -> None:
    ana, bo = house.box("ana"), house.box("bo")
    subject = f"Away {word()}"
    answered_by(house, ana, subject=subject)
    for headers in ({"List_Id": "<x.y.test>"}, {"Precedence": "bulk"}, {"Auto_Submitted": "auto-replied"}):
        bring(ana, mail_of(bo.address, ana.address, word(), **headers), bo.address)
    first, second = word(), word()
    bo.send(ana.address, first)
    arrives(bo, "INBOX", subject)
    bo.send(ana.address, second)
    arrives(ana, "INBOX", second)
    ana.send(bo.address, third := word())
    arrives(bo, "INBOX", third)
    assert sum(subject in one for one in bo.subjects()) == 1


def test_only_contacts_get_an_answer(house: House) -> None:
    ana, bo, cy = house.box("ana"), house.box("bo"), house.box("cy")
    ana.send(bo.address, word())
    subject = f"Away {word()}"
    answered_by(house, ana, subject=subject, contacts_only="on")
    cy.send(ana.address, first := word())
    arrives(ana, "INBOX", first)
    bo.send(ana.address, second := word())
    arrives(ana, "INBOX", second)
    arrives(bo, "INBOX", subject)
    assert not any(subject in one for one in cy.subjects())


def test_its_time_has_not_come(house: House) -> None:
    ana, bo = house.box("ana"), house.box("bo")
    subject = f"Away {word()}"
    answered_by(house, ana, subject=subject, starts="2199-01-01T00:00")
    bo.send(ana.address, first := word())
    arrives(ana, "INBOX", first)
    answered_by(house, ana, subject=subject, starts="2020-01-01T00:00", ends="2199-01-01T00:00")
    bo.send(ana.address, word())
    arrives(bo, "INBOX", subject)
    assert sum(subject in one for one in bo.subjects()) == 1


def test_a_filter_moves_mail_and_a_test_says_so_before(house: House) -> None:
    ana = house.box("ana")
    mark = word()
    bring(ana, mail_of("x@outside.example", ana.address, f"{mark} 1"), "x@outside.example")
    arrives(ana, "INBOX", mark)
    path = page_of(house, ana, "filters/new/")
    page = house.browser.open(path)
    values = row("subject", "contains", mark, "folder", value="Grüße & Co/Ümlaut") | {"name": "Mine"}
    form = page.form("name", "conditions-0-field")
    tried = house.browser.submit(page, form, values | {"do": "test"})
    assert "1 of the last" in tried.text
    filtered(house, ana, "Mine", **row("subject", "contains", mark, "folder", value="Grüße & Co/Ümlaut"))
    bring(ana, mail_of("x@outside.example", ana.address, f"{mark} 2"), "x@outside.example")

    def filed() -> bool | None:
        return True if "Ümlaut" in house.browser.open(path).text else None

    clients.until(filed, within=15, what="the folder on the page")
    assert len([one for one in ana.subjects() if mark in one]) == 1


def test_discarded_and_marked(house: House) -> None:
    ana = house.box("ana")
    filtered(house, ana, "Away", **row("from", "is", "robot@outside.example", "discard"))
    filtered(house, ana, "Read", **row("from", "contains", "boss@", "mark:seen"))
    gone, seen = word(), word()
    bring(ana, mail_of("robot@outside.example", ana.address, gone), "robot@outside.example")
    bring(ana, mail_of("boss@outside.example", ana.address, seen), "boss@outside.example")
    arrives(ana, "INBOX", seen)
    with clients.imap(ana.stack, ana.address, ana.password) as client:
        client.select("INBOX", readonly=True)
        assert client.search(None, "SEEN")[1][0].decode().split() == ["1"]
    assert not any(gone in one for one in ana.subjects())


def test_an_uploaded_script_runs_after_and_is_shown(house: House) -> None:
    ana = house.box("ana")
    text = 'require "fileinto";\r\nif header :contains "subject" "uploaded" { fileinto "Archive"; }\r\n'
    managesieve(ana, text)
    listed = house.browser.open(page_of(house, ana, "filters/")).text
    assert "mine" in listed
    assert "uploaded" in listed
    bring(ana, mail_of("x@outside.example", ana.address, f"uploaded {word()}"), "x@outside.example")
    arrives(ana, "Archive", "uploaded")
    page = house.browser.open(page_of(house, ana, "filters/"))
    form = page.form(action="script/off")
    journey.done(house.browser.submit(page, form, {}), leaves="nowhere")
    bring(ana, mail_of("x@outside.example", ana.address, "uploaded after"), "x@outside.example")
    arrives(ana, "INBOX", "uploaded after")


def managesieve(box: Box, script: str) -> None:
    """RFC 5804, as much as it takes."""
    host, port = box.stack.at("sieve")
    with contextlib.closing(socket.create_connection((host, port), timeout=10)) as plain:
        file = plain.makefile("rwb")

        def said() -> bytes:
            while True:
                line = file.readline()
                if line.startswith((b"OK", b"NO", b"BYE", b"")) and line[:2] in (b"OK", b"NO", b"BY", b""):
                    return line

        said()
        token = base64.b64encode(f"\0{box.address}\0{box.password}".encode())
        for command in (
            b'AUTHENTICATE "PLAIN" "' + token + b'"',
            b'PUTSCRIPT "mine" {%d+}\r\n%s' % (len(script), script.encode()),
            b'SETACTIVE "mine"',
        ):
            file.write(command + b"\r\n")
            file.flush()
            assert said().startswith(b"OK")
