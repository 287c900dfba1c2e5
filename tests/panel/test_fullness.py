"""Who hears that a mailbox is nearly full, and how often."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone

from accounts.models import User
from mailboxes.models import Mailbox, StorageWarning
from notices.composing import compose
from notices.models import Notice
from panel.fullness import look_at_all
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner() -> User:
    return factories.UserFactory.create(email="owner@people.test")


@pytest.fixture
def box(owner: User) -> Mailbox:
    domain = factories.DomainFactory.create(name="luna.test")
    factories.MembershipFactory.create(account=domain.account, user=owner)
    mail = factories.MailDomainFactory.create(domain=domain)
    return factories.MailboxFactory.create(mail_domain=mail, local="ana", quota_mb=1000)


def told(box: Mailbox, used: float) -> list[tuple[str, str, Any]]:
    """Who hears what once so much (MB of 1000) is used."""
    Notice.objects.all().delete()
    Mailbox.objects.filter(pk=box.pk).update(used_mb=used, used_at=timezone.now())
    look_at_all()
    rows = Notice.objects.order_by("to").values_list("to", "kind", "context")
    return [(to, kind, context.get("percent", context.get("full"))) for to, kind, context in rows]


def test_once_at_each_step_and_again_when_it_fell_below(box: Mailbox) -> None:
    def both(percent: int) -> list[tuple[str, str, Any]]:
        full = int(percent == 100)
        return [("ana@luna.test", "mailbox_full", percent), ("owner@people.test", "mailboxes_full", full)]

    assert told(box, 799) == []
    assert told(box, 800) == both(80)
    assert told(box, 900) == []
    assert told(box, 950) == both(95)
    assert told(box, 1300) == both(100)
    assert told(box, 1301) == []
    assert told(box, 960) == []  # not well below the step
    assert told(box, 1000) == []
    assert told(box, 949) == []  # below 100; 80 is what it is at now
    assert told(box, 951) == both(95)
    assert told(box, 100) == []
    assert not StorageWarning.objects.exists()
    assert told(box, 800) == both(80)


def test_what_was_never_measured_or_is_deleted_is_told_to_nobody(box: Mailbox) -> None:
    Mailbox.objects.filter(pk=box.pk).update(used_mb=2000, used_at=None)
    assert look_at_all() == 0
    Mailbox.objects.filter(pk=box.pk).update(used_at=timezone.now(), deleted_at=timezone.now())
    assert look_at_all() == 0
    assert not Notice.objects.exists()


def test_muted_it_is_not_told_to_the_owner(box: Mailbox, owner: User) -> None:
    owner.muted_notices = ["mailboxes_full"]
    owner.save()
    assert [to for to, _kind, _n in told(box, 1000)] == ["ana@luna.test"]


def test_a_mailbox_that_takes_no_mail_is_told_to_the_owner_alone(box: Mailbox) -> None:
    Mailbox.objects.filter(pk=box.pk).update(no_receive=True, suspended_at=timezone.now())
    assert [to for to, _kind, _n in told(box, 1000)] == ["owner@people.test"]


def test_many_of_a_domain_are_one_mail_for_its_owner(box: Mailbox) -> None:
    factories.MailboxFactory.create_batch(
        30, mail_domain=box.mail_domain, used_mb=990, used_at=timezone.now()
    )
    told(box, 1000)
    mail = Notice.objects.get(to="owner@people.test")
    assert mail.context["boxes"][0]["address"] == "ana@luna.test"
    assert (len(mail.context["boxes"]), mail.context["more"], mail.context["full"]) == (20, 11, 1)
    assert Notice.objects.filter(kind="mailbox_full").count() == 31


@pytest.mark.parametrize("used", [810, 1000])
def test_the_mails_can_be_read(box: Mailbox, used: int) -> None:
    told(box, used)
    for notice in Notice.objects.all():
        message = compose(notice)
        assert message is not None
        assert "ana@luna.test" in message.body
        assert "https://" in message.body
        assert "/storage/" in message.body


def test_the_whole_look_costs_the_same_for_many_of_a_domain(
    box: Mailbox, django_assert_max_num_queries: Any
) -> None:
    factories.MailboxFactory.create_batch(30, mail_domain=box.mail_domain, used_mb=10, used_at=timezone.now())
    with django_assert_max_num_queries(3):
        assert look_at_all() == 0
