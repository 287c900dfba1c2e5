"""How long the mail of deleted mailboxes is kept, and that it goes for good afterwards."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.apps import apps
from django.db import transaction
from django.utils import timezone

from lib.errors import Refused
from mailboxes import services, tasks
from mailboxes.models import GRACE, Mailbox
from mailboxes.services import homes
from nodeagent import contract
from provision import broker, intake, kinds, outbox, reconcile
from provision.models import Push
from provision.selectors import status_of
from provision.services import push_retry
from tests import factories
from tests.mailboxes.conftest import World
from tests.provision.conftest import Wire
from tests.provision.fakenode import outcome

LATER = dt.timedelta(seconds=1)


@pytest.fixture
def wire(monkeypatch: pytest.MonkeyPatch) -> Wire:
    """What would be sent to nodes."""
    wire = Wire()
    monkeypatch.setattr(broker, "send", wire.send)
    monkeypatch.setattr(broker, "waiting", wire.waiting)
    return wire


def make(world: World, local: str = "ana", **fields: Any) -> Mailbox:
    mailbox: Mailbox = factories.MailboxFactory.create(mail_domain=world.mail, local=local, **fields)
    return mailbox


def delete(world: World, mailbox: Mailbox) -> dt.datetime:
    """Deletes it; when its time ends."""
    services.mailbox_delete(actor=world.owner, mailbox=mailbox)
    mailbox.refresh_from_db()
    assert mailbox.kept_until is not None
    return mailbox.kept_until


def home_push(mailbox: Mailbox) -> Push | None:
    found: Push | None = Push.objects.filter(key=f"home/{mailbox.home}").first()
    return found


def report(push: Push, **more: Any) -> None:
    answers = [outcome(push.key, push.desired_rev, **more)]
    intake.outcomes_take(node=push.node, outcomes=answers, at=timezone.now())


def test_mail_is_kept_until_the_last_moment_and_then_asked_away_once(world: World) -> None:
    ana, ben = make(world), make(world, "ben")
    end = delete(world, ana)
    assert services.homes_remove(now=end - LATER) == 0
    assert home_push(ana) is None
    assert services.homes_remove(now=end) == 1
    push = home_push(ana)
    assert push is not None
    assert (push.payload, push.kind, push.node, push.domain) == (None, "home", world.mail.node, None)
    assert services.homes_remove(now=end + dt.timedelta(days=100)) == 0  # the sweep has it
    assert home_push(ben) is None


def test_the_row_goes_when_the_node_has_proven_it_and_its_history_stays(world: World) -> None:
    ana = make(world)
    services.homes_remove(now=delete(world, ana))
    push = home_push(ana)
    assert push is not None
    report(push, error="no room")
    assert Mailbox.objects.filter(pk=ana.pk).exists()
    report(push)
    assert not Mailbox.objects.filter(pk=ana.pk).exists()
    events = apps.get_model("mailboxes", "MailboxEvent").objects.filter(pgh_obj=ana.pk)
    assert list(events.order_by("pgh_id").values_list("pgh_label", flat=True)) == [
        "insert",
        "update",
        "delete",
    ]
    report(push)  # heard twice
    push.refresh_from_db()
    assert push.applied_rev == push.desired_rev


def test_a_mailbox_made_again_is_another_one(world: World) -> None:
    ana = make(world)
    services.homes_remove(now=delete(world, ana))
    again = make(world)
    assert again.address == ana.address
    push = home_push(ana)
    assert push is not None
    report(push)
    assert list(Mailbox.objects.filter(address=ana.address)) == [again]
    assert home_push(again) is None


@pytest.mark.parametrize("suspended", [True, False])
def test_only_deletion_counts(world: World, suspended: bool) -> None:
    ana = make(
        world, suspended_at=timezone.now() - 2 * GRACE, no_sign_in=True, no_send=True, suspended_reason="late"
    )
    assert services.homes_remove(now=timezone.now() + 2 * GRACE) == 0
    if not suspended:
        services.mailbox_resume(actor=world.owner, mailbox=ana)
    assert services.homes_remove(now=delete(world, ana)) == 1


def test_brought_back_it_is_never_asked_away(world: World) -> None:
    ana = make(world)
    end = delete(world, ana)
    services.mailbox_restore(actor=world.owner, mailbox=ana)
    assert services.homes_remove(now=end + GRACE) == 0
    assert kinds.get("home").desired(f"home/{ana.home}") == contract.Home(path=ana.home)


def test_after_its_time_it_cannot_be_brought_back_whether_asked_away_or_not(world: World) -> None:
    ana = make(world)
    delete(world, ana)
    Mailbox.objects.filter(pk=ana.pk).update(deleted_at=timezone.now() - GRACE)
    with pytest.raises(Refused, match="no longer kept"):
        services.mailbox_restore(actor=world.owner, mailbox=ana)
    assert kinds.get("home").desired(f"home/{ana.home}") is None


def test_another_node_cannot_say_that_it_is_gone(world: World) -> None:
    ana = make(world)
    delete(world, ana)
    elsewhere = factories.NodeFactory.create(name="mail2")
    push = Push(node=elsewhere, key=f"home/{ana.home}", kind="home", payload=None)
    services.home_on_live(push, {})
    assert Mailbox.objects.filter(pk=ana.pk).exists()


def test_a_mailbox_that_is_there_stays_whatever_is_reported(world: World) -> None:
    ana = make(world)
    for payload in (None, {"path": ana.home}):
        push = Push(node=world.mail.node, key=f"home/{ana.home}", kind="home", payload=payload)
        services.home_on_live(push, {})
    assert Mailbox.objects.filter(pk=ana.pk).exists()


def test_the_task_sends_all_that_is_due_a_bounded_number_at_a_time(
    world: World, wire: Wire, django_capture_on_commit_callbacks: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = timezone.now() - GRACE
    due = factories.MailboxFactory.create_batch(7, mail_domain=world.mail, deleted_at=old)
    kept = make(world, "kept", deleted_at=timezone.now() - GRACE + dt.timedelta(minutes=1))
    monkeypatch.setattr(homes, "AT_ONCE", 3)
    with django_capture_on_commit_callbacks(execute=True):
        assert services.homes_remove(now=timezone.now()) == 3
        tasks.remove_mail()
    sent = [state for batch in wire.batches() for state in batch["states"]]
    assert {state["key"] for state in sent} == {f"home/{mailbox.home}" for mailbox in due}
    assert all(state["payload"] is None for state in sent)
    assert home_push(kept) is None


# A whole domain: its rows go at once, so the pushes themselves wait.


def remove_domain(world: World) -> None:
    with transaction.atomic():
        services.mail_domain_delete(actor=world.owner, mail_domain=world.mail)


def test_of_a_deleted_domain_all_mail_is_kept_for_its_time(
    world: World, wire: Wire, django_capture_on_commit_callbacks: Any
) -> None:
    ana, ben, old = make(world), make(world, "ben"), make(world, "old")
    before = timezone.now()
    with django_capture_on_commit_callbacks(execute=True):
        end = delete(world, ben)
        Mailbox.objects.filter(pk=old.pk).update(deleted_at=timezone.now() - 2 * GRACE)
        remove_domain(world)
    sent = {state["key"] for batch in wire.batches() for state in batch["states"]}
    boxes = {f"mailbox/{ana.address}", f"mailbox/{ben.address}"}
    kinds = ("mail_domain/", "mailbox/", "home/")  # aliases and scripts go with them
    assert {key for key in sent if key.startswith(kinds)} == {
        "mail_domain/example.test",
        *boxes,
        f"home/{old.home}",
    }
    late, earlier = home_push(ana), home_push(ben)
    assert late is not None
    assert earlier is not None
    assert late.next_try_at is not None
    assert before + GRACE <= late.next_try_at <= timezone.now() + GRACE
    assert earlier.next_try_at == end
    assert (late.payload, late.domain) == (None, None)


def test_nothing_sends_it_before_its_day(world: World, wire: Wire) -> None:
    ana = make(world)
    remove_domain(world)
    push = home_push(ana)
    assert push is not None
    day = push.next_try_at
    outbox.sweep()
    outbox.dispatch(push.node, ids=[push.pk])
    push_retry(actor=factories.UserFactory.create(is_superuser=True), push=push)
    for entries in ([], [(push.key, push.desired_rev - 1, True)]):
        page: contract.ManifestPage = {"after": "", "upto": None, "entries": entries}
        reconcile.page_take(node=push.node, page=page, at=timezone.now())
    outbox.sweep()
    push.refresh_from_db()
    assert (push.next_try_at, push.sent_rev, push.attempts) == (day, 0, 0)
    sent = [state["key"] for batch in wire.batches() for state in batch["states"]]
    assert push.key not in sent


def test_what_waits_for_its_day_is_not_behind_and_its_node_not_away(world: World) -> None:
    ana = make(world)
    remove_domain(world)
    push = home_push(ana)
    assert push is not None
    Push.objects.update(changed_at=timezone.now() - dt.timedelta(days=1))
    world.mail.node.__class__.objects.update(last_report_at=timezone.now() - dt.timedelta(days=1))
    assert push.key not in Push.objects.behind().values_list("key", flat=True)
    push = Push.objects.select_related("node").get(pk=push.pk)
    assert status_of(push) == "moving"


def test_on_its_day_it_is_sent_and_proven(world: World, wire: Wire) -> None:
    ana = make(world)
    remove_domain(world)
    push = home_push(ana)
    assert push is not None
    Push.objects.filter(pk=push.pk).update(next_try_at=timezone.now())
    outbox.sweep()
    assert push.key in [state["key"] for batch in wire.batches() for state in batch["states"]]
    report(push)
    push.refresh_from_db()
    assert (push.applied_rev, push.next_try_at) == (push.desired_rev, None)


def test_a_domain_made_again_has_homes_of_its_own(world: World) -> None:
    ana = make(world)
    remove_domain(world)
    mail = services.mail_domain_create(actor=world.owner, domain=world.domain, node=world.mail.node)
    again = services.mailbox_create(
        actor=world.owner, mail_domain=mail, local="ana", password="harbor-violet-train-91", quota_mb=1
    )
    assert again.home != ana.home
    push = home_push(ana)
    assert push is not None
    services.home_on_live(push, {})
    assert Mailbox.objects.filter(pk=again.pk).exists()


def test_mail_that_a_node_got_back_from_a_backup_is_removed_again(world: World, wire: Wire) -> None:
    ana = make(world)
    services.homes_remove(now=delete(world, ana))
    push = home_push(ana)
    assert push is not None
    report(push)
    entries = [(push.key, 0, False)]  # unproven, as the node found the folder there again
    page: contract.ManifestPage = {"after": "", "upto": None, "entries": entries}
    reconcile.page_take(node=push.node, page=page, at=timezone.now())
    outbox.sweep()
    assert push.key in [state["key"] for batch in wire.batches() for state in batch["states"]]
