"""How long messages can be followed, whose they are, and what becomes of old ones."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import psycopg2
import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Account, Domain, Plan, User
from delivery import signins
from delivery.models import Entry, Status
from delivery.services.partitions import TABLES, partition_name, partitions_ensure
from delivery.signins.selectors import SignInQuery
from delivery.tasks import partitions_ahead
from panel import lifecycle
from provision.models import Node
from tests import factories
from tests.delivery.conftest import owned_domain, owner
from tests.delivery.rows import entry_make, sign_in_make

SignIn = Callable[[User], Client]
OLD = timedelta(days=10)


def there(table: str) -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT child.relname FROM pg_inherits JOIN pg_class child ON child.oid = inhrelid"
            " WHERE inhparent = %s::regclass",
            [table],
        )
        return {name for (name,) in cursor.fetchall()}


@pytest.fixture
def old_day(transactional_db: None) -> Iterator[date]:
    """A day that the longest plan does not reach any more, and one that it does."""
    factories.AccountFactory.create(log_days=7)
    factories.AccountFactory.create(log_days=30)
    today = datetime.now(UTC).date()
    day, young = today - timedelta(days=33), today - timedelta(days=29)
    partitions_ensure([day, young])
    yield day
    with connection.cursor() as cursor:
        for table in TABLES:
            for one in (day, young, *(today + timedelta(days=n) for n in range(3))):
                cursor.execute(f"DROP TABLE IF EXISTS {partition_name(table, one)}")


def test_the_hours_task_drops_whole_days_that_no_plan_reaches(old_day: date) -> None:
    entry_make(None, at=datetime.combine(old_day, datetime.min.time(), UTC) + timedelta(hours=3))
    partitions_ahead()
    for table in TABLES:
        names = there(table)
        assert partition_name(table, old_day) not in names
        assert partition_name(table, old_day + timedelta(days=4)) in names
        assert partition_name(table, datetime.now(UTC).date() + timedelta(days=2)) in names
    assert not Entry.objects.exists()


def test_who_reads_one_holds_up_neither_the_others_nor_the_lists(old_day: date) -> None:
    settings = connection.get_connection_params()
    settings.pop("cursor_factory", None)
    settings.pop("context", None)
    reader = psycopg2.connect(**settings)
    try:
        read = partition_name("delivery_entry", old_day)
        with reader.cursor() as cursor:
            cursor.execute(f"SELECT count(*) FROM {read}")  # noqa: S608 - our own name
        begun = time.monotonic()
        partitions_ahead()
        assert time.monotonic() - begun < 5
        assert read in there("delivery_entry")
        assert partition_name("delivery_chunk", old_day) not in there("delivery_chunk")
    finally:
        reader.close()
    partitions_ahead()
    assert read not in there("delivery_entry")


@pytest.fixture
def history(db: None, node: Node) -> Domain:
    """Mail and sign-ins of today and of ten days ago."""
    luna = owned_domain("luna.test")
    Domain.objects.filter(pk=luna.pk).update(created_at=timezone.now() - timedelta(days=60))
    now = timezone.now()
    for at, word in ((now - timedelta(minutes=5), "young"), (now - OLD, "ancient")):
        entry_make(
            luna.pk,
            at=at,
            node=node,
            address=f"{word}@luna.test",
            subject=word,
            words=f"'{word}@luna.test' '{word}'",
        )
        sign_in_make(node, f"{word}@luna.test", at=at, domain_id=luna.pk)
        sign_in_make(
            node, f"{word}@luna.test", at=at, domain_id=luna.pk, ok=False, reason="Password mismatch"
        )
    return luna


LISTS = [
    "/domains/luna.test/track/",
    "/domains/luna.test/track/?q=ancient",
    "/domains/luna.test/track/?single=1&since=2020-01-01",
    "/track/",
    "/track/?q=ancient",
    "/track/?domain=luna.test",
    "/domains/luna.test/track/news/?state=x",
    "/domains/luna.test/track/export/",
    "/track/export/",
    "/domains/luna.test/sign-ins/",
    "/domains/luna.test/sign-ins/?q=ancient",
    "/sign-ins/",
    "/sign-ins/?q=ancient@luna.test",
]


def text_of(answer: Any) -> str:
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    return str(body.decode())


def told(client: Client, path: str) -> str:
    """What a person reads."""
    return re.sub(r"<[^>]*>", "", text_of(client.get(path)))


@pytest.mark.parametrize("path", LISTS)
def test_a_shorter_plan_hides_at_once(history: Domain, signed_in: SignIn, path: str) -> None:
    client = signed_in(owner(history))
    Account.objects.filter(pk=history.account_id).update(log_days=30)
    if "news" not in path:
        assert "ancient@luna.test" in told(client, path)
    Account.objects.filter(pk=history.account_id).update(log_days=7)
    assert "ancient@luna.test" not in told(client, path)


def test_a_shorter_plan_hides_the_message_itself(history: Domain, signed_in: SignIn) -> None:
    client = signed_in(owner(history))
    entry = Entry.objects.get(address="ancient@luna.test")
    paths = [f"/domains/luna.test/track/{entry.pk}/", f"/track/{entry.pk}/"]
    Account.objects.filter(pk=history.account_id).update(log_days=30)
    assert [client.get(path).status_code for path in paths] == [200, 200]
    Account.objects.filter(pk=history.account_id).update(log_days=7)
    assert [client.get(path).status_code for path in paths] == [404, 404]


def test_all_domains_of_two_accounts_each_by_its_own_plan(history: Domain, node: Node) -> None:
    user = owner(history)
    other = owned_domain("sol.test", user)
    sign_in_make(node, "ancient@sol.test", at=timezone.now() - OLD, domain_id=other.pk)
    Account.objects.filter(pk=history.account_id).update(log_days=7)
    Account.objects.filter(pk=other.account_id).update(log_days=30)
    page = signins.page_of_domain(user, None, SignInQuery(q="ancient"))
    assert [row.login for row in page.rows] == ["ancient@sol.test"]


def test_a_mailboxs_own_pages_obey_the_plan(history: Domain, signed_in: SignIn) -> None:
    mail = factories.MailDomainFactory.create(domain=history)
    box = factories.MailboxFactory.create(mail_domain=mail, local="ancient")
    type(box).objects.filter(pk=box.pk).update(created_at=timezone.now() - timedelta(days=50))
    client = signed_in(owner(history))
    pages = [
        reverse(name, args=["luna.test", "ancient"]) for name in ("mailbox-sign-ins", "mailbox-deliveries")
    ]
    Account.objects.filter(pk=history.account_id).update(log_days=30)
    assert "192.0.2.7" in told(client, pages[0])
    assert "s@far.test" in told(client, pages[1])
    Account.objects.filter(pk=history.account_id).update(log_days=7)
    assert "192.0.2.7" not in told(client, pages[0])
    assert "s@far.test" not in told(client, pages[1])


def test_a_deleted_domain_is_out_of_sight_at_once(history: Domain, signed_in: SignIn) -> None:
    user = owner(history)
    owned_domain("kept.test", user)
    client = signed_in(user)
    pks = list(Entry.objects.values_list("pk", flat=True))
    lifecycle.domain_delete(actor=user, domain=history)
    for path in LISTS:
        answer = client.get(path)
        if path.startswith("/domains/luna.test"):
            assert answer.status_code == 404, path
        else:
            assert "@luna.test" not in told(client, path), path
    for pk in pks:
        assert client.get(f"/track/{pk}/").status_code == 404
        assert client.get(f"/domains/kept.test/track/{pk}/").status_code == 404
    for path in (
        "/track/charts/",
        "/track/charts/export/",
        "/domains/luna.test/track/charts/",
        "/search/?q=young",
    ):
        answer = client.get(path)
        assert answer.status_code == 404 or "young@luna.test" not in text_of(answer)


def test_who_adds_the_name_again_sees_nothing_of_before(
    history: Domain, node: Node, signed_in: SignIn
) -> None:
    before = list(Entry.objects.values_list("pk", flat=True))
    lifecycle.domain_delete(actor=owner(history), domain=history)
    again = owned_domain("luna.test")
    Domain.objects.filter(pk=again.pk).update(created_at=timezone.now())
    mail = factories.MailDomainFactory.create(domain=again)
    factories.MailboxFactory.create(mail_domain=mail, local="young")
    client = signed_in(owner(again))
    for path in LISTS:
        page = told(client, path)
        assert "ancient@luna.test" not in page, path
        assert "s@far.test" not in page, path
    for pk in before:
        assert client.get(f"/domains/luna.test/track/{pk}/").status_code == 404
        assert client.get(f"/track/{pk}/").status_code == 404
    for name in ("mailbox-sign-ins", "mailbox-deliveries", "mailbox-vanished"):
        path = reverse(name, args=["luna.test", "young"])
        assert client.get(path).status_code == 200, name
        page = told(client, path)
        assert "192.0.2.7" not in page, name
        assert "s@far.test" not in page, name
    entry_make(again.pk, node=node, address="young@luna.test", sender="new@far.test", status=Status.FAILED)
    assert "new@far.test" in told(client, "/domains/luna.test/track/")


@pytest.mark.django_db
def test_a_plan_says_what_happens_to_older_messages(client: Client) -> None:
    rosa = factories.UserFactory.create()
    reseller = factories.ResellerFactory.create(name="Nube")
    factories.MembershipFactory.create(account=reseller, user=rosa)
    plan = Plan.objects.create(name="Small", reseller=reseller, log_days=30)
    factories.AccountFactory.create(reseller=reseller, plan=plan, log_days=30)
    client.force_login(rosa)
    page = client.get(reverse("plan", args=[plan.pk])).content.decode()
    assert "Older ones are hidden at once" in page
