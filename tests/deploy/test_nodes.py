"""What the mail servers refuse before they take it: nothing that would have to be sent back to a stranger."""

from __future__ import annotations

import re
import smtplib
import ssl
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import redis

from tests.onstack import word

pytestmark = pytest.mark.nodes


@pytest.fixture
def outside(stack: dict[str, Any]) -> smtplib.SMTP:
    """Another mail server, connected to port 25's stand-in."""
    server = smtplib.SMTP(stack["smtp"]["host"], stack["smtp"]["port"], timeout=30)
    server.ehlo("elsewhere.test")
    return server


@pytest.fixture
def box(stack: dict[str, Any]) -> dict[str, str]:
    found: dict[str, str] = stack["mailboxes"][0]
    return found


def refusal(server: smtplib.SMTP, sender: str, recipient: str) -> int:
    with server:
        server.docmd(f"MAIL FROM:<{sender}>")
        return server.docmd(f"RCPT TO:<{recipient}>")[0]


@pytest.mark.parametrize(
    "recipient",
    [
        "postmaster",
        "Postmaster",
        '"postmaster"',
        "post\\master",
        "postmaster ",
        "(c)postmaster",
        "@x.test:postmaster",
    ],
)
def test_postmaster_without_a_domain_reaches_the_provider(
    stack: dict[str, Any], outside: smtplib.SMTP, wait_for: Callable[..., Any], recipient: str
) -> None:
    """RFC 5321 §4.5.1, however it is spelt."""
    (admin,) = (one["login"] for one in stack["sign_ins"] if one["role"] == "admin")
    subject = word()
    with outside:
        outside.docmd("MAIL FROM:<v@elsewhere.test>")
        assert outside.docmd(f"RCPT TO:<{recipient}>")[0] == 250
        outside.data(f"From: v@elsewhere.test\r\nSubject: {subject}\r\n\r\nHello\r\n")
    arrived = re.compile(rf"Subject: {subject} .* to=<{re.escape(admin)}> ")
    wait_for(lambda: arrived.search(Path(stack["mail_log"]).read_text(encoding="utf-8")), 30)


@pytest.mark.parametrize(
    "recipient",
    [
        "ana",
        "root",
        "abuse",
        "not-postmaster",
        "postmaster+x",
        '"post master"',
        "p(c)ostmaster",
        "@x.test:ana",
        "x@elsewhere.test",
        "nobody-here@{domain}",
    ],
)
def test_what_reaches_nobody_is_refused_at_once(
    outside: smtplib.SMTP, box: dict[str, str], recipient: str
) -> None:
    domain = box["address"].partition("@")[2]
    assert 500 <= refusal(outside, "v@elsewhere.test", recipient.format(domain=domain)) < 600


def test_a_sender_with_control_characters_is_refused(outside: smtplib.SMTP, box: dict[str, str]) -> None:
    assert refusal(outside, '"\x1b[31m"@elsewhere.test', box["address"]) == 553


def test_a_tag_reaches_its_mailbox(outside: smtplib.SMTP, box: dict[str, str]) -> None:
    assert refusal(outside, "v@elsewhere.test", box["address"].replace("@", "+shop@")) == 250


@pytest.mark.parametrize("sender", ["", "somebody-else@panaderia-luna.test", "x@elsewhere.test"])
def test_nobody_submits_as_somebody_else(
    stack: dict[str, Any], tls: ssl.SSLContext, box: dict[str, str], sender: str
) -> None:
    place = stack["submissions"]
    with smtplib.SMTP_SSL(place["host"], place["port"], timeout=30, context=tls) as server:
        server.login(box["address"], box["password"])
        server.docmd(f"MAIL FROM:<{sender}>")
        assert server.docmd(f"RCPT TO:<{box['address']}>")[0] in {503, 553, 554}


def test_no_password_is_asked_for_in_the_clear(stack: dict[str, Any]) -> None:
    with smtplib.SMTP(stack["submission"]["host"], stack["submission"]["port"], timeout=30) as server:
        server.ehlo("elsewhere.test")
        assert not server.has_extn("auth")
        assert server.docmd("MAIL FROM:<x@elsewhere.test>")[0] == 530


@pytest.mark.parametrize("key", ["node.mail2", "report.mail2", "_kombu.binding.node.mail2", "unacked"])
def test_a_node_reaches_no_queue_but_its_own(stack: dict[str, Any], key: str) -> None:
    environment = Path(stack["node"]["env"]).read_text(encoding="utf-8")
    (url,) = re.findall(r"AGENT_BROKER_URL='?([^'\n]+)", environment)
    with redis.Redis.from_url(url) as node, pytest.raises(redis.exceptions.NoPermissionError):
        node.sadd(key, "x")
