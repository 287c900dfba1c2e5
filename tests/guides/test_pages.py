"""The connect pages: every value with its copy button, for those who may see the mailbox."""

from __future__ import annotations

import pytest
from django.urls import reverse

from accounts.models import Account
from mailboxes.models import Mailbox
from tests.factories import MailboxFactory, MailDomainFactory
from tests.panel.people import Person, person

pytestmark = pytest.mark.django_db


@pytest.fixture
def ines() -> Person:
    return person()


@pytest.fixture
def box(ines: Person) -> Mailbox:
    mail = MailDomainFactory.create(domain__account=ines.account, domain__name="luna.test")
    mailbox: Mailbox = MailboxFactory.create(mail_domain=mail, local="ana")
    return mailbox


def card(box: Mailbox, query: str = "") -> str:
    return reverse("mailbox-connect", args=[box.mail_domain.domain.name, box.local]) + query


def test_every_value_has_a_copy_button(ines: Person, box: Mailbox) -> None:
    html = ines.client.get(card(box)).content.decode()

    for value in ("mail1.postroom.test", "993", "995", "465", "SSL/TLS", "ana@luna.test"):
        assert f'data-copy="{value}"' in html
    for protocol in ("IMAP", "POP3", "SMTP"):
        assert protocol in html
    assert 'data-copy="25"' not in html


def test_the_fragment_is_the_card_alone(ines: Person, box: Mailbox) -> None:
    html = ines.client.get(card(box, "?fragment=1")).content.decode()

    assert 'data-copy="ana@luna.test"' in html
    assert "<html" not in html


def test_the_domains_page_offers_its_mailboxes_and_the_common_values(ines: Person, box: Mailbox) -> None:
    html = ines.client.get(reverse("connect", args=["luna.test"])).content.decode()

    assert card(box) in html
    assert 'data-copy="993"' in html


def test_many_mailboxes_are_searched_and_paged(ines: Person, box: Mailbox) -> None:
    MailboxFactory.create_batch(30, mail_domain=box.mail_domain)
    url = reverse("connect", args=["luna.test"])

    first = ines.client.get(url).content.decode()
    found = ines.client.get(url, {"q": "ANA"}).content.decode()
    none = ines.client.get(url, {"q": "zebra"}).content.decode()

    assert "after=" in first
    assert card(box) in found
    assert card(box) not in none


def test_the_card_of_another_customer_is_not_there(box: Mailbox) -> None:
    charlie = person()

    assert charlie.client.get(card(box)).status_code == 404
    assert charlie.client.get(card(box, "?fragment=1")).status_code == 404


def test_a_deleted_mailbox_has_no_card(ines: Person, box: Mailbox) -> None:
    Mailbox.objects.filter(pk=box.pk).update(deleted_at=box.created_at)

    assert ines.client.get(card(box)).status_code == 404


def test_a_plan_without_pop3_offers_none(ines: Person, box: Mailbox) -> None:
    assert "POP3" in ines.client.get(card(box, "?fragment=1")).content.decode()
    Account.objects.filter(pk=ines.account.pk).update(pop3=False)
    page = ines.client.get(card(box, "?fragment=1")).content.decode()
    assert "POP3" not in page
    assert "IMAP" in page
