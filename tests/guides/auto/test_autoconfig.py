"""Mozilla's autoconfig: what is in it, where it answers, and for whom it is the same."""

from __future__ import annotations

from typing import Any
from xml.etree.ElementTree import Element, fromstring

import pytest
from django.test import Client
from django.utils import timezone

from accounts.branding import select
from accounts.models import Brand
from mailboxes.models import MailDomain
from tests.factories import (
    AccountFactory,
    DomainFactory,
    MailboxFactory,
    MailDomainFactory,
    NodeFactory,
    ResellerFactory,
)
from tests.guides.auto.conftest import NAME, at

PATH = "/mail/config-v1.1.xml"
WELL_KNOWN = "/.well-known/autoconfig/mail/config-v1.1.xml"


def fetched(host: str, path: str = PATH, **query: str) -> Any:
    return at(host).get(path, query)


def rows(found: Element, name: str) -> list[tuple[str | None, ...]]:
    return [
        (
            server.get("type"),
            server.findtext("hostname"),
            server.findtext("port"),
            server.findtext("socketType"),
            server.findtext("authentication"),
            server.findtext("username"),
        )
        for server in found.iter(name)
    ]


@pytest.mark.parametrize(
    ("host", "path"),
    [
        (f"autoconfig.{NAME}", PATH),
        (f"AUTOCONFIG.{NAME}:8443", PATH),
        (f"autoconfig.{NAME}", WELL_KNOWN),
        (NAME, WELL_KNOWN),
        ("localhost", WELL_KNOWN),
        ("localhost", PATH),
    ],
)
def test_every_server_with_tls_from_the_start_before_starttls(luna: MailDomain, host: str, path: str) -> None:
    answer = fetched(host, path, emailaddress=f"ana@{NAME}")
    assert answer.status_code == 200
    assert answer["Content-Type"] == "application/xml; charset=utf-8"
    assert "public" in answer["Cache-Control"]
    assert not answer.cookies
    assert "Vary" not in answer or not host.upper().endswith("EXAMPLE")
    found = fromstring(answer.content)  # noqa: S314 - our own
    assert (found.tag, found.get("version")) == ("clientConfig", "1.1")
    provider = found.find("emailProvider")
    assert provider is not None
    assert provider.get("id") == provider.findtext("domain") == NAME
    assert provider.findtext("displayName")
    assert provider.findtext("displayShortName") == "Postroom"
    node = luna.node.host
    end = ("password-cleartext", "%EMAILADDRESS%")
    assert rows(found, "incomingServer") == [
        ("imap", node, "993", "SSL", *end),
        ("imap", node, "143", "STARTTLS", *end),
        ("pop3", node, "995", "SSL", *end),
        ("pop3", node, "110", "STARTTLS", *end),
    ]
    assert rows(found, "outgoingServer") == [
        ("smtp", node, "465", "SSL", *end),
        ("smtp", node, "587", "STARTTLS", *end),
    ]
    guide = provider.find("documentation")
    assert guide is not None
    assert guide.get("url") == "https://localhost:8443/setup/" or str(guide.get("url")).endswith("/setup/")
    assert [one.get("lang") for one in guide] == ["en", "es"]


def test_at_its_own_host_no_address_is_needed(luna: MailDomain) -> None:
    assert (
        fetched(f"autoconfig.{NAME}").content
        == fetched(f"autoconfig.{NAME}", emailaddress=f"x@{NAME}").content
    )
    assert fetched(f"autoconfig.{NAME}", emailaddress="%EMAILADDRESS%").status_code == 200
    assert fetched("localhost").status_code == 400


def test_over_plain_http_too(luna: MailDomain) -> None:
    plain = Client(headers={"host": f"autoconfig.{NAME}"})
    assert plain.get(PATH).status_code == 200
    assert plain.get(WELL_KNOWN).status_code == 200
    assert plain.get("/setup/").status_code in {301, 404}


def test_without_pop3_where_the_plan_has_it_not(luna: MailDomain) -> None:
    account = luna.domain.account
    account.pop3 = False
    account.save(update_fields=["pop3"])
    assert b"pop3" not in fetched(f"autoconfig.{NAME}").content


def test_the_brand_s_name_and_mail_host(luna: MailDomain) -> None:
    reseller = ResellerFactory.create()
    luna.domain.account.reseller = reseller
    luna.domain.account.save(update_fields=["reseller"])
    Brand.objects.create(
        account=reseller,
        name="Luna & <Hosting>",
        mail_host="mail.luna-hosting.test",
        mail_host_node=luna.node.name,
    )
    answer = fetched(f"autoconfig.{NAME}")
    found = fromstring(answer.content)  # noqa: S314 - our own
    assert found.findtext("emailProvider/displayShortName") == "Luna & <Hosting>"
    assert {server.findtext("hostname") for server in found.iter("incomingServer")} == {
        "mail.luna-hosting.test"
    }


def test_at_a_brand_s_panel_too(luna: MailDomain) -> None:
    Brand.objects.create(
        account=ResellerFactory.create(),
        name="Sol",
        panel_host="panel.sol.example",
        panel_host_seen_at=timezone.now(),
    )
    select.forget()
    assert fetched("panel.sol.example", WELL_KNOWN, emailaddress=f"ana@{NAME}").status_code == 200
    assert fetched("panel.sol.example", WELL_KNOWN, emailaddress="ana@nobody.example").status_code == 404
    assert at("panel.sol.example").get(f"/setup/ana@{NAME}/").status_code == 200


def test_a_domain_alias_signs_in_by_the_domain_it_leads_to(luna: MailDomain) -> None:
    other = DomainFactory.create(account=luna.domain.account, name="moon.example")
    MailDomainFactory.create(domain=other, alias_of=luna)
    found = fromstring(fetched("autoconfig.moon.example").content)  # noqa: S314 - our own
    assert {server.findtext("username") for server in found.iter("incomingServer")} == {
        f"%EMAILLOCALPART%@{NAME}"
    }


@pytest.mark.parametrize(
    "path", ["/", "/accounts/login/", "/static/postroom.css", "/domains/new/", "/tls/ask", "/setup/"]
)
@pytest.mark.parametrize("label", ["autoconfig", "autodiscover"])
def test_nothing_else_is_at_that_host(luna: MailDomain, label: str, path: str) -> None:
    answer = at(f"{label}.{NAME}").get(path)
    assert answer.status_code == 404
    assert not answer.cookies
    assert b"<html" not in answer.content


@pytest.mark.parametrize(
    ("host", "address"),
    [
        ("autoconfig.nobody.example", "ana@nobody.example"),
        ("autoconfig.nobody.example", ""),
        ("localhost", "ana@nobody.example"),
        (f"autoconfig.{NAME}", "ana@nobody.example"),
        ("nobody.example", "ana@nobody.example"),
    ],
)
def test_an_unknown_domain_is_a_404(luna: MailDomain, host: str, address: str) -> None:
    assert fetched(host, WELL_KNOWN, emailaddress=address).status_code == 404


def test_another_s_settings_are_not_told_at_a_domain_s_own_host(luna: MailDomain) -> None:
    MailDomainFactory.create(
        domain=DomainFactory.create(account=AccountFactory.create(), name="other.example")
    )
    assert fetched(f"autoconfig.{NAME}", emailaddress="ana@other.example").status_code == 404
    assert fetched("autoconfig.postroom.test", emailaddress="ana@other.example").status_code == 200


def test_a_deleted_account_s_domain_is_unknown(luna: MailDomain) -> None:
    account = luna.domain.account
    account.deleted_at = timezone.now()
    account.save(update_fields=["deleted_at"])
    assert fetched(f"autoconfig.{NAME}").status_code == 404


def test_a_name_in_other_letters(db: None) -> None:
    MailDomainFactory.create(
        domain=DomainFactory.create(name="xn--caf-dma.example", display_name="café.example"),
        node=NodeFactory.create(),
    )
    shown = fetched("localhost", emailaddress="ana@CAFÉ.example").content
    assert shown == fetched("localhost", emailaddress="ana@xn--caf-dma.example").content
    assert shown == fetched("autoconfig.xn--caf-dma.example").content
    assert "café.example".encode() in shown


def test_the_same_for_a_mailbox_that_is_there_and_for_one_that_is_not(
    luna: MailDomain, django_assert_max_num_queries: Any
) -> None:
    MailboxFactory.create(mail_domain=luna, local="ana", pop3=False)
    there = fetched("localhost", emailaddress=f"ana@{NAME}").content
    with django_assert_max_num_queries(4):
        gone = fetched("localhost", emailaddress=f"nobody@{NAME}").content
    assert there == gone
