"""As programs come: by the domain's own names, over TLS with a certificate for them, and in the clear."""

from __future__ import annotations

import http.client
import json
import plistlib
import socket
import ssl
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit
from xml.etree.ElementTree import fromstring

import dns.message
import dns.query
import pytest

from bench import clients, journey
from bench.stack import Stack
from tests.guides.auto.conftest import POX, SCHEMA
from tests.guides.auto.test_profiles import verified
from tests.onstack import Box, House

pytestmark = pytest.mark.nodes

NAME = "panaderia-luna.test"
ADDRESS = f"hola@{NAME}"
CONFIG = "/mail/config-v1.1.xml"
POX_PATH = "/autodiscover/autodiscover.xml"


@dataclass(frozen=True)
class Answer:
    status: int
    headers: http.client.HTTPMessage
    body: bytes


class Door:
    """The stack's two ports, under any name."""

    def __init__(self, endpoints: dict[str, Any]) -> None:
        self.ca = Path(endpoints["ca_file"])
        self.tls = urlsplit(endpoints["panel"]).port or 443
        self.clear = urlsplit(endpoints["panel_http"]).port or 80
        self.context = ssl.create_default_context(cafile=str(self.ca))

    def ask(self, host: str, path: str, method: str = "GET", *, clear: bool = False, **more: Any) -> Answer:
        port = self.clear if clear else self.tls
        made = http.client.HTTPConnection(host, port, timeout=10)
        plain = socket.create_connection(("127.0.0.1", port), 10)
        made.sock = plain if clear else self.context.wrap_socket(plain, server_hostname=host)
        try:
            made.request(method, path, **more)
            answer = made.getresponse()
            return Answer(answer.status, answer.headers, answer.read())
        finally:
            made.close()

    def pox(self, host: str, body: bytes, **headers: str) -> Answer:
        return self.ask(host, POX_PATH, "POST", body=body, headers={"Content-Type": "text/xml", **headers})


@pytest.fixture(scope="module")
def endpoints() -> dict[str, Any]:
    return Stack.load().raw


@pytest.fixture(scope="module")
def door(endpoints: dict[str, Any]) -> Door:
    return Door(endpoints)


@pytest.mark.parametrize("clear", [False, True])
def test_autoconfig_by_the_domain_s_own_name(door: Door, endpoints: dict[str, Any], clear: bool) -> None:
    answer = door.ask(f"autoconfig.{NAME}", f"{CONFIG}?emailaddress={ADDRESS}", clear=clear)
    assert answer.status == 200
    assert "Set-Cookie" not in answer.headers
    assert "Strict-Transport-Security" not in answer.headers
    found = fromstring(answer.body)  # noqa: S314 - our own
    ports = [server.findtext("port") for server in found.iter() if server.find("port") is not None]
    wanted = ("imaps", "imap", "pop3s", "pop3", "submissions", "submission")
    assert ports == [str(endpoints[service]["port"]) for service in wanted]


def test_in_the_clear_all_else_is_led_to_tls(door: Door) -> None:
    for host, path in ((f"autodiscover.{NAME}", POX_PATH), ("localhost", "/"), (f"autoconfig.{NAME}", "/x")):
        answer = door.ask(host, path, clear=True)
        assert answer.status == 302
        assert answer.headers["Location"] == f"https://{host}:{door.tls}{path}"


def test_autodiscover_by_the_domain_s_own_names(door: Door) -> None:
    body = POX.format(address=ADDRESS, schema=SCHEMA).encode()
    for host in (f"autodiscover.{NAME}", NAME, "localhost"):
        answer = door.pox(host, body)
        assert answer.status == 200
        assert b"<Type>IMAP</Type>" in answer.body
    led = door.ask(
        f"autodiscover.{NAME}", f"/autodiscover/autodiscover.json/v1.0/{ADDRESS}?Protocol=AutodiscoverV1"
    )
    assert json.loads(led.body)["Url"] == f"https://autodiscover.{NAME}:{door.tls}{POX_PATH}"


def test_nothing_else_is_there(door: Door) -> None:
    for path in ("/", "/accounts/login/", "/static/postroom.css", "/tls/ask?domain=x"):
        assert door.ask(f"autoconfig.{NAME}", path).status == 404


def test_no_certificate_for_a_name_that_is_none_of_ours(door: Door) -> None:
    for host in ("autoconfig.nobody.example", f"www.{NAME}", f"autoconfig.www.{NAME}"):
        with pytest.raises(ssl.SSLError):
            door.ask(host, CONFIG)


def test_a_signed_profile(door: Door, tmp_path: Path) -> None:
    answer = door.ask("localhost", f"/profile.mobileconfig?address={ADDRESS}")
    (tmp_path / "ca.pem").write_bytes(door.ca.read_bytes())
    found = verified(answer.body, tmp_path)
    assert found["PayloadContent"][0]["EmailAddress"] == ADDRESS
    assert plistlib.dumps(found)


def test_a_long_body_is_refused_within_a_second(door: Door) -> None:
    begun = time.monotonic()
    many = "50000000"
    made = door.ask(f"autodiscover.{NAME}", POX_PATH, "POST", body=b"", headers={"Content-Length": many})
    assert made.status == 400
    assert time.monotonic() - begun < 1
    for body in (
        b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><x>&e;</x>',
        b"<a>" * 20000,
        b"\xff\xfe",
    ):
        assert door.pox(f"autodiscover.{NAME}", body).status == 400


def test_a_body_in_pieces(door: Door) -> None:
    good = POX.format(address=ADDRESS, schema=SCHEMA).encode()
    host = f"autodiscover.{NAME}"
    pieces = {"Content-Type": "text/xml"}
    answer = door.ask(
        host, POX_PATH, "POST", body=iter([good[:50], good[50:]]), headers=pieces, encode_chunked=True
    )
    assert answer.status == 200
    long = door.ask(
        host, POX_PATH, "POST", body=iter([b"x" * 40000] * 3), headers=pieces, encode_chunked=True
    )
    assert long.status == 400


def test_resolvers_are_told_every_service(endpoints: dict[str, Any]) -> None:
    def asked(name: str, kind: str) -> list[str]:
        question = dns.message.make_query(f"{name}.{NAME}", kind)
        answer = dns.query.udp(question, "127.0.0.1", port=endpoints["dns"]["port"], timeout=5)
        return [str(one) for rows in answer.answer for one in rows]

    host = endpoints["node"]["host"]
    for service, port, priority in (
        ("_imaps", "imaps", 0),
        ("_imap", "imap", 10),
        ("_pop3s", "pop3s", 20),
        ("_pop3", "pop3", 30),
        ("_submissions", "submissions", 0),
        ("_submission", "submission", 10),
        ("_sieve", "sieve", 0),
    ):
        assert asked(f"{service}._tcp", "SRV") == [f"{priority} 0 {endpoints[port]['port']} {host}."]
    panel = urlsplit(endpoints["panel"]).port
    assert asked("_autodiscover._tcp", "SRV") == [f"0 0 {panel} panel.postroom.test."]
    assert asked("autoconfig", "CNAME") == asked("autodiscover", "CNAME") == ["panel.postroom.test."]


def test_the_password_in_the_profile_signs_in_at_once(house: House, door: Door, tmp_path: Path) -> None:
    box = house.box()
    browser = journey.sign_in(house.stack, box.address, box.password)
    fields = dict(browser.open("/mailbox/connect/profile/").form("label").fields)
    answer = door.ask(
        "localhost",
        "/mailbox/connect/profile/",
        "POST",
        body=urlencode(fields | {"label": "iPhone"}),
        headers={
            "Content-Type": "application/x-www-form-urlencoded",
            "Cookie": "; ".join(f"{name}={value}" for name, value in browser.cookies.items()),
            "Referer": f"{house.stack.panel}/mailbox/connect/profile/",
        },
    )
    browser.close()
    assert answer.status == 200
    assert "no-store" in (answer.headers["Cache-Control"] or "")
    (tmp_path / "ca.pem").write_bytes(door.ca.read_bytes())
    mail = verified(answer.body, tmp_path)["PayloadContent"][0]
    password = mail["IncomingPassword"]
    journey.live(house.browser, f"login/{box.address}/{password.partition('-')[0]}")
    assert mail["IncomingMailServerPortNumber"] == house.stack.at("imaps")[1]
    with clients.imap(house.stack, box.address, password) as imap:
        assert imap.select("INBOX")[0] == "OK"
    Box(house.stack, box.address, password).send(box.address, "by profile")
