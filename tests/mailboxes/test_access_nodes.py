"""App passwords, protocol switches, sender identities and sign-ins of websites as mail programs meet them, on
the running stack."""

from __future__ import annotations

import base64
import datetime as dt
import imaplib
import json
import poplib
import re
import smtplib
import socket
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import pytest

from bench import clients, journey
from bench.stack import Stack
from tests.onstack import Box, House, run_manage, sql, word

pytestmark = pytest.mark.nodes

Wait = Callable[..., Any]
IN_FORCE = 5
ALL = ("imap", "pop3", "smtp", "sieve")

_MAKE = """
import json, datetime as dt
from mailboxes.access import services
from mailboxes.models import Mailbox
box = Mailbox.objects.select_related("mail_domain__domain__account__reseller", "mail_domain__node").get(
    address="%(address)s", deleted_at=None)
expires = %(expires)r and dt.datetime.fromtimestamp(%(expires)r, dt.timezone.utc)
row, password = services.app_password_create(actor=None, mailbox=box, label="Phone", networks=%(networks)r,
    protocols=dict.fromkeys(%(protocols)r, True), expires=expires or None)
print(json.dumps([row.pk, row.key, password]))
"""


def app_password(
    house: House,
    box: Box,
    *,
    protocols: tuple[str, ...] = ALL,
    networks: tuple[str, ...] = (),
    expires: float = 0,
) -> tuple[str, str]:
    """(the page that revokes it, the password), live."""
    values = {"address": box.address, "protocols": protocols, "networks": list(networks), "expires": expires}
    pk, key, password = json.loads(run_manage(house.stack, _MAKE % values))
    journey.live(house.browser, f"login/{box.address}/{key}")
    return f"{page(box)}app-passwords/{pk}/revoke/", password


def send(house: House, path: str, where: str = "", **values: Any) -> str:
    """The form at ``path``, sent with these values (to ``where``); a list is ticked boxes. What came back."""
    there = house.browser.open(path)
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', there.text)
    assert token, there.status
    body = urlencode({"csrfmiddlewaretoken": token[1]} | values, doseq=True).encode()
    status, _location, text = house.browser.once("POST", where or path, body, referer=there.url)
    assert status in {200, 302}
    return text


def page(box: Box) -> str:
    local, _at, domain = box.address.partition("@")
    return f"/domains/{domain}/mailboxes/{local}/"


def imap_says(stack: Stack, login: str, password: str) -> str:
    try:
        with clients.imap(stack, login, password):
            return ""
    except imaplib.IMAP4.error as error:
        return bytes(error.args[0]).decode()


def pop3_says(stack: Stack, login: str, password: str) -> str:
    host, port = stack.at("pop3s")
    client = poplib.POP3_SSL(host, port, context=stack.tls(), timeout=clients.TIMEOUT)
    try:
        client.user(login)
        client.pass_(password)
    except poplib.error_proto as error:
        return bytes(error.args[0]).decode()
    finally:
        client.close()
    return ""


def smtp_says(stack: Stack, login: str, password: str) -> str:
    try:
        with clients.submission(stack, "submissions", login, password):
            return ""
    except smtplib.SMTPAuthenticationError as error:
        return str(error.smtp_error)


def sieve_says(stack: Stack, login: str, password: str) -> str:
    """RFC 5804."""
    host, port = stack.at("sieve")
    with socket.create_connection((host, port), clients.TIMEOUT) as plain:
        _answer(plain)
        plain.sendall(b"STARTTLS\r\n")
        _answer(plain)
        with stack.tls().wrap_socket(plain, server_hostname=host) as sealed:
            _answer(sealed)
            secret = base64.b64encode(f"\0{login}\0{password}".encode()).decode()
            sealed.sendall(f'AUTHENTICATE "PLAIN" "{secret}"\r\n'.encode())
            answer = _answer(sealed)
    return "" if answer.startswith("OK") else answer


def _answer(plain: socket.socket) -> str:
    text = ""
    while not re.search(r"^(OK|NO|BYE)[^\r\n]*\r\n", text, re.MULTILINE):
        more = plain.recv(4096)
        assert more
        text += more.decode()
    found = re.search(r"^(?:OK|NO|BYE)[^\r\n]*", text, re.MULTILINE)
    assert found
    return found[0]


SAYS = {"imap": imap_says, "pop3": pop3_says, "smtp": smtp_says, "sieve": sieve_says}


def opens(stack: Stack, login: str, password: str) -> list[str]:
    return [name for name, says in SAYS.items() if not says(stack, login, password)]


def ended(session: imaplib.IMAP4_SSL) -> bool:
    try:
        session.noop()
    except (imaplib.IMAP4.abort, OSError):
        return True
    return False


def hand_in(client: smtplib.SMTP, sender: str, to: str) -> str:
    """What the server says; empty: it took the mail."""
    try:
        client.sendmail(sender, [to], clients.letter(sender, to, "x").as_bytes())
    except smtplib.SMTPRecipientsRefused as error:
        code, text = error.recipients[to]
        return f"{code} {text.decode()}"
    except smtplib.SMTPException as error:
        return str(error)
    return ""


@pytest.fixture
def ana(house: House) -> Box:
    return house.box()


def test_it_opens_what_it_is_for_and_nothing_else(house: House, ana: Box) -> None:
    _revoke, password = app_password(house, ana)
    assert opens(ana.stack, ana.address, password) == list(ALL)
    assert opens(ana.stack, ana.address, ana.password) == list(ALL)
    _revoke, only = app_password(house, ana, protocols=("smtp",))
    assert opens(ana.stack, ana.address, only) == ["smtp"]
    assert "not for this protocol" in imap_says(ana.stack, ana.address, only)
    assert opens(ana.stack, house.box("ben").address, password) == []


def test_only_from_its_networks_and_not_after_its_day(house: House, ana: Box) -> None:
    _revoke, elsewhere = app_password(house, ana, networks=("192.0.2.0/24", "2001:db8::/32"))
    assert opens(ana.stack, ana.address, elsewhere) == []
    _revoke, here = app_password(house, ana, networks=("127.0.0.0/8",))
    assert opens(ana.stack, ana.address, here) == list(ALL)
    _revoke, later = app_password(house, ana, expires=dt.datetime.now(dt.UTC).timestamp() + 3600)
    assert opens(ana.stack, ana.address, later) == list(ALL)
    key = later.partition("-")[0]
    sql(
        ana.stack,
        "UPDATE mailboxes_apppassword SET expires = now() - interval '1 minute' WHERE key = %s",
        key,
    )
    run_manage(
        ana.stack,
        "from mailboxes.models import *; from mailboxes.access.wanted import password_wanted\n"
        "from provision.services import push_enqueue\n"
        f"row = AppPassword.objects.get(key='{key}')\n"
        "push_enqueue(actor=None, wanted=[password_wanted(row, row.mailbox)])",
    )
    journey.live(house.browser, f"login/{ana.address}/{key}")
    assert opens(ana.stack, ana.address, later) == []
    assert "has expired" in imap_says(ana.stack, ana.address, later)


def test_revoked_it_dies_at_once_and_drops_its_sessions(house: House, ana: Box, wait_for: Wait) -> None:
    revoke, password = app_password(house, ana)
    with (
        clients.imap(ana.stack, ana.address, password) as reading,
        clients.submission(ana.stack, "submissions", ana.address, password) as sending,
    ):
        reading.select("INBOX")
        assert not hand_in(sending, ana.address, ana.address)
        send(house, revoke)
        wait_for(lambda: ended(reading), IN_FORCE)
        assert hand_in(sending, ana.address, ana.address).startswith("421 ")
    assert opens(ana.stack, ana.address, password) == []
    assert opens(ana.stack, ana.address, ana.password) == list(ALL)


def test_a_new_main_password_ends_a_session_that_sends(house: House, ana: Box) -> None:
    with clients.submission(ana.stack, "submissions", ana.address, ana.password) as sending:
        assert not hand_in(sending, ana.address, ana.address)
        house.act(ana, "password", password="another-violet-harbor-914")
        assert hand_in(sending, ana.address, ana.address).startswith("421 ")


@pytest.mark.parametrize("name", ALL)
def test_a_protocol_switched_off(house: House, ana: Box, name: str, wait_for: Wait) -> None:
    _revoke, password = app_password(house, ana)
    here = f"{page(ana)}protocols/"
    with clients.imap(ana.stack, ana.address, ana.password) as reading:
        reading.select("INBOX")
        send(house, here, protocols=[other for other in ALL if other != name])
        journey.live(house.browser, ana.key)
        wait_for(lambda: ended(reading), IN_FORCE)
    for secret in (ana.password, password):
        assert name not in opens(ana.stack, ana.address, secret)
        assert len(opens(ana.stack, ana.address, secret)) == 3
    if name != "smtp":
        assert "switched off for this mailbox" in SAYS[name](ana.stack, ana.address, ana.password)


def test_an_identity_may_be_sent_as_while_it_is_one(house: House, ana: Box) -> None:
    sender, here = f"info@{house.domain}", f"{page(ana)}identities/"
    with clients.submission(ana.stack, "submissions", ana.address, ana.password) as sending:
        assert "not owned" in hand_in(sending, sender, ana.address)
        send(house, here, address=sender)
        journey.live(house.browser, f"identity/{ana.address}/{sender}")
        assert not hand_in(sending, sender, ana.address)


def test_a_website_sends_as_its_own_sender_only(house: House, ana: Box, wait_for: Wait) -> None:
    base, sender = f"/domains/{house.domain}/websites/", f"orders@{house.domain}"
    form = {"label": "Shop", "local": "shop", "sender": sender, "networks": ""}
    made = send(house, f"{base}new/", **form, mails_hour="0", mails_day="0")
    found = re.search(r'data-copy="([a-z2-9]{8}-[a-z2-9-]{24})"', made)
    assert found
    login, password = f"shop@{house.domain}", found[1]
    journey.live(house.browser, f"login/{login}/{password[:8]}")
    assert opens(ana.stack, login, password) == ["smtp"]
    subject = word()
    with clients.submission(ana.stack, "submissions", login, password) as sending:
        assert "not owned" in hand_in(sending, ana.address, ana.address)
        sending.send_message(clients.letter(sender, ana.address, subject))
    wait_for(lambda: subject in ana.subjects(), 15)
    (pk,) = sql(ana.stack, "SELECT id FROM mailboxes_websitesender WHERE login = %s", login)[0]
    tested = send(house, f"{base}{pk}/", f"{base}{pk}/test/", to=ana.address)
    assert "Signed in as" in tested
    assert "Not done" not in tested
    wait_for(lambda: any("Test mail" in line for line in ana.subjects()), 15)
    used = "SELECT used_by FROM mailboxes_websitesender WHERE login = %s"
    wait_for(lambda: sql(ana.stack, used, login)[0][0] == "SMTP", 15)
