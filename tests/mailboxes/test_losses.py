"""Mail that is missing after a node was lost: noticed, told to the customer and the provider, seen to."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from lib.errors import Denied
from mailboxes.models import Mailbox, MailboxLoss, StorageDay
from mailboxes.rebuilding.selectors import loss_of, missing
from mailboxes.rebuilding.services import losses_compare, losses_seen
from mailboxes.services.usage import today
from nodeagent import contract
from provision.models import NodeRebuild
from provision.rebuilding import node_rebuild
from tests.factories import MailboxFactory, MembershipFactory, UserFactory

MB = 1048576


@pytest.fixture
def box(db: None) -> Mailbox:
    return MailboxFactory.create(used_mb=240, messages=31)


@pytest.fixture
def begun(box: Mailbox) -> NodeRebuild:
    return node_rebuild(actor=None, node=box.mail_domain.node)


def tell(box: Mailbox, used: int, messages: int) -> None:
    usage = contract.Usage(address=box.address, used_bytes=used, messages=messages)
    losses_compare(box.mail_domain.node, [usage])


def test_nothing_is_said_before_the_node_has_measured(box: Mailbox, begun: NodeRebuild) -> None:
    assert missing(begun) is None
    assert loss_of(box) is None


def test_what_is_missing_is_named(box: Mailbox, begun: NodeRebuild) -> None:
    tell(box, 0, 0)
    assert missing(begun) == [f"{box.address}: 0 of 31 mails, 0 bytes of 240 MB"]
    loss = loss_of(box)
    assert loss is not None
    assert (loss.had_messages, loss.has_messages) == (31, 0)


@pytest.mark.parametrize(("used", "messages"), [(240 * MB, 31), (239 * MB, 31), (300 * MB, 40)])
def test_a_mailbox_that_has_its_mail_is_no_loss(
    box: Mailbox, begun: NodeRebuild, used: int, messages: int
) -> None:
    tell(box, used, messages)
    assert missing(begun) == []
    assert not MailboxLoss.objects.exists()


def test_what_a_backup_brings_back_is_no_loss_any_more(box: Mailbox, begun: NodeRebuild) -> None:
    tell(box, 0, 0)
    tell(box, 240 * MB, 31)
    assert loss_of(box) is None


def test_an_empty_mailbox_had_nothing_to_lose(db: None) -> None:
    box = MailboxFactory.create(used_mb=0, messages=0)
    assert missing(node_rebuild(actor=None, node=box.mail_domain.node)) == []


def test_a_second_loss_remembers_what_there_was_before_the_first(box: Mailbox, begun: NodeRebuild) -> None:
    tell(box, 10 * MB, 2)
    Mailbox.objects.update(used_mb=10, messages=2)
    NodeRebuild.objects.update(anew=False)
    node_rebuild(actor=None, node=box.mail_domain.node)
    row = MailboxLoss.objects.get()
    assert (row.had_bytes, row.had_messages, row.measured_at) == (240 * MB, 31, None)


def test_another_node_says_nothing_about_it(box: Mailbox, begun: NodeRebuild) -> None:
    other = MailboxFactory.create().mail_domain
    other.node = type(other.node).objects.create(name="mail7", host="mail7.postroom.test", roles=["mail"])
    usage = contract.Usage(address=box.address, used_bytes=0, messages=0)
    losses_compare(other.node, [usage])
    assert missing(begun) is None


def test_only_the_provider_says_what_became_of_it(box: Mailbox, begun: NodeRebuild) -> None:
    tell(box, 0, 0)
    member = MembershipFactory.create(account=box.mail_domain.domain.account)
    with pytest.raises(Denied):
        losses_seen(actor=member.user, losses=MailboxLoss.objects.all())
    admin = UserFactory.create(is_staff=True, is_superuser=True)
    assert losses_seen(actor=admin, losses=MailboxLoss.objects.all()) == 1
    assert loss_of(box) is None
    assert missing(begun) == []


def test_the_customer_reads_it_on_the_mailboxs_page_and_a_stranger_does_not(
    box: Mailbox, begun: NodeRebuild, client: Client
) -> None:
    tell(box, 0, 0)
    domain = box.mail_domain.domain
    client.force_login(MembershipFactory.create(account=domain.account).user)
    page: Any = client.get(f"/domains/{domain.name}/mailboxes/{box.local}/", headers={"host": "localhost"})
    assert "Mail is missing" in page.text
    assert "31 mails (240 MB)" in page.text
    stranger = MembershipFactory.create().user
    client.force_login(stranger)
    assert client.get(f"/domains/{domain.name}/mailboxes/{box.local}/").status_code == 404
    assert not MailboxLoss.objects.visible_to(stranger).exists()


def test_the_desk_lists_it_and_takes_the_providers_word(
    box: Mailbox, begun: NodeRebuild, client: Client
) -> None:
    tell(box, 0, 0)
    admin = UserFactory.create(is_staff=True, is_superuser=True)
    client.force_login(admin)
    path = "/admin/mailboxes/mailboxloss/"
    assert box.address in client.get(path).text
    loss = MailboxLoss.objects.get()
    client.post(path, {"action": "seen", "_selected_action": [loss.pk]})
    loss.refresh_from_db()
    assert loss.seen_by == admin
    assert box.address not in client.get(path).text


def test_a_measure_that_came_before_the_command_hides_nothing(box: Mailbox) -> None:
    """The mail was lost, the node noticed an empty folder, and only then somebody asked."""
    yesterday = today() - dt.timedelta(days=1)
    StorageDay.objects.create(mailbox=box, day=yesterday, used_bytes=240 * MB, messages=31)
    Mailbox.objects.update(used_mb=0, messages=0)
    begun = node_rebuild(actor=None, node=box.mail_domain.node)
    tell(box, 0, 0)
    assert missing(begun) == [f"{box.address}: 0 of 31 mails, 0 bytes of 240 MB"]


def test_a_mailbox_deleted_meanwhile_holds_nothing_up(box: Mailbox, begun: NodeRebuild) -> None:
    Mailbox.objects.update(deleted_at=timezone.now())
    assert missing(begun) == []


def test_a_node_that_joins_while_the_command_waits_is_still_told_of(box: Mailbox, begun: NodeRebuild) -> None:
    node_rebuild(actor=None, node=box.mail_domain.node, anew=True)
    assert missing(begun) is None
    tell(box, 0, 0)
    assert missing(begun) == [f"{box.address}: 0 of 31 mails, 0 bytes of 240 MB"]
