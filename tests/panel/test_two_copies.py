"""Two workers at once: whatever Beat starts is done once, whoever else was started with it. Real threads and
commits."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier, Event, Lock
from typing import Any

import pytest
from celery import current_app
from celery.exceptions import Retry
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.clients import GRACE
from accounts.domains.proof import Finding, Txt
from accounts.models import Account, DomainClaim
from delivery import schedule as delivery
from delivery.alerts import services as alerts
from delivery.alerts.rules import Sign
from delivery.models import Alert
from dnszone import schedule as dnszone
from dnszone.models import ZonePlace
from dnszone.whereis import live
from dnszone.whereis.seen import Seen
from guides.changed import looking
from guides.models import Change
from lib.alone import alone
from mailboxes import schedule as mailboxes
from mailboxes.models import Archive, BulkImport, Compromise, Mailbox
from mailboxes.models.core import GRACE as MAIL_GRACE
from notices import schedule as notices
from notices.models import Notice
from notices.services import notice_send
from panel import proving
from panel import schedule as panel
from panel.beat import app as beat
from panel.compromise import detecting
from provision import broker
from provision import schedule as provision
from provision.models import Node, Push
from tests import factories
from tests.delivery.rows import sign_in_make
from tests.mailboxes.test_bulk_saving import confirmed
from tests.racing import race

SHARED = {
    provision.TASK_SWEEP, notices.TASK_SEND, mailboxes.TASK_BULK_SAVE, dnszone.TASK_ROLLOUTS, panel.TASK_LOOK,
    panel.TASK_BRAND_HOSTS,
}  # fmt: skip
"""Somebody waits for these, so a second start is no waste: they share their work (tests below, and
tests/dnszone/test_blueprints.py)."""

ALONE = sorted({entry["task"] for entry in beat.conf.beat_schedule.values()} - SHARED)


def task(name: str) -> Any:
    current_app.loader.import_default_modules()
    return current_app.tasks[name]


@pytest.fixture
def elsewhere() -> Iterator[Callable[[str], None]]:
    """``elsewhere(name)``: from now on another worker is at this task."""
    begun, over = Event(), Event()

    def hold(name: str) -> None:
        try:
            with alone(name) as mine:
                assert mine
                begun.set()
                assert over.wait(30)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as pool:
        holding: list[Any] = []

        def start(name: str) -> None:
            holding.append(pool.submit(hold, name))
            assert begun.wait(10)

        yield start
        over.set()
        for one in holding:
            one.result()


@pytest.mark.django_db
@pytest.mark.parametrize("name", ALONE)
def test_while_another_worker_does_it_nothing_is_done(name: str, elsewhere: Callable[[str], None]) -> None:
    elsewhere(name)
    with CaptureQueriesContext(connection) as asked:
        task(name)()
    assert [row["sql"].partition("(")[0] for row in asked] == ["SELECT pg_try_advisory_lock"]


@pytest.mark.django_db
def test_a_brand_saved_during_a_look_is_looked_at_soon(elsewhere: Callable[[str], None]) -> None:
    elsewhere(panel.TASK_BRAND_HOSTS)
    with pytest.raises(Retry):
        task(panel.TASK_BRAND_HOSTS)()


@pytest.mark.django_db(transaction=True)
def test_the_lock_goes_with_whoever_died(elsewhere: Callable[[str], None]) -> None:
    elsewhere("x")
    with alone("x") as mine:
        assert not mine
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid, 10000) FROM pg_locks JOIN pg_database AS d ON d.oid = database"
            " WHERE locktype = 'advisory' AND d.datname = current_database()"
        )
    with alone("x") as mine:
        assert mine


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, Any]]:
    """What goes to nodes."""
    messages: list[tuple[str, Any]] = []

    def send(name: str, queue: str, argument: Any = None, **_more: Any) -> None:
        messages.append((name, argument))

    monkeypatch.setattr(broker, "send", send)
    monkeypatch.setattr(broker, "waiting", lambda queue: 0)
    return messages


def at_once(name: str) -> None:
    """The task in three workers at once."""
    work = task(name)
    assert race(3, lambda _n: work()) == ["", "", ""]


@pytest.fixture
def box(transactional_db: None) -> Mailbox:
    account = factories.AccountFactory.create(max_mailboxes=100, storage_mb=100_000)
    factories.MembershipFactory.create(account=account, user__email="owner@people.test")
    domain = factories.DomainFactory.create(account=account, name="luna.test")
    made: Mailbox = factories.MailboxFactory.create(
        mail_domain=factories.MailDomainFactory.create(domain=domain), local="ana", quota_mb=1000
    )
    return made


def told() -> list[tuple[str, str]]:
    return sorted(Notice.objects.values_list("kind", "to"))


def test_the_sweep_sends_each_state_once(box: Mailbox, sent: list[tuple[str, Any]]) -> None:
    node = box.mail_domain.node
    due = [
        Push(
            node=node, kind="mailbox", key=f"mailbox/{n}@luna.test", payload={}, desired_rev=7,
            next_try_at=timezone.now() - timedelta(seconds=1),
        )
        for n in range(1800)
    ]  # fmt: skip
    Push.objects.bulk_create(due)
    at_once(provision.TASK_SWEEP)
    keys = [state["key"] for _name, batch in sent for state in batch["states"]]
    assert len(keys) == len(set(keys)) == 1800


def test_each_mail_leaves_once(box: Mailbox, monkeypatch: pytest.MonkeyPatch) -> None:
    for n in range(20):
        notice_send(kind="domain_proved", to=f"p{n}@x.test", context={"name": "luna.test", "account": "Luna"})
    together, guard, original = Barrier(3, timeout=5), Lock(), EmailBackend.send_messages

    def slowly(self: Any, messages: Any) -> Any:
        if not mail.outbox:
            together.wait()  # each of the three has one in its hands
        with guard:
            return original(self, messages)

    monkeypatch.setattr(EmailBackend, "send_messages", slowly)
    at_once(notices.TASK_SEND)
    assert sorted(message.to[0] for message in mail.outbox) == sorted(f"p{n}@x.test" for n in range(20))
    assert not Notice.objects.filter(sent_at=None).exists()


def test_a_full_mailbox_is_told_once(box: Mailbox) -> None:
    Mailbox.objects.update(used_mb=990, used_at=timezone.now())
    at_once(panel.TASK_FULLNESS)
    assert told() == [("mailbox_full", "ana@luna.test"), ("mailboxes_full", "owner@people.test")]


def test_a_near_limit_is_told_once(box: Mailbox) -> None:
    Account.objects.update(max_mailboxes=1)
    at_once(panel.TASK_LIMITS)
    assert told() == [("limit_near", "owner@people.test")]


def test_an_alert_is_told_once(box: Mailbox, monkeypatch: pytest.MonkeyPatch) -> None:
    sign = Sign("guessing", box.mail_domain.domain_id, box.address, {"n": 25, "sources": 3})
    monkeypatch.setattr(alerts, "look", lambda moment: [sign])
    at_once(delivery.TASK_LOOK)
    assert Alert.objects.count() == 1
    assert told() == [("alert", "owner@people.test")]


def test_a_stolen_sign_in_is_stopped_and_told_once(box: Mailbox, monkeypatch: pytest.MonkeyPatch) -> None:
    class Found:
        def as_json(self) -> dict[str, object]:
            return {"kind": "spike", "n": 99, "usual": 1}

    monkeypatch.setattr(detecting, "lately", lambda now: {box.address: None})
    monkeypatch.setattr(detecting, "signs", lambda done: [Found()])
    at_once(panel.TASK_COMPROMISE)
    assert Compromise.objects.count() == 1
    assert told() == [("compromised", "owner@people.test")]


def test_changed_settings_are_told_once(box: Mailbox) -> None:
    node, domain = box.mail_domain.node, box.mail_domain.domain_id
    sign_in_make(node, box.address, timezone.now(), protocol="imap", domain_id=domain)
    looking.look_at_all()
    Node.objects.update(host="mail2.postroom.test")
    at_once(panel.TASK_SETTINGS_CHANGED)
    assert Change.objects.count() == 1
    Change.objects.update(due_at=timezone.now())
    at_once(panel.TASK_SETTINGS_CHANGED)
    at_once(panel.TASK_SETTINGS_CHANGED)
    assert told() == [("settings_changed", "ana@luna.test"), ("settings_changed", "owner@people.test")]


def test_what_was_kept_long_enough_goes_once(box: Mailbox, sent: list[tuple[str, Any]]) -> None:
    long_ago = timezone.now() - MAIL_GRACE - timedelta(days=1)
    Mailbox.objects.update(deleted_at=long_ago)
    Archive.objects.create(filename="x", expires_at=long_ago)
    at_once(mailboxes.TASK_REMOVE_MAIL)
    at_once(mailboxes.TASK_JOBS_CLEAR)
    assert [push.key for push in Push.objects.all()] == [f"home/{box.home}"]
    assert not Archive.objects.exists()


def test_a_deleted_account_goes_once(box: Mailbox, sent: list[tuple[str, Any]]) -> None:
    Account.objects.update(deleted_at=timezone.now() - GRACE - timedelta(days=1))
    at_once(panel.TASK_PURGE)
    assert not Account.objects.exists()
    keys = list(Push.objects.values_list("key", flat=True))
    assert len(keys) == len(set(keys))


def test_an_import_is_saved_once(box: Mailbox, sent: list[tuple[str, Any]]) -> None:
    who = box.mail_domain.domain.account.memberships.get().user
    bulk = confirmed(box.mail_domain, who, 9)
    at_once(mailboxes.TASK_BULK_SAVE)
    bulk.refresh_from_db()
    assert (bulk.state, bulk.saved, Mailbox.objects.count()) == (BulkImport.State.SAVED, 9, 10)


def test_claims_that_are_due_are_looked_at_once(box: Mailbox, monkeypatch: pytest.MonkeyPatch) -> None:
    looks: list[str] = []
    original = proving.look

    def counted(name: str, token: str) -> Any:
        looks.append(name)
        return original(name, token)

    monkeypatch.setattr(proving, "_texts", lambda *_args: Finding(txt=Txt.NONE))
    monkeypatch.setattr(proving, "_servers", lambda _name, found, _until: found)
    monkeypatch.setattr(proving, "look", counted)
    for n in range(5):
        names = {"name": f"c{n}.test", "display_name": f"c{n}.test"}
        DomainClaim.objects.create(account=factories.AccountFactory.create(), token=f"t{n}", **names)
    at_once(panel.TASK_LOOK)
    assert sorted(looks) == [f"c{n}.test" for n in range(5)]


def test_zones_are_looked_up_once(box: Mailbox, monkeypatch: pytest.MonkeyPatch) -> None:
    looks: list[str] = []

    def look(question: live.Question) -> Seen:
        looks.append(question.name)
        return Seen()

    monkeypatch.setattr(live, "look", look)
    for n in range(6):
        factories.ZoneFactory.create(domain__name=f"z{n}.test")
    at_once(dnszone.TASK_PLACES)
    assert sorted(looks) == [f"z{n}.test" for n in range(6)]
    assert ZonePlace.objects.count() == 6
