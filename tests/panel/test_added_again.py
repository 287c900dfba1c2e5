"""A domain that goes and comes again inherits nothing, whoever adds it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import Account, Domain
from delivery.models import Entry
from dnszone.models import Record, Zone
from dnszone.services import zone_apply
from dnszone.spec import Change, RecordSpec
from mailboxes.models import DkimKey, Mailbox
from mailboxes.services import mailbox_create
from panel import lifecycle
from tests.delivery.conftest import Lines
from tests.factories import NodeFactory
from tests.panel.people import person

pytestmark = pytest.mark.django_db
NAME = "luna.test"
PASSWORD = "harina-violeta-tren-91"


def take(account: Account) -> Domain:
    return lifecycle.domain_create(actor=None, account=account, name=NAME, proof=Domain.Proof.TXT)


def box(domain: Domain) -> Mailbox:
    return mailbox_create(actor=None, mail_domain=domain.mail, local="ana", password=PASSWORD, quota_mb=100)


@pytest.fixture
def first() -> Domain:
    """With a mailbox, a record of its owner's and a mail."""
    NodeFactory.create()
    domain = take(person().account)
    Domain.objects.filter(pk=domain.pk).update(created_at=timezone.now() - timedelta(hours=1))
    box(domain)
    secret = RecordSpec(owner="secret", type="TXT", rdata='"casa"')
    zone_apply(actor=None, zone=domain.zone, changes=[Change(spec=secret)])
    Lines().mail("4bYqM01001", sender="a@b.test", to="ana@luna.test", subject="private").take(
        domain.mail.node
    )
    return domain


@pytest.mark.parametrize("same", [False, True])
def test_no_mailbox_record_key_home_or_mail_comes_back(first: Domain, same: bool) -> None:
    old_home = Mailbox.objects.get().home
    old_selector = DkimKey.objects.get().selector
    assert Record.objects.filter(owner="secret").exists()
    who = person(first.account) if same else person()
    assert Entry.objects.filter(domain_id=first.pk).exists()
    lifecycle.domain_delete(actor=None, domain=first)

    again = take(who.account)
    Domain.objects.filter(pk=again.pk).update(created_at=timezone.now() + timedelta(seconds=30))
    Lines().mail("4bYqM01002", sender="a@b.test", to="ana@luna.test", subject="private").take(again.mail.node)

    assert again.pk != first.pk
    assert not Mailbox.objects.filter(mail_domain=again.mail).exists()
    zone = Zone.objects.get(domain=again)
    assert not zone.records.filter(owner="secret").exists()
    assert not zone.versions.filter(origin="edit").exists()
    assert DkimKey.objects.get(mail_domain=again.mail).selector != old_selector
    assert box(again).home != old_home
    assert not Entry.objects.filter(domain_id=again.pk).exists()
    page = who.client.get(reverse("track", args=[NAME])).content.decode()
    assert "private" not in page
