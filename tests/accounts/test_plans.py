"""Plans: made, changed with everybody on them, copied, deleted; and the pool they come out of."""

from __future__ import annotations

from typing import Any

import pytest

from accounts import changes
from accounts.clients import account_delete, account_new, account_purge, account_set, clients_move, plans
from accounts.limits import LimitReached, limits_of
from accounts.models import Account, Plan
from lib.errors import Denied, Refused
from tests.factories import (
    DomainFactory,
    MailboxFactory,
    MailDomainFactory,
    MembershipFactory,
    ResellerFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def nube() -> Any:
    return ResellerFactory.create(
        name="Nube",
        max_domains=100,
        max_mailboxes=100,
        max_forwarders=1000,
        storage_mb=102_400,
        sends_per_hour=10_000,
        mailbox_mb=20_480,
    )


@pytest.fixture
def rosa(nube: Account) -> Any:
    return MembershipFactory.create(account=nube).user


def plan(nube: Account | None, name: str = "Small", **more: Any) -> Plan:
    wanted = {"max_domains": 2, "max_mailboxes": 10, "storage_mb": 10_240, "mailbox_mb": 5_120}
    return plans.plan_create(actor=None, reseller=nube, name=name, **wanted | more)


class TestPlans:
    def test_a_name_holds_nothing_that_turns_a_line(self, nube: Account) -> None:
        assert plan(nube, "N\u202e\x07ame\n x").name == "N ame x"

    def test_a_name_is_there_once_for_one_owner(self, nube: Account) -> None:
        plan(nube)
        for name in ("Small", " small ", "SMALL"):
            with pytest.raises(Refused) as caught:
                plan(nube, name)
            assert caught.value.field == "name"
        plan(None)
        plan(ResellerFactory.create())
        with pytest.raises(Refused):
            plan(None, "small")

    @pytest.mark.parametrize("name", ["", "  ", "x" * 81])
    def test_a_plan_has_a_name(self, nube: Account, name: str) -> None:
        with pytest.raises(Refused) as caught:
            plan(nube, name)
        assert caught.value.field == "name"

    def test_a_change_reaches_everybody_who_is_on_it(self, nube: Account) -> None:
        small = plan(nube)
        on_it = [account_new(actor=None, name=f"c{n}", reseller=nube, plan=small) for n in range(3)]
        alone = account_new(
            actor=None, name="other", reseller=nube, max_domains=1, max_mailboxes=1, storage_mb=1
        )
        plans.plan_set(actor=None, plan=small, max_mailboxes=7, pop3=False)
        for account in on_it:
            account.refresh_from_db()
            assert (account.max_mailboxes, account.pop3, account.max_domains) == (7, False, 2)
        alone.refresh_from_db()
        assert (alone.max_mailboxes, alone.pop3) == (1, True)

    def test_nodes_hear_only_what_they_must_know(
        self, nube: Account, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        heard: list[list[int]] = []
        monkeypatch.setattr(changes, "_of_plans", [])
        monkeypatch.setattr(changes, "_of_all", [lambda actor, domains: heard.append(list(domains))])
        small = plan(nube)
        client = account_new(actor=None, name="Sol", reseller=nube, plan=small)
        domain = DomainFactory.create(account=client)
        plans.plan_set(actor=None, plan=small, max_domains=3)
        assert heard == []
        plans.plan_set(actor=None, plan=small, sends_per_hour=90)
        plans.plan_set(actor=None, plan=small, pop3=False)
        assert heard == [[domain.pk]] * 2

    def test_a_change_that_the_pool_has_not_is_refused_whole(self, nube: Account) -> None:
        small = plan(nube)
        for n in range(3):
            account_new(actor=None, name=f"c{n}", reseller=nube, plan=small)
        with pytest.raises(LimitReached) as caught:
            plans.plan_set(actor=None, plan=small, max_mailboxes=34)
        assert caught.value.field == "max_mailboxes"
        assert "The pool of Nube is 100 mailboxes" in caught.value.message
        assert "102 wanted" in caught.value.message
        small.refresh_from_db()
        assert small.max_mailboxes == 10
        assert not Account.objects.filter(max_mailboxes=34).exists()

    def test_the_preview_says_who_would_be_over_what(self, nube: Account) -> None:
        small = plan(nube)
        sol = account_new(actor=None, name="Sol", reseller=nube, plan=small)
        account_new(actor=None, name="Mar", reseller=nube, plan=small)
        mail = MailDomainFactory.create(domain__account=sol)
        MailboxFactory.create_batch(3, mail_domain=mail, quota_mb=1000)
        seen = plans.preview(
            nube, small.accounts.all(), limits_of(small) | {"max_mailboxes": 2, "storage_mb": 2048}
        )
        assert (seen.accounts, seen.accounts_over, seen.trouble) == (2, 1, "")
        assert [over.words for over in seen.over] == [
            "Mailboxes: 3 in use, 2 allowed",
            "Storage in total: 2.93 GB in use, 2 GB allowed",
        ]
        worse = plans.preview(nube, small.accounts.all(), limits_of(small) | {"max_mailboxes": 51})
        assert "102 wanted" in worse.trouble
        small.refresh_from_db()
        assert small.max_mailboxes == 10

    def test_a_lower_limit_takes_nothing_away(self, nube: Account) -> None:
        small = plan(nube)
        sol = account_new(actor=None, name="Sol", reseller=nube, plan=small)
        MailboxFactory.create_batch(3, mail_domain=MailDomainFactory.create(domain__account=sol))
        plans.plan_set(actor=None, plan=small, max_mailboxes=1)
        assert sol.domains.get().mail.mailboxes.present().count() == 3

    def test_a_plan_is_deleted_only_when_nobody_is_on_it(self, nube: Account) -> None:
        small, copy = plan(nube), None
        account = account_new(actor=None, name="Sol", reseller=nube, plan=small)
        copy = plans.plan_copy(actor=None, plan=small, name="Small 2")
        assert limits_of(copy) == limits_of(small)
        with pytest.raises(Refused, match="1 account is on “Small”"):
            plans.plan_delete(actor=None, plan=small)
        clients_move(actor=None, accounts=[account], plan=copy)
        plans.plan_delete(actor=None, plan=small)
        assert list(Plan.objects.all()) == [copy]

    def test_who_may(self, nube: Account, rosa: Any) -> None:
        small = plans.plan_create(actor=rosa, reseller=nube, name="Small", max_mailboxes=3)
        plans.plan_set(actor=rosa, plan=small, max_mailboxes=4)
        other = MembershipFactory.create(account=ResellerFactory.create()).user
        reader = MembershipFactory.create(account=nube, role="reader").user
        customer = MembershipFactory.create().user
        for actor in (other, reader, customer):
            with pytest.raises(Denied):
                plans.plan_create(actor=actor, reseller=nube, name="Mine")
            with pytest.raises(Denied):
                plans.plan_set(actor=actor, plan=small, max_mailboxes=5)
            with pytest.raises(Denied):
                plans.plan_copy(actor=actor, plan=small, name="Mine")
            with pytest.raises(Denied):
                plans.plan_delete(actor=actor, plan=small)
            assert not Plan.objects.visible_to(actor).exists() or actor == reader
        with pytest.raises(Denied):
            plans.plan_create(actor=rosa, reseller=None, name="The provider’s")
        plans.plan_create(actor=UserFactory.create(is_staff=True), reseller=None, name="The provider’s")


class TestPool:
    def test_what_does_not_fit_names_the_pools_numbers(self, nube: Account) -> None:
        account_new(actor=None, name="a", reseller=nube, max_mailboxes=60)
        MailboxFactory.create_batch(5, mail_domain=MailDomainFactory.create(domain__account=nube))
        with pytest.raises(LimitReached) as caught:
            account_new(actor=None, name="b", reseller=nube, max_mailboxes=36)
        assert caught.value.message.startswith(
            "The pool of Nube is 100 mailboxes: 60 for other clients, 5 in use by itself, 35 left, "
            "and 36 wanted."
        )
        assert caught.value.field == "max_mailboxes"
        account_new(actor=None, name="b", reseller=nube, max_mailboxes=35)

    def test_the_admins_switch_lets_it_hand_out_more(self, nube: Account, rosa: Any) -> None:
        with pytest.raises(Denied):
            account_set(actor=rosa, account=nube, oversell=True)
        account_set(actor=None, account=nube, oversell=True)
        for n in range(3):
            account_new(actor=None, name=f"c{n}", reseller=nube, max_mailboxes=90)

    @pytest.mark.parametrize("oversell", [False, True])
    def test_ceilings_and_features_are_never_above_the_resellers(self, nube: Account, oversell: bool) -> None:
        account_set(actor=None, account=nube, oversell=oversell, pop3=False, log_days=10)
        wanted: dict[str, Any] = {"mailbox_mb": 10, "log_days": 10, "pop3": False}
        for name, value in (("mailbox_mb", 20_481), ("log_days", 11), ("pop3", True)):
            with pytest.raises(Refused) as caught:
                account_new(actor=None, name="x", reseller=nube, **wanted | {name: value})
            assert caught.value.field == name
        account_new(actor=None, name="x", reseller=nube, **wanted)

    def test_a_pool_that_shrank_lets_clients_shrink_and_not_grow(self, nube: Account) -> None:
        client = account_new(actor=None, name="a", reseller=nube, max_mailboxes=60)
        account_set(actor=None, account=nube, max_mailboxes=20)
        account_set(actor=None, account=client, max_mailboxes=50)
        with pytest.raises(LimitReached):
            account_set(actor=None, account=client, max_mailboxes=51)
        account_set(actor=None, account=client, max_domains=11)

    def test_deleted_clients_hold_their_part_until_they_are_gone(self, nube: Account) -> None:
        client = account_new(actor=None, name="a", reseller=nube, max_mailboxes=60)
        account_delete(actor=None, account=client)
        with pytest.raises(LimitReached):
            account_new(actor=None, name="b", reseller=nube, max_mailboxes=60)
        account_purge(account=client)
        account_new(actor=None, name="b", reseller=nube, max_mailboxes=60)
