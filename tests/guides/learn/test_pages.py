"""Learn: for everybody, below a domain with its values, and for a mailbox's own user."""

from __future__ import annotations

from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from dnszone.models import Record
from guides.learn.library import library
from mailboxes.models import Mailbox
from mailboxes.people import MailboxUser
from tests.factories import MailboxFactory, MailDomainFactory, ZoneFactory
from tests.panel.people import Person, person
from tests.test_tenancy import _client

pytestmark = pytest.mark.django_db

MOST_QUERIES = 8
HOSTILE = '"v=spf1 <script>alert(1)</script> -all"'


@pytest.fixture
def ines() -> Person:
    return person()


@pytest.fixture
def box(ines: Person) -> Mailbox:
    mail = MailDomainFactory.create(domain__account=ines.account, domain__name="luna.test")
    zone = ZoneFactory.create(domain=mail.domain)
    Record.objects.create(zone=zone, owner="@", type="MX", rdata="10 mail1.postroom.test.")
    Record.objects.create(zone=zone, owner="@", type="MX", rdata="20 other.example.net.")
    Record.objects.create(zone=zone, owner="@", type="TXT", rdata=HOSTILE)
    mailbox: Mailbox = MailboxFactory.create(mail_domain=mail, local="ana", quota_mb=1000, used_mb=900)
    return mailbox


@pytest.fixture
def ana(box: Mailbox) -> Client:
    return _client(MailboxUser.people.get(pk=box.pk))


def page(client: Client, name: str, *args: str, **query: str) -> str:
    response = client.get(reverse(name, args=args), query)
    assert response.status_code == 200, (name, args)
    return str(response.content.decode())


@pytest.mark.parametrize("slug", library().articles)
@pytest.mark.parametrize("language", ["en", "es"])
def test_every_article_opens_in_every_place(
    ines: Person, ana: Client, box: Mailbox, slug: str, language: str
) -> None:
    ines.client.cookies[settings.LANGUAGE_COOKIE_NAME] = language
    ana.cookies[settings.LANGUAGE_COOKIE_NAME] = language
    title = library().articles[slug].texts

    for html in (
        page(ines.client, "learn-article", slug),
        page(ines.client, "domain-learn-article", "luna.test", slug),
        page(ines.client, "domain-learn-article", "luna.test", slug, mailbox="ana"),
        page(ana, "own-learn-article", slug),
    ):
        assert any(text.title in html or slug in html for text in title.values())
        assert "[[" not in html
        assert 'href="page:' not in html
        assert 'href="learn:' not in html


def test_a_domain_shows_its_own_values(ines: Person, box: Mailbox) -> None:
    ports = page(ines.client, "domain-learn-article", "luna.test", "ports")
    assert all(f'data-copy="{port}"' in ports for port in (465, 587, 993, 995))
    assert 'data-copy="25"' not in ports

    mx = page(ines.client, "domain-learn-article", "luna.test", "mx")
    assert mx.index("mail1.postroom.test") < mx.index("other.example.net")
    assert "Tried first" in mx
    assert "A server elsewhere" in mx

    drawn = page(ines.client, "domain-learn-article", "luna.test", "path-of-a-mail")
    assert drawn.count("<svg class=") >= 2
    assert ">mail1.postroom.test</text>" in drawn
    assert ">port 465</text>" in drawn


def test_the_good_ports_stand_before_the_old_ones(ines: Person, box: Mailbox) -> None:
    html = page(ines.client, "domain-learn-article", "luna.test", "ports")
    order = [html.index(f'data-port="{port}"') for port in (465, 587, 993, 995, 143, 110, 25)]
    assert order == sorted(order)


def test_one_mailbox_fills_in_its_address(ines: Person, box: Mailbox) -> None:
    html = page(ines.client, "domain-learn-article", "luna.test", "app-passwords", mailbox="ana")
    assert 'data-copy="ana@luna.test"' in html
    assert "/learn/passwords/?mailbox=ana" in html  # the next page keeps it
    assert (
        ines.client.get(reverse("domain-learn", args=["luna.test"]), {"mailbox": "nobody"}).status_code == 404
    )


def test_what_others_wrote_into_dns_is_escaped(ines: Person, box: Mailbox) -> None:
    html = page(ines.client, "domain-learn-article", "luna.test", "spf-dkim-dmarc")
    assert "<script>alert" not in html
    assert "v=spf1 &lt;script&gt;alert(1)" in html


def test_a_reader_of_no_domain_gets_an_example() -> None:
    html = page(person().client, "learn-article", "ports")
    assert 'data-copy="993"' in html
    assert "example.com" in page(person().client, "learn-article", "mx")


def test_a_plan_without_pop3_says_so(ines: Person, box: Mailbox) -> None:
    ines.account.pop3 = False
    ines.account.save()
    html = page(ines.client, "domain-learn-article", "luna.test", "ports")
    assert "Not offered here" in html
    assert 'data-copy="995"' not in html


def test_a_domain_without_mail_has_its_pages_too(ines: Person) -> None:
    zone = ZoneFactory.create(domain__account=ines.account, domain__name="web.test")
    Record.objects.create(zone=zone, owner="@", type="MX", rdata="0 .")
    assert "takes no mail" in page(ines.client, "domain-learn-article", "web.test", "mx")


def test_strangers_find_nothing(box: Mailbox) -> None:
    charlie = person()
    for name, args in (("domain-learn", []), ("domain-learn-article", ["mx"]), ("domain-learn-which", [])):
        url = reverse(name, args=["luna.test", *args])
        assert charlie.client.get(url).status_code == 404
        assert charlie.client.post(url).status_code == 404


def test_a_mailbox_user_stays_below_its_own(ana: Client, box: Mailbox) -> None:
    assert ana.get(reverse("learn")).status_code == 404
    assert ana.get(reverse("domain-learn", args=["luna.test"])).status_code == 404
    html = page(ana, "own-learn-article", "path-of-a-mail")
    assert reverse("own-deliveries") in html
    assert "/domains/" not in html


def test_an_unknown_article_is_not_there(ines: Person) -> None:
    assert ines.client.get(reverse("learn-article", args=["no-such-thing"])).status_code == 404


@pytest.mark.parametrize("slug", ["mx", "spf-dkim-dmarc", "quota-and-storage", "what-is-a-mail-server"])
def test_few_queries(ines: Person, box: Mailbox, slug: str) -> None:
    url = reverse("domain-learn-article", args=["luna.test", slug])
    ines.client.get(url)
    with CaptureQueriesContext(
        connection,
    ) as queries:
        ines.client.get(url)
    assert len(queries) <= MOST_QUERIES, [query["sql"][:90] for query in queries]


def test_lists_ask_no_more(ines: Person, box: Mailbox) -> None:
    for name, query in (("domain-learn", {"q": "mail"}), ("domain-learn-glossary", {}), ("domain-learn", {})):
        with CaptureQueriesContext(connection) as queries:
            page(ines.client, name, "luna.test", **query)
        assert len(queries) <= MOST_QUERIES


def test_search_finds_and_says_when_it_does_not(ines: Person, box: Mailbox) -> None:
    found = page(ines.client, "domain-learn", "luna.test", q="vanished")
    assert reverse("domain-learn-article", args=["luna.test", "my-mail-vanished"]) in found
    nothing = page(ines.client, "domain-learn", "luna.test", q="<b>xyzzy</b>")
    assert "Nothing has all of these words" in nothing
    assert "<b>xyzzy" not in nothing


def test_which_answers_by_its_address(ines: Person, box: Mailbox) -> None:
    asked: dict[str, Any] = {
        "devices": ["computer", "phone"], "people": "one", "place": "server", "much": "yes",
        "deleting": "there", "mailbox": "ana",
    }  # fmt: skip
    html = ines.client.get(reverse("domain-learn-which", args=["luna.test"]), asked).content.decode()
    assert 'data-verdict="imap"' in html
    assert "The mailbox fills up" in html
    assert "ana@luna.test uses" in html
    assert reverse("mailbox-connect", args=["luna.test", "ana"]) in html


def test_which_asks_again_for_what_is_missing(ines: Person) -> None:
    html = page(ines.client, "learn-which", people="one", place="server", much="no", deleting="x")
    assert "data-verdict" not in html
    assert 'role="alert"' in html
    assert "data-verdict" not in page(ines.client, "learn-which")


def test_the_glossary_has_a_line_for_each_term(ines: Person) -> None:
    html = page(ines.client, "learn-glossary")
    assert all(f'id="{key}"' in html for key in library().terms)


def test_the_menus_lead_here(ines: Person, ana: Client, box: Mailbox) -> None:
    assert reverse("learn") in page(ines.client, "home")
    assert reverse("domain-learn", args=["luna.test"]) in page(ines.client, "mailboxes", "luna.test")
    assert reverse("own-learn") in page(ana, "own")
