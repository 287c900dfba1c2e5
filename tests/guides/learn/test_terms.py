"""Words that lead to what they mean, where they are used."""

from __future__ import annotations

import re

import pytest
from django.conf import settings
from django.template import Context, Template
from django.urls import reverse

from guides.learn.library import library
from mailboxes.models import Mailbox
from mailboxes.people import MailboxUser
from tests.factories import MailboxFactory, MailDomainFactory
from tests.panel.people import Person, person
from tests.test_tenancy import _client

pytestmark = pytest.mark.django_db

USED = re.compile(r'\{% term "([^"]*)"')


@pytest.fixture
def ines() -> Person:
    return person()


@pytest.fixture
def box(ines: Person) -> Mailbox:
    mail = MailDomainFactory.create(domain__account=ines.account, domain__name="luna.test")
    mailbox: Mailbox = MailboxFactory.create(mail_domain=mail, local="ana")
    return mailbox


def test_every_word_that_is_linked_is_in_the_glossary() -> None:
    texts = [path.read_text() for path in (settings.BASE_DIR / "templates").rglob("*.html")]
    keys = [key for text in texts for key in USED.findall(text)]
    assert len(keys) >= 20
    assert set(keys) <= set(library().terms)


def test_inside_a_domain_it_stays_there(ines: Person, box: Mailbox) -> None:
    html = ines.client.get(reverse("domain-sending", args=["luna.test"])).content.decode()
    article = reverse("domain-learn-article", args=["luna.test", "sending-limits"])
    assert f'<a class="explained" href="{article}">' in html


def test_a_page_of_one_mailbox_leads_to_its_values(ines: Person, box: Mailbox) -> None:
    html = ines.client.get(reverse("mailbox-storage", args=["luna.test", "ana"])).content.decode()
    article = reverse("domain-learn-article", args=["luna.test", "quota-and-storage"])
    assert f'href="{article}?mailbox=ana"' in html


def test_a_mailbox_user_stays_at_home(box: Mailbox) -> None:
    ana = _client(MailboxUser.people.get(pk=box.pk))
    html = ana.get(reverse("own-forwarding")).content.decode()
    assert f'<a class="explained" href="{reverse("own-learn-article", args=["forwarding-and-spf"])}">' in html


def test_who_may_not_read_the_domain_reads_it_in_general(box: Mailbox) -> None:
    creator = person()
    box.mail_domain.domain.account.memberships.create(user=creator.user, role="creator")
    html = creator.client.get(reverse("mailbox-storage", args=["luna.test", "ana"])).content.decode()
    assert f'href="{reverse("learn-article", args=["quota-and-storage"])}"' in html


def test_without_an_article_it_leads_to_the_glossary(ines: Person, box: Mailbox) -> None:
    html = ines.client.get(reverse("catch-all", args=["luna.test"])).content.decode()
    assert f"{reverse('domain-learn-glossary', args=['luna.test'])}#catch-all" in html


def test_a_visitor_reads_plain_words() -> None:
    text = Template('{% load learn %}{% term "imap" words %}').render(Context({"words": "<b>IMAP"}))
    assert text == "&lt;b&gt;IMAP"
