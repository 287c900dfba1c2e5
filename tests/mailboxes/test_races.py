"""Limits hold when twenty requests race for the last free place: real threads, real commits."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.db import connection, connections

from lib.errors import Refused
from mailboxes import services
from mailboxes.models import Mailbox
from mailboxes.services.usage import usage_store
from provision.models import Push
from tests import factories

RACERS = 20

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def mail() -> Any:
    account = factories.AccountFactory.create(max_mailboxes=3, storage_mb=3000)
    return factories.MailDomainFactory.create(domain=factories.DomainFactory.create(account=account))


def race(work: Any) -> list[str]:
    """``work(n)`` at once in RACERS threads; for each "done" or the field that was refused."""
    start = Barrier(RACERS)

    def one(n: int) -> str:
        start.wait()
        try:
            work(n)
        except Refused as refused:
            return refused.field
        finally:
            connection.close()
        return "done"

    with ThreadPoolExecutor(RACERS) as pool:
        return sorted(pool.map(one, range(RACERS)))


def create(mail: Any, local: str, quota_mb: int) -> Mailbox:
    return services.mailbox_create(
        actor=None, mail_domain=mail, local=local, password="harbor-violet-91", quota_mb=quota_mb
    )


def test_one_of_twenty_gets_the_last_mailbox(mail: Any) -> None:
    for local in ("a", "b"):
        create(mail, local, 1)
    assert race(lambda n: create(mail, f"box{n}", 1)) == ["done", *["local"] * (RACERS - 1)]
    assert Mailbox.objects.count() == 3


def test_one_of_twenty_gets_the_last_storage(mail: Any) -> None:
    create(mail, "a", 2000)
    assert race(lambda n: create(mail, f"box{n}", 1000)) == ["done", *["quota_mb"] * (RACERS - 1)]


def test_one_of_twenty_gets_the_name(mail: Any) -> None:
    assert race(lambda n: create(mail, "ana", 1)) == ["done", *["local"] * (RACERS - 1)]


def test_raising_quotas_never_gives_out_more_than_there_is(mail: Any) -> None:
    boxes = [create(mail, local, 100) for local in ("a", "b", "c")]
    outcome = race(lambda n: services.mailbox_set_quota(actor=None, mailbox=boxes[n % 3], quota_mb=1400 + n))
    assert "done" in outcome
    assert sum(Mailbox.objects.values_list("quota_mb", flat=True)) <= 3000


def test_making_mailboxes_races_with_taking_the_domain_away(mail: Any) -> None:
    def work(n: int) -> None:
        if n:
            create(mail, f"box{n}", 1)
        else:
            services.mail_domain_delete(actor=None, mail_domain=mail)

    race(work)
    assert not Mailbox.objects.exists()
    assert not Push.objects.filter(payload__isnull=False).exists()


def test_restoring_races_with_making_anew(mail: Any) -> None:
    gone = services.mailbox_delete(actor=None, mailbox=create(mail, "ana", 1))

    def work(n: int) -> None:
        if n % 2:
            create(mail, "ana", 1)
        else:
            services.mailbox_restore(actor=None, mailbox=gone)

    assert race(work).count("done") == 1
    assert Mailbox.objects.present().count() == 1


def test_a_domain_goes_while_its_node_measures(mail: Any) -> None:
    box = create(mail, "ana", 10)
    usage: Any = [{"address": box.address, "used_bytes": 7, "messages": 1}]

    def measured() -> None:
        try:
            usage_store(mail.node, usage)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as pool:

        def between(execute: Any, sql: str, *more: Any) -> Any:
            done = execute(sql, *more)
            if sql.startswith('DELETE FROM "mailboxes_storageday"'):
                pool.submit(measured).result()
            return done

        with connection.execute_wrapper(between):
            services.mail_domain_delete(actor=None, mail_domain=mail)
    assert not Mailbox.objects.exists()
