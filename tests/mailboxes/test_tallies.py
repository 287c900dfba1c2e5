"""The counts that pages and limits read are those of the mailboxes, whatever was done to them and how."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from importlib import import_module
from typing import Any

import pytest
from django.apps import apps
from django.db import connection, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations.state import ProjectState
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import Account
from mailboxes import selectors, services
from mailboxes.models import Mailbox, MailDomain, TallyPart
from mailboxes.selectors import Tally
from nodeagent import contract
from tests import factories

DOMAINS = 3


def counted(account: Account) -> Tally:
    """The hard way."""
    boxes = list(Mailbox.objects.present().of_account(account))
    return Tally(
        mailboxes=len(boxes),
        quota_mb=sum(box.quota_mb for box in boxes),
        used_mb=sum(round(box.used_mb * 1024**2) for box in boxes) / 1024**2,
        messages=sum(box.messages for box in boxes),
        full=sum(box.used_mb >= box.quota_mb for box in boxes),
        suspended=sum(box.suspended_at is not None for box in boxes),
    )


def check(*accounts: Account) -> None:
    found = selectors.tallies([account.pk for account in accounts])
    for account in accounts:
        true = counted(account)
        assert found[account.pk] == true
        room = selectors.room_of(account)
        assert (room.mailboxes, room.storage_mb, room.used_mb) == (
            true.mailboxes,
            true.quota_mb,
            true.used_mb,
        )


def mail_domains() -> list[MailDomain]:
    """Two of one account, one of another."""
    first, second = factories.AccountFactory.create_batch(2)
    return [
        factories.MailDomainFactory.create(domain=factories.DomainFactory.create(account=account))
        for account in (first, first, second)
    ]


def made(mail: MailDomain, n: int, serial: int) -> list[Mailbox]:
    return [
        Mailbox(
            mail_domain=mail,
            local=f"b{serial}x{i}",
            address=f"b{serial}x{i}@{mail.domain.name}",
            password_hash="x",
            home=f"{mail.domain.name}/{serial}.{i}",
            quota_mb=1 + (serial + i) % 9,
            used_mb=((serial * 7 + i) % 23) / 10,
            messages=serial,
        )
        for i in range(n)
    ]


def sql(text: str, *values: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(text, values)


def _usage(mail: MailDomain, serial: int) -> None:
    rows = Mailbox.objects.present().filter(mail_domain=mail)
    usage: list[contract.Usage] = [
        {"address": box.address, "used_bytes": (serial * 99_991 + n) % 9_000_000, "messages": n}
        for n, box in enumerate(rows)
    ]
    services.usage_store(mail.node, usage)


DEEDS: dict[str, Callable[[MailDomain, MailDomain, int], object]] = {
    "make many": lambda mail, _other, n: Mailbox.objects.bulk_create(made(mail, 1 + n % 4, n)),
    "delete some": lambda mail, _other, n: Mailbox.objects.filter(mail_domain=mail, messages=n % 5).update(
        deleted_at=timezone.now()
    ),
    "bring back": lambda mail, _other, _n: Mailbox.objects.filter(mail_domain=mail).update(deleted_at=None),
    "remove for good": lambda mail, _other, n: Mailbox.objects.filter(
        mail_domain=mail, quota_mb__lt=n % 9
    ).delete(),
    "suspend": lambda mail, _other, _n: sql(
        "UPDATE mailboxes_mailbox SET no_send = (mod(id, 2) = 0),"
        " suspended_at = CASE WHEN mod(id, 2) = 0 THEN now() END"
        " WHERE mail_domain_id = %s",
        mail.pk,
    ),
    "move": lambda mail, other, n: sql(
        "UPDATE mailboxes_mailbox SET mail_domain_id = %s WHERE mail_domain_id = %s AND quota_mb > %s",
        other.pk,
        mail.pk,
        n % 9,
    ),
    "grow": lambda _mail, _other, n: sql("UPDATE mailboxes_mailbox SET quota_mb = quota_mb + %s", n),
    "measure": lambda mail, _other, n: _usage(mail, n),
    "fold": lambda _mail, _other, _n: services.tallies_fold(),
    "nothing": lambda mail, _other, _n: Mailbox.objects.filter(mail_domain=mail).update(messages=1),
}
PLAYS = st.lists(
    st.tuples(
        st.sampled_from(sorted(DEEDS)),
        st.integers(0, DOMAINS - 1),
        st.integers(0, DOMAINS - 1),
        st.integers(0, 50),
        st.booleans(),
    ),
    max_size=12,
)


class Rollback(Exception):
    pass


@pytest.mark.django_db
@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(play=PLAYS)
def test_counts_are_true_after_anything(play: list[tuple[str, int, int, int, bool]]) -> None:
    with transaction.atomic():
        mails = mail_domains()
        for serial, (deed, one, other, n, kept) in enumerate(play):
            try:
                with transaction.atomic():
                    DEEDS[deed](mails[one], mails[other], n if deed != "make many" else serial)
                    if not kept:
                        raise Rollback
            except Rollback:
                pass
            check(*{mail.domain.account for mail in mails})
        transaction.set_rollback(True)


@pytest.fixture
def second(transactional_db: None) -> Iterator[BaseDatabaseWrapper]:
    """Another connection to the same database."""
    other = connection.copy()
    yield other
    other.close()


@settings(deadline=None, max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(turns=st.lists(st.booleans(), min_size=1, max_size=14), ends=st.tuples(st.booleans(), st.booleans()))
def test_two_transactions_at_once_lose_no_count_and_wait_for_none(
    second: BaseDatabaseWrapper, turns: list[bool], ends: tuple[bool, bool]
) -> None:
    """Both change mailboxes of the same domain, in any order, with folding between; each commits or not."""
    mail = factories.MailDomainFactory.create()
    Mailbox.objects.bulk_create(made(mail, 8, 0))
    ids = list(Mailbox.objects.filter(mail_domain=mail).order_by("pk").values_list("pk", flat=True))
    sides = (connection, second)
    for side in sides:
        side.set_autocommit(False)
        with side.cursor() as cursor:
            cursor.execute("SET LOCAL lock_timeout = '2s'")  # waiting for the other one is a failure
    for step, turn in enumerate(turns):
        with sides[turn].cursor() as cursor:
            # Each has its own mailboxes, as services lock rows; the domain is the same.
            mine = ids[turn::2][step % 4]
            cursor.execute(
                "UPDATE mailboxes_mailbox SET quota_mb = quota_mb + %s, used_mb = %s WHERE id = %s",
                [step, step, mine],
            )
            if step == 3:
                cursor.execute("SAVEPOINT fold")
    for side, commits in zip(sides, ends, strict=True):
        (side.commit if commits else side.rollback)()
        side.set_autocommit(True)
    check(mail.domain.account)
    services.tallies_fold()
    assert TallyPart.objects.filter(mail_domain=mail).count() == 1
    check(mail.domain.account)


def test_what_is_not_committed_is_left_out_and_not_lost_by_folding(second: BaseDatabaseWrapper) -> None:
    mail = factories.MailDomainFactory.create()
    Mailbox.objects.bulk_create(made(mail, 4, 0))
    Mailbox.objects.filter(mail_domain=mail).update(messages=5)
    second.set_autocommit(False)
    with second.cursor() as cursor:
        cursor.execute("UPDATE mailboxes_mailbox SET quota_mb = 100 WHERE mail_domain_id = %s", [mail.pk])
    assert services.tallies_fold() == 1
    check(mail.domain.account)
    second.commit()
    second.set_autocommit(True)
    check(mail.domain.account)
    assert selectors.tallies([mail.domain.account_id])[mail.domain.account_id].quota_mb == 400


@pytest.mark.django_db(transaction=True)
def test_a_domain_that_goes_leaves_no_count() -> None:
    gone, stays, _theirs = mail_domains()
    for mail in (gone, stays):
        Mailbox.objects.bulk_create(made(mail, 3, mail.pk))
    gone.delete()
    services.tallies_fold()
    assert set(TallyPart.objects.values_list("mail_domain", flat=True)) == {stays.pk}
    check(stays.domain.account)
    sql("TRUNCATE mailboxes_mailbox CASCADE")
    assert not TallyPart.objects.exists()


@pytest.mark.django_db
def test_every_account_asked_for_is_there_and_clients_count_for_themselves() -> None:
    reseller = factories.ResellerFactory.create()
    client = factories.AccountFactory.create(reseller=reseller)
    domain = factories.DomainFactory.create(account=client)
    factories.MailboxFactory.create(
        mail_domain=factories.MailDomainFactory.create(domain=domain), quota_mb=7, used_mb=7.5
    )
    found = selectors.tallies([reseller.pk, client.pk])
    assert found[reseller.pk] == Tally()
    assert (found[client.pk].mailboxes, found[client.pk].full) == (1, 1)
    rows = Account.objects.annotate(n=selectors.tallied("quota_mb", account="pk")).order_by("-n", "pk")
    assert list(rows.values_list("pk", "n")) == [(client.pk, 7), (reseller.pk, 0)]
    assert selectors.domain_tallies([domain.pk, 10**9])[domain.pk] == found[client.pk]


@pytest.mark.django_db
def test_what_a_node_claims_beyond_reason_breaks_no_sum() -> None:
    mail = factories.MailDomainFactory.create()
    boxes = factories.MailboxFactory.create_batch(4, mail_domain=mail)
    usage: list[contract.Usage] = [
        {"address": box.address, "used_bytes": 2**62, "messages": 2**31 - 1} for box in boxes
    ]
    services.usage_store(mail.node, usage)
    assert selectors.room_of(mail.domain.account).used_mb == 4 * 2**30


@pytest.mark.django_db
def test_the_migration_goes_back_and_counts_what_is_there_when_it_comes() -> None:
    """Its own steps: those of all migrations after it take half a minute (tests/panel/test_migrations.py)."""
    mail = factories.MailDomainFactory.create()
    Mailbox.objects.bulk_create(made(mail, 5, 1))
    before = selectors.tallies([mail.domain.account_id])
    table, triggers = import_module("mailboxes.migrations.0011_tally_parts").Migration.operations
    state = ProjectState.from_apps(apps)
    sql("SET CONSTRAINTS ALL IMMEDIATE")
    with connection.schema_editor() as editor:
        triggers.database_backwards("mailboxes", editor, state, state)
        table.database_backwards("mailboxes", editor, state, state)
    with connection.schema_editor() as editor:
        table.database_forwards("mailboxes", editor, state, state)
        triggers.database_forwards("mailboxes", editor, state, state)
    assert selectors.tallies([mail.domain.account_id]) == before
    check(mail.domain.account)
