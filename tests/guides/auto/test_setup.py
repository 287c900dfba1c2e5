"""The page behind a code, the codes, and the names that certificates are made for."""

from __future__ import annotations

import json
import re
from typing import Any
from xml.etree.ElementTree import fromstring

import pytest
from django.test import Client

from guides.auto.codes import thunderbird_mobile
from guides.auto.offers import offer_for
from lib import resolver
from mailboxes.models import MailDomain
from tests.factories import DomainFactory, MailboxFactory
from tests.guides.auto.conftest import NAME, at

_token = re.compile(rb'name="csrfmiddlewaretoken" value="[^"]*"')
IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15"
PIXEL = "Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36"
LAPTOP = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"


def page(local: str = "ana", agent: str = LAPTOP, **query: str) -> Any:
    return at().get(f"/setup/{local}@{NAME}/", query, headers={"user-agent": agent})


def test_an_iphone_is_given_the_profile(luna: MailDomain) -> None:
    text = page(agent=IPHONE).content.decode()
    assert f"/profile.mobileconfig?address=ana%40{NAME}" in text
    assert luna.node.host in text


@pytest.mark.parametrize("agent", [PIXEL, LAPTOP, "", "x" * 5000, "<script>"])
def test_others_are_told_the_servers(luna: MailDomain, agent: str) -> None:
    answer = page(agent=agent)
    assert answer.status_code == 200
    assert "mobileconfig" not in answer.content.decode()
    assert luna.node.host in answer.content.decode()
    assert "User-Agent" in answer["Vary"]


def test_another_device_can_be_chosen(luna: MailDomain) -> None:
    assert "mobileconfig" in page(on="apple").content.decode()
    assert page(on="<script>").status_code == 200


def test_the_same_for_who_has_no_mailbox(luna: MailDomain, django_assert_max_num_queries: Any) -> None:
    MailboxFactory.create(mail_domain=luna, local="ana")
    there = page("ana").content
    with django_assert_max_num_queries(4):
        gone = page("eva").content
    assert _token.sub(b"", there) == _token.sub(b"", gone).replace(b"eva", b"ana")


def test_an_unknown_domain_is_a_404(luna: MailDomain) -> None:
    for path in ("", "code.svg", "thunderbird.svg"):
        assert at().get(f"/setup/ana@nobody.example/{path}").status_code == 404


def test_the_start_page_asks_for_the_address(luna: MailDomain) -> None:
    assert at().get("/setup/").status_code == 200
    assert at().get("/setup/", {"address": f"Ana@{NAME}"})["Location"] == f"/setup/ana@{NAME}/"
    for address in ("", "ana", "ana@nobody.example", "<b>@x", "\0"):
        answer = at().get("/setup/", {"address": address})
        assert answer.status_code == 200
        assert b"<b>@" not in answer.content


@pytest.mark.parametrize("name", ["code.svg", "thunderbird.svg"])
def test_codes_are_black_on_white_pictures(luna: MailDomain, name: str) -> None:
    answer = at().get(f"/setup/ana@{NAME}/{name}")
    assert answer.status_code == 200
    assert answer["Content-Type"] == "image/svg+xml"
    assert not answer.cookies
    root = fromstring(answer.content)  # noqa: S314 - our own
    assert root.tag.endswith("svg")
    assert b"white" in answer.content
    assert b"<script" not in answer.content


def test_thunderbird_s_code_says_all_but_the_password(luna: MailDomain) -> None:
    offer = offer_for("ana", NAME)
    assert offer is not None
    address, host = f"ana@{NAME}", luna.node.host
    assert json.loads(thunderbird_mobile(offer)) == [
        1,
        [1, 1],
        [0, host, 993, 3, 1, address],
        [[[0, host, 465, 3, 1, address], [address, "ana"]]],
    ]


@pytest.mark.parametrize(
    ("name", "status"),
    [
        (f"autoconfig.{NAME}", 200),
        (f"AutoDiscover.{NAME}.", 200),
        (NAME, 200),
        ("autoconfig.postroom.test", 200),
        ("autoconfig.nobody.example", 404),
        (f"www.{NAME}", 404),
        (f"autoconfig.autoconfig.{NAME}", 404),
        ("autoconfig.nomail.example", 404),
        ("", 404),
        ("autoconfig.", 404),
        ("a" * 300, 404),
        ("autoconfig.\0", 404),
    ],
)
def test_which_names_get_a_certificate(
    luna: MailDomain, name: str, status: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(resolver, "lookup", lambda name, rdtype, **_more: ["192.0.2.1"])
    DomainFactory.create(name="nomail.example")
    assert Client().get("/tls/ask", {"domain": name}).status_code == status


@pytest.mark.parametrize("there", [["198.51.100.9"], [], ["192.0.2.1", "198.51.100.9"], None])
def test_no_certificate_for_a_name_whose_dns_leads_elsewhere(
    luna: MailDomain, there: list[str] | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    def lookup(name: str, rdtype: str, **_more: Any) -> list[str]:
        asked.append(name)
        if name != NAME:
            return ["192.0.2.1"]  # the panel's own
        if there is None:
            raise resolver.ResolverAway(name)
        return there

    monkeypatch.setattr(resolver, "lookup", lookup)
    assert Client().get("/tls/ask", {"domain": NAME}).status_code == 404
    often = len(asked)
    assert Client().get("/tls/ask", {"domain": NAME}).status_code == 404
    assert len(asked) == often, "the answer is kept for a while"
