"""Limits: what is refused, in which words, and that they hold when many come at once."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.db import connections
from hypothesis import given
from hypothesis import strategies as st

from accounts import limits
from accounts.clients import account_new, account_set
from accounts.limits import uses
from accounts.limits.wording import amount, label
from accounts.locks import account_lock
from accounts.models import Account, Brand, Domain
from accounts.models.limits import FEATURES, LIMITS, MOST
from lib.errors import Refused
from mailboxes import services as mailboxes
from mailboxes.models import Mailbox
from panel import lifecycle
from tests.factories import AccountFactory, DomainFactory, MailDomainFactory, NodeFactory, ResellerFactory

RACERS = 20


def refused(work: Callable[[], Any]) -> limits.LimitReached:
    with pytest.raises(limits.LimitReached) as caught:
        work()
    return caught.value


def box(mail: Any, local: str = "ana", quota_mb: int = 10) -> Mailbox:
    return mailboxes.mailbox_create(
        actor=None, mail_domain=mail, local=local, password="harbor-violet-91", quota_mb=quota_mb
    )


@pytest.mark.django_db
class TestWords:
    """The limit, its owner, the use now, who can raise it."""

    def test_a_customer_is_sent_to_the_provider(self, settings: Any) -> None:
        settings.PROVIDER_NAME = "Correo Claro"
        account = AccountFactory.create(name="Luna", max_domains=2)
        DomainFactory.create_batch(2, account=account)
        found = refused(lambda: limits.check(account_lock(account), "max_domains"))
        assert found.message == (
            "Luna may have 2 domains and has 2. Delete one, or ask Correo Claro for more."
        )
        assert (found.limit, found.owner) == ("max_domains", account)

    def test_a_client_is_sent_to_its_reseller_under_the_name_of_its_brand(self) -> None:
        reseller = ResellerFactory.create(name="Nube S.L.")
        account = AccountFactory.create(reseller=reseller, max_domains=1)
        DomainFactory.create(account=account)
        assert "ask Nube S.L. for more" in refused(lambda: limits.check(account, "max_domains")).message
        Brand.objects.create(account=reseller, name="Nube", support_email="ayuda@nube.test")
        text = refused(lambda: limits.check(account, "max_domains")).message
        assert text.endswith(
            "may have 1 domain and has 1. Delete one, or ask Nube (ayuda@nube.test) for more."
        )

    def test_storage_says_what_is_left(self) -> None:
        mail = MailDomainFactory.create(domain__account__storage_mb=2048, domain__account__name="Luna")
        box(mail, quota_mb=1536)
        found = refused(lambda: box(mail, "otto", 1024))
        assert "Luna has 2 GB of storage and has given out 1.5 GB, so 512 MB is left." in found.message
        assert (found.field, found.limit) == ("quota_mb", "storage_mb")

    def test_one_mailbox_may_be_too_large_for_the_plan(self) -> None:
        mail = MailDomainFactory.create(domain__account__mailbox_mb=1024)
        found = refused(lambda: box(mail, quota_mb=1025))
        assert (found.field, found.limit) == ("quota_mb", "mailbox_mb")
        assert "1 GB at most" in found.message
        made = box(mail, quota_mb=1024)
        assert (
            refused(lambda: mailboxes.mailbox_set_quota(actor=None, mailbox=made, quota_mb=2048)).limit
            == "mailbox_mb"
        )

    def test_what_is_larger_than_a_lowered_limit_may_still_shrink(self) -> None:
        mail = MailDomainFactory.create()
        made = box(mail, quota_mb=2000)
        Account.objects.filter(pk=mail.domain.account_id).update(mailbox_mb=100, storage_mb=100)
        assert mailboxes.mailbox_set_quota(actor=None, mailbox=made, quota_mb=1500).quota_mb == 1500

    def test_a_feature_that_is_off_says_whose_it_is(self) -> None:
        reseller = ResellerFactory.create(name="Nube")
        account = AccountFactory.create(name="Sol", reseller=reseller, dns_editing=False)
        found = refused(lambda: limits.feature_check(account, "dns_editing"))
        assert found.message == "“Zone Editor” is switched off for Sol. Ask Nube to switch it on."

    def test_what_the_reseller_lost_its_clients_have_not(self) -> None:
        account = AccountFactory.create(reseller=ResellerFactory.create(pop3=False))
        assert not limits.has(account, "pop3")
        assert limits.has(account, "api")

    def test_every_limit_has_a_name_and_an_amount(self) -> None:
        for name in LIMITS:
            assert label(name)[0].isupper() or label(name)[0].isdigit()
        for name in MOST:
            assert amount(name, 1)
            assert "1,000" in amount(name, 1000) or name in {"storage_mb", "mailbox_mb"}


@pytest.mark.django_db
class TestPool:
    def test_a_reseller_itself_has_what_its_clients_leave(self) -> None:
        reseller = ResellerFactory.create(name="Nube", max_domains=5)
        AccountFactory.create(reseller=reseller, max_domains=4)
        DomainFactory.create(account=reseller)
        found = refused(lambda: limits.check(account_lock(reseller), "max_domains"))
        assert found.message.startswith(
            "The pool of Nube is 5 domains: 4 for its clients, 1 in use by itself, 0 left."
        )

    def test_who_may_oversell_is_measured_by_what_all_use(self) -> None:
        reseller = ResellerFactory.create(name="Nube", max_domains=3, oversell=True)
        first, second = AccountFactory.create_batch(2, reseller=reseller, max_domains=3)
        DomainFactory.create_batch(2, account=first)
        limits.check(account_lock(second), "max_domains")
        DomainFactory.create(account=reseller)
        found = refused(lambda: limits.check(account_lock(second), "max_domains"))
        assert "the pool of Nube that it comes from is full: 3 domains" in found.message
        assert found.owner == reseller

    def test_a_deleted_mailbox_is_not_in_use(self) -> None:
        mail = MailDomainFactory.create(domain__account__max_mailboxes=1)
        made = box(mail)
        mailboxes.mailbox_delete(actor=None, mailbox=made)
        assert box(mail, "otto").address.startswith("otto@")

    def test_who_asks_for_nobody_gets_nothing(self) -> None:
        assert uses.used("max_domains", []) == {}
        assert uses.used("max_forwarders", [7]) == {7: 0}


@pytest.mark.django_db
class TestNumbers:
    @pytest.mark.parametrize("name", MOST)
    @pytest.mark.parametrize("value", [0, -1, None, 1.5, "7", True, 10**12])
    def test_no_service_takes_what_is_no_limit(self, name: str, value: Any) -> None:
        with pytest.raises(Refused) as caught:
            account_new(actor=None, name="Luna", **{name: value})
        assert caught.value.field == name
        account = AccountFactory.create()
        with pytest.raises(Refused):
            account_set(actor=None, account=account, **{name: value})
        assert Account.objects.get() == account

    @pytest.mark.parametrize("name", FEATURES)
    @pytest.mark.parametrize("value", [None, 1, "yes"])
    def test_nor_what_is_no_switch(self, name: str, value: Any) -> None:
        with pytest.raises(Refused) as caught:
            account_new(actor=None, name="Luna", **{name: value})
        assert caught.value.field == name

    def test_a_limit_that_is_none_is_a_mistake_of_ours(self) -> None:
        with pytest.raises(TypeError):
            limits.values_check({"role": 1})


@given(value=st.one_of(st.integers(), st.booleans(), st.none(), st.floats(), st.text()))
def test_values_are_in_range_or_refused(value: Any) -> None:
    good = type(value) is int and 1 <= value <= MOST["max_domains"]
    if good:
        limits.values_check({"max_domains": value})
        return
    with pytest.raises(Refused) as caught:
        limits.values_check({"max_domains": value})
    assert caught.value.field == "max_domains"


def race(work: Callable[[int], Any]) -> list[str]:
    """``work(n)`` in RACERS threads at once, each on its own connection: "" or the limit that was reached."""
    start = Barrier(RACERS)

    def one(n: int) -> str:
        try:
            start.wait(20)
            work(n)
        except limits.LimitReached as found:
            return found.limit
        finally:
            connections.close_all()
        return ""

    with ThreadPoolExecutor(RACERS) as threads:
        return list(threads.map(one, range(RACERS)))


@pytest.mark.django_db(transaction=True)
class TestRaces:
    def test_domains(self) -> None:
        NodeFactory.create()
        account = AccountFactory.create(max_domains=3, trusted=True)
        answers = race(lambda n: lifecycle.domain_take(actor=None, account=account, name=f"race{n}.test"))
        assert answers.count("") == 3
        assert set(answers) == {"", "max_domains"}
        assert Domain.objects.count() == 3

    def test_claims_take_places_too(self) -> None:
        NodeFactory.create()
        account = AccountFactory.create(max_domains=3)
        answers = race(lambda n: lifecycle.domain_take(actor=None, account=account, name=f"race{n}.test"))
        assert answers.count("") == 3
        assert uses.used_by("max_domains", account.pk) == 3

    def test_mailboxes_and_storage_of_clients_that_share_a_pool(self) -> None:
        reseller = ResellerFactory.create(max_mailboxes=5, storage_mb=100, oversell=True)
        mails = [
            MailDomainFactory.create(domain__account=AccountFactory.create(reseller=reseller))
            for _ in range(4)
        ]
        answers = race(lambda n: box(mails[n % 4], f"box{n}", 1))
        assert answers.count("") == 5
        assert set(answers) == {"", "max_mailboxes"}

    def test_the_storage_of_a_pool(self) -> None:
        reseller = ResellerFactory.create(storage_mb=100, oversell=True)
        mails = [
            MailDomainFactory.create(domain__account=AccountFactory.create(reseller=reseller))
            for _ in range(4)
        ]
        answers = race(lambda n: box(mails[n % 4], f"box{n}", 30))
        assert answers.count("") == 3
        assert set(answers) == {"", "storage_mb"}

    def test_clients_out_of_one_pool(self) -> None:
        reseller = ResellerFactory.create(max_domains=10)
        rest: dict[str, Any] = {"max_mailboxes": 1, "max_forwarders": 1, "storage_mb": 1, "sends_per_hour": 1}
        answers = race(
            lambda n: account_new(actor=None, name=f"c{n}", reseller=reseller, max_domains=3, **rest)
        )
        assert answers.count("") == 3
        assert set(answers) == {"", "max_domains"}

    def test_a_pool_that_is_used_and_handed_out_at_once_is_not_exceeded(self) -> None:
        """Whoever makes clients and whoever adds domains to the reseller itself lock the same row."""
        reseller = ResellerFactory.create(max_domains=6, trusted=True)
        NodeFactory.create()
        rest: dict[str, Any] = {"max_mailboxes": 1, "max_forwarders": 1, "storage_mb": 1, "sends_per_hour": 1}

        def work(n: int) -> None:
            if n % 2:
                account_new(actor=None, name=f"c{n}", reseller=reseller, max_domains=1, **rest)
            else:
                lifecycle.domain_take(actor=None, account=reseller, name=f"race{n}.test")

        answers = race(work)
        assert answers.count("") == 6
        held = Account.objects.filter(reseller=reseller).count()
        assert held + uses.used_by("max_domains", reseller.pk) == 6
