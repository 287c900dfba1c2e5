"""Rows of an import become mailboxes inside the database: exactly those that the services make one by one."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings
from django.db import connection, transaction

from activity.models import Entry
from activity.sentences import sentence
from lib.history import acting
from mailboxes import services
from mailboxes.bulk import saving, selectors
from mailboxes.desired import mailbox_state
from mailboxes.models import Alias, BulkImport, BulkMade, BulkRow, Mailbox, MailDomain
from nodeagent import contract
from nodeagent.payload import parse
from provision.models import Push
from tests import factories
from tests.mailboxes.conftest import World

HASH = "{BLF-CRYPT}$2y$05$FMS9nvdPEIKtYuX6uVNysusatWGN.Ivoenvhl0UMSwWv1rIc/ufCK"
LOCALS = ("ana", "luis.gomez", "a_b-c", "0", "x" * 64)


def confirmed(
    mail: MailDomain, who: Any, count: int, *, prefix: str = "box", title: str = "b.csv"
) -> BulkImport:
    """As the reading process leaves it and a person confirmed it."""
    bulk: BulkImport = BulkImport.objects.create(
        mail_domain=mail, who=who, title=title, state=BulkImport.State.CONFIRMED, mode="all", good=count
    )
    BulkRow.objects.bulk_create(
        BulkRow(
            bulk=bulk, line=line, state="good", address=f"{prefix}{line}@{mail.domain.name}",
            mail_domain=mail, quota_mb=10 + line, password_hash=HASH,
        )
        for line in range(1, count + 1)
    )  # fmt: skip
    return bulk


def test_the_database_says_of_each_mailbox_what_the_services_would(world: World) -> None:
    bulk = confirmed(world.mail, world.owner, 0)
    for line, local in enumerate(LOCALS):
        address = f"{local}@example.test"
        row = {"state": "good", "address": address, "mail_domain": world.mail, "quota_mb": 7 + line}
        BulkRow.objects.create(bulk=bulk, line=line, password_hash=HASH, **row)
    saving.bulk_save_due()
    assert Mailbox.objects.count() == len(LOCALS)
    for mailbox in Mailbox.objects.all():
        state = mailbox_state(mailbox)
        assert state is not None
        push = Push.objects.get(key=state.key)
        assert push.payload == contract.to_payload(state)
        assert (push.node, push.domain, push.kind) == (world.mail.node, world.domain, "mailbox")
        assert (push.actor, push.sent_rev, push.applied_rev) == (world.owner, 0, 0)
        assert push.next_try_at is not None
        message = {"kind": push.kind, "key": push.key, "rev": push.desired_rev, "payload": push.payload}
        assert parse(message).state == state


def test_rows_and_pushes_are_as_of_a_mailbox_made_alone(world: World) -> None:
    alone = services.mailbox_create(
        actor=world.owner, mail_domain=world.mail, local="alone", password="harbor-violet-91", quota_mb=11
    )
    saving.bulk_save_due()
    confirmed(world.mail, world.owner, 1)
    saving.bulk_save_due()
    made = Mailbox.objects.get(local="box1")
    differ = {"id", "address", "local", "home", "password_hash", "password_set_at", "created_at"}
    for field in Mailbox._meta.concrete_fields:
        if field.column not in differ:
            assert getattr(made, field.attname) == getattr(alone, field.attname), field.name
    one, other = (Push.objects.get(key=f"mailbox/{row.address}") for row in (alone, made))
    differ = {"id", "key", "payload", "desired_rev", "next_try_at", "changed_at"}
    for field in Push._meta.concrete_fields:
        if field.column not in differ:
            assert getattr(one, field.attname) == getattr(other, field.attname), field.name


def test_the_history_has_every_mailbox_and_who_made_it(world: World) -> None:
    saving.bulk_due()
    confirmed(world.mail, world.owner, 5)
    with acting(world.owner, "task"):
        saving.bulk_save_due()
    events = apps.get_model("mailboxes", "MailboxEvent").objects.all()
    found = {event.pgh_obj_id: event for event in events}
    assert set(found) == set(Mailbox.objects.values_list("pk", flat=True))
    for mailbox in Mailbox.objects.all():
        event = found[mailbox.pk]
        assert (event.pgh_label, event.address, event.home) == ("insert", mailbox.address, mailbox.home)
        assert (event.quota_mb, event.created_at) == (mailbox.quota_mb, mailbox.created_at)
        assert event.pgh_context.metadata["user"] == world.owner.pk


def test_activity_tells_an_import_once_and_the_rest_as_before(world: World) -> None:
    bulk = confirmed(world.mail, world.owner, 5, title="gente.csv")
    saving.bulk_save_due()
    (entry,) = Entry.objects.filter(model__in=["mailboxes.bulkmade", "mailboxes.mailbox"])
    assert "made 5 mailboxes of example.test from the file gente.csv" in sentence(entry)
    assert (entry.account_id, entry.user_id) == (world.domain.account_id, world.owner.pk)
    services.mailbox_create(
        actor=world.owner, mail_domain=world.mail, local="alone", password="harbor-violet-91", quota_mb=11
    )
    assert Entry.objects.filter(model="mailboxes.mailbox", name="alone@example.test").count() == 1
    assert selectors.on_their_way(bulk) == 6
    assert BulkMade.objects.get().made == 5


def test_an_alias_that_leads_to_a_new_mailbox_is_told_again(world: World) -> None:
    Alias.objects.create(
        mail_domain=world.mail, address="all@example.test", local="all", targets=["box1@example.test"]
    )
    confirmed(world.mail, world.owner, 2)
    saving.bulk_save_due()
    told = Push.objects.get(key="alias/all@example.test").payload
    assert told is not None
    assert told["targets"] == ["box1@example.test"]
    assert Push.objects.get(key="alias/postmaster@example.test").payload is not None


def test_nothing_of_a_mailbox_comes_into_the_process(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many: no statement of the import hands rows of mailboxes to Python."""
    monkeypatch.setattr(Mailbox, "__init__", None)
    confirmed(world.mail, world.owner, 3)
    saving.bulk_save_due()
    monkeypatch.undo()
    assert Mailbox.objects.count() == 3


def test_a_domain_goes_with_its_mailboxes_and_what_hangs_on_them(world: World, monkeypatch: Any) -> None:
    monkeypatch.setattr("mailboxes.services.ending.SHARE", 2)
    confirmed(world.mail, world.owner, 5)
    saving.bulk_save_due()
    homes = set(Mailbox.objects.values_list("home", flat=True))
    services.mail_domain_delete(actor=world.owner, mail_domain=world.mail)
    assert not Mailbox.objects.exists()
    assert not Push.objects.filter(payload__isnull=False).exists()
    events = apps.get_model("mailboxes", "MailboxEvent").objects.filter(pgh_label="delete")
    assert set(events.values_list("home", flat=True)) == homes
    assert set(Push.objects.filter(kind="home").values_list("key", flat=True)) == {
        f"home/{one}" for one in homes
    }
    assert not Push.objects.filter(
        kind="script", key__contains="@example.test", sent_rev=0, attempts=0
    ).exclude(key__regex="postmaster|abuse")


@pytest.mark.django_db(transaction=True)
class TestTogether:
    """Real threads, processes and commits."""

    @pytest.fixture
    def mail(self) -> MailDomain:
        account = factories.AccountFactory.create(max_mailboxes=10, storage_mb=100_000)
        return factories.MailDomainFactory.create(domain=factories.DomainFactory.create(account=account))

    @pytest.fixture
    def who(self, mail: MailDomain) -> Any:
        who = factories.UserFactory.create()
        factories.MembershipFactory.create(account=mail.domain.account, user=who)
        return who

    def test_of_two_imports_at_the_limit_one_is_made_whole(self, mail: MailDomain, who: Any) -> None:
        confirmed(mail, who, 6, prefix="one")
        confirmed(mail, who, 6, prefix="two")

        def work(_n: int) -> None:
            try:
                saving.bulk_save_due()
            finally:
                connection.close()

        with ThreadPoolExecutor(4) as pool:
            list(pool.map(work, range(4)))
        saving.bulk_save_due()
        assert Mailbox.objects.count() == 6
        assert len({row.local[:3] for row in Mailbox.objects.all()}) == 1
        states = sorted(BulkImport.objects.values_list("state", flat=True))
        assert states == ["checked", "saved"]
        assert Push.objects.filter(kind="mailbox").count() == 6

    def test_of_two_imports_of_the_same_addresses_the_second_adds_nothing(
        self, mail: MailDomain, who: Any
    ) -> None:
        bulks = [confirmed(mail, who, 4) for _ in range(2)]

        def work(bulk: BulkImport) -> None:
            try:
                saving.bulk_save(bulk.pk)
            finally:
                connection.close()

        with ThreadPoolExecutor(2) as pool:
            list(pool.map(work, bulks))
        assert sorted(BulkImport.objects.values_list("saved", flat=True)) == [0, 4]
        assert Mailbox.objects.count() == 4

    def test_a_worker_killed_in_the_middle_has_made_nothing_and_the_next_makes_all(
        self, mail: MailDomain, who: Any
    ) -> None:
        """It dies by SIGKILL with its rows written and not committed."""
        bulk = confirmed(mail, who, 5)
        script = (
            "import os, signal\n"
            "from mailboxes.bulk import making, saving\n"
            "saving.welcome_send = None\n"
            "real = saving.make\n"
            "def make(*args):\n"
            "    real(*args)\n"
            "    os.kill(os.getpid(), signal.SIGKILL)\n"
            "saving.make = make\n"
            f"saving.bulk_save({bulk.pk})\n"
        )
        found = connection.settings_dict
        place = (
            f"postgres://{found['USER']}:{found['PASSWORD']}@{found['HOST']}:{found['PORT']}/{found['NAME']}"
        )
        argv = [sys.executable, str(settings.BASE_DIR / "manage.py"), "shell", "-v", "0", "-c", script]
        done = subprocess.run(
            argv, env=os.environ | {"DATABASE_URL": place}, capture_output=True, check=False, timeout=120
        )
        assert done.returncode == -signal.SIGKILL, done.stderr.decode()[-800:]
        assert not Mailbox.objects.exists()
        assert not Push.objects.exists()
        assert saving.bulk_due() == [bulk.pk]
        saving.bulk_save_due()
        assert Mailbox.objects.count() == 5

    def test_others_go_on_while_an_import_is_saved(self, mail: MailDomain, who: Any) -> None:
        """Another worker passes it over, and another account's mailbox is made."""
        bulk = confirmed(mail, who, 5)
        other = factories.MailDomainFactory.create()

        def meanwhile() -> int:
            try:
                made = saving.bulk_save(bulk.pk)
                services.mailbox_create(
                    actor=None, mail_domain=other, local="ana", password="harbor-violet-91", quota_mb=1
                )
                return made
            finally:
                connection.close()

        with ThreadPoolExecutor(1) as pool, transaction.atomic():
            assert saving.bulk_save(bulk.pk) == 5
            assert pool.submit(meanwhile).result(timeout=30) == 0
        assert Mailbox.objects.count() == 6
