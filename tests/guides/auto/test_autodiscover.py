"""Microsoft's Autodiscover, POX and JSON."""

from __future__ import annotations

import json
from typing import Any
from xml.etree.ElementTree import fromstring

import pytest

from mailboxes.models import MailDomain
from tests.factories import DomainFactory, MailboxFactory, MailDomainFactory
from tests.guides.auto.conftest import NAME, SCHEMA, ask, at

OUTER = "{http://schemas.microsoft.com/exchange/autodiscover/responseschema/2006}"
INNER = "{" + SCHEMA + "}"
MOBILE = "http://schemas.microsoft.com/exchange/autodiscover/mobilesync/responseschema/2006"


def protocols(body: bytes) -> dict[str | None, dict[str, str | None]]:
    root = fromstring(body)  # noqa: S314 - our own
    return {
        one.findtext(f"{INNER}Type"): {part.tag.removeprefix(INNER): part.text for part in one}
        for one in root.iter(f"{INNER}Protocol")
    }


def error_of(answer: Any) -> str | None:
    return fromstring(answer.content).findtext(f"{OUTER}Response/{OUTER}Error/{OUTER}ErrorCode")  # noqa: S314 - our own


@pytest.mark.parametrize(
    "path",
    ["/autodiscover/autodiscover.xml", "/Autodiscover/Autodiscover.xml", "/AutoDiscover/AUTODISCOVER.XML"],
)
@pytest.mark.parametrize("host", ["localhost", f"autodiscover.{NAME}", NAME, f"autodiscover.{NAME}:8443"])
def test_the_settings(luna: MailDomain, host: str, path: str) -> None:
    answer = ask(f"Ana@{NAME}", host, path=path)
    assert answer.status_code == 200
    assert answer["Content-Type"].startswith("application/xml")
    assert not answer.cookies
    root = fromstring(answer.content)  # noqa: S314 - our own
    assert root.tag == f"{OUTER}Autodiscover"
    assert root.findtext(f"{INNER}Response/{INNER}Account/{INNER}AccountType") == "email"
    assert root.findtext(f"{INNER}Response/{INNER}Account/{INNER}Action") == "settings"
    found = protocols(answer.content)
    common = {
        "Server": luna.node.host,
        "LoginName": f"ana@{NAME}",
        "SSL": "on",
        "SPA": "off",
        "AuthRequired": "on",
        "DomainRequired": "off",
        "Encryption": "SSL",
    }
    assert found == {
        "IMAP": {"Type": "IMAP", "Port": "993", **common},
        "POP3": {"Type": "POP3", "Port": "995", **common},
        "SMTP": {"Type": "SMTP", "Port": "465", **common},
    }


def test_the_schema_that_is_asked_for_is_answered_or_refused(luna: MailDomain) -> None:
    refused = ask(f"ana@{NAME}", schema=MOBILE)
    assert (refused.status_code, error_of(refused)) == (200, "601")
    assert ask(f"ana@{NAME}", schema="").status_code == 200


def test_a_get_asks_for_nothing(luna: MailDomain) -> None:
    answer = at().get("/autodiscover/autodiscover.xml")
    assert (answer.status_code, error_of(answer)) == (200, "600")


def test_an_unknown_domain_is_a_404(luna: MailDomain) -> None:
    answer = ask("ana@nobody.example")
    assert (answer.status_code, error_of(answer)) == (404, "500")
    assert ask("ana@nobody.example", f"autodiscover.{NAME}").status_code == 404


def test_a_domain_alias_signs_in_by_the_domain_it_leads_to(luna: MailDomain) -> None:
    other = DomainFactory.create(account=luna.domain.account, name="moon.example")
    MailDomainFactory.create(domain=other, alias_of=luna)
    found = protocols(ask("ana@moon.example").content)
    assert found["IMAP"]["LoginName"] == f"ana@{NAME}"


def test_the_same_for_a_mailbox_that_is_there_and_for_one_that_is_not(
    luna: MailDomain, django_assert_max_num_queries: Any
) -> None:
    MailboxFactory.create(mail_domain=luna, local="ana")
    there = ask(f"ana@{NAME}").content
    with django_assert_max_num_queries(4):
        gone = ask(f"eva@{NAME}").content
    assert there == gone.replace(b"eva@", b"ana@")


@pytest.mark.parametrize(
    "path",
    [
        f"/autodiscover/autodiscover.json?Email=ana@{NAME}&Protocol=AutodiscoverV1",
        f"/Autodiscover/Autodiscover.json?email=ana%40{NAME}&protocol=autodiscoverv1&RedirectCount=1",
        f"/autodiscover/autodiscover.json/v1.0/ana@{NAME}?Protocol=Autodiscoverv1",
        f"/autodiscover/autodiscover.json/v1.0/ana%40{NAME}?Protocol=AutodiscoverV1",
    ],
)
def test_json_says_where_the_other_answer_is(luna: MailDomain, path: str) -> None:
    answer = at(f"autodiscover.{NAME}:8443").get(path)
    assert answer.status_code == 200
    assert answer["Content-Type"].startswith("application/json")
    assert json.loads(answer.content) == {
        "Protocol": "AutodiscoverV1",
        "Url": f"https://autodiscover.{NAME}:8443/autodiscover/autodiscover.xml",
    }


@pytest.mark.parametrize(
    ("query", "status", "code"),
    [
        (f"?Email=ana@{NAME}&Protocol=ActiveSync", 400, "InvalidProtocol"),
        (f"?Email=ana@{NAME}&Protocol=EWS", 400, "InvalidProtocol"),
        (f"?Email=ana@{NAME}&Protocol=<script>", 400, "InvalidProtocol"),
        (f"?Email=ana@{NAME}", 400, "MandatoryParameterMissing"),
        ("?Email=ana@nobody.example&Protocol=AutodiscoverV1", 404, "UserNotFound"),
        ("?Email=nonsense&Protocol=AutodiscoverV1", 400, "InvalidUserId"),
        ("?Protocol=AutodiscoverV1", 400, "InvalidUserId"),
    ],
)
def test_json_errors(luna: MailDomain, query: str, status: int, code: str) -> None:
    answer = at().get(f"/autodiscover/autodiscover.json{query}")
    found = json.loads(answer.content)
    assert (answer.status_code, found["ErrorCode"]) == (status, code)
    assert found["ErrorMessage"]
    assert b"<script" not in answer.content
