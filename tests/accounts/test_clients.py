"""A reseller's clients: made, changed, moved, deleted and brought back."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts import clients, events
from accounts.clients.opening import account_open
from accounts.clients.plans import plan_create
from accounts.limits import limits_of
from accounts.models import Account, Invitation, Membership, Plan
from lib.errors import Denied, Refused
from notices.models import Notice
from panel.clients.purge import accounts_purge
from provision.models import Push
from tests.factories import (
    AccountFactory,
    DomainFactory,
    MailboxFactory,
    MailDomainFactory,
    MembershipFactory,
    ResellerFactory,
    UserFactory,
    ZoneFactory,
)

pytestmark = pytest.mark.django_db
POOL = {
    "max_domains": 100,
    "max_mailboxes": 500,
    "max_forwarders": 900,
    "storage_mb": 10**6,
    "sends_per_hour": 9000,
}


@pytest.fixture
def nube() -> Any:
    return ResellerFactory.create(name="Nube", **POOL)


@pytest.fixture
def rosa(nube: Account) -> Any:
    return MembershipFactory.create(account=nube).user


@pytest.fixture
def small(nube: Account) -> Plan:
    return plan_create(actor=None, reseller=nube, name="Small", max_domains=2)


@pytest.fixture
def heard(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, Any]]:
    found: list[tuple[str, Any]] = []
    for name in ("client_deleted", "plan_changed"):
        monkeypatch.setitem(
            events._callbacks, name, [lambda name=name, **values: found.append((name, values["account"]))]
        )
    return found


class TestNew:
    def test_the_owner_is_asked_in_by_mail(self, nube: Account, rosa: Any, small: Plan) -> None:
        account, invitation = account_open(
            actor=rosa, reseller=nube, name="  Taller  Sol ", plan=small, owner_email="Sol@sol.test"
        )
        assert (account.name, account.plan, account.reseller, account.kind) == (
            "Taller Sol",
            small,
            nube,
            "customer",
        )
        assert limits_of(account) == limits_of(small)
        assert (invitation.email, invitation.role, invitation.all_domains) == ("sol@sol.test", "owner", True)
        assert not Membership.objects.filter(account=account).exists()
        assert Notice.objects.get().to == "sol@sol.test"

    def test_what_is_wrong_leaves_nothing(self, nube: Account, rosa: Any, small: Plan) -> None:
        for changes, field in (
            ({"owner_email": "nobody"}, "owner_email"),
            ({"name": " "}, "name"),
            ({"name": "x" * 121}, "name"),
            ({"plan": plan_create(actor=None, reseller=None, name="The provider’s")}, "plan"),
        ):
            wanted: dict[str, Any] = {"name": "Sol", "plan": small, "owner_email": "sol@sol.test"}
            with pytest.raises(Refused) as caught:
                account_open(actor=rosa, reseller=nube, **wanted | changes)
            assert caught.value.field == field
        assert not Account.objects.filter(reseller=nube).exists()
        assert not Invitation.objects.exists()

    def test_only_who_looks_after_clients(self, nube: Account, small: Plan) -> None:
        for actor in (
            MembershipFactory.create(account=nube, role="reader").user,
            MembershipFactory.create(account=nube, role="creator").user,
            MembershipFactory.create(account=ResellerFactory.create()).user,
            MembershipFactory.create(account=AccountFactory.create(reseller=nube)).user,
        ):
            with pytest.raises(Denied):
                account_open(actor=actor, reseller=nube, name="Sol", plan=small, owner_email="s@sol.test")

    def test_trust_and_overselling_are_the_providers(self, nube: Account, rosa: Any) -> None:
        extras: list[dict[str, Any]] = [{"trusted": True}, {"oversell": True}]
        for extra in extras:
            with pytest.raises(Denied):
                clients.account_new(actor=rosa, reseller=nube, name="Sol", **extra)
            client = AccountFactory.create(reseller=nube)
            with pytest.raises(Denied):
                clients.account_set(actor=rosa, account=client, **extra)
        with pytest.raises(Denied):
            clients.account_set(actor=rosa, account=nube, max_domains=1000)


class TestPlansOfClients:
    def test_limits_of_its_own_take_a_client_off_its_plan(
        self, nube: Account, rosa: Any, small: Plan
    ) -> None:
        client = clients.account_new(actor=rosa, reseller=nube, name="Sol", plan=small)
        clients.account_set(actor=rosa, account=client, name="Sol y Mar")
        client.refresh_from_db()
        assert (client.plan, client.name) == (small, "Sol y Mar")
        clients.account_set(actor=rosa, account=client, max_domains=3)
        client.refresh_from_db()
        assert (client.plan, client.max_domains) == (None, 3)
        clients.account_set(actor=rosa, account=client, plan=small)
        client.refresh_from_db()
        assert (client.plan, client.max_domains) == (small, 2)

    def test_many_move_together_or_not_at_all(
        self, nube: Account, rosa: Any, small: Plan, heard: list[tuple[str, Any]]
    ) -> None:
        large = plan_create(actor=None, reseller=nube, name="Large", max_domains=34)
        rows = [clients.account_new(actor=rosa, reseller=nube, name=f"c{n}", plan=small) for n in range(3)]
        with pytest.raises(Refused) as caught:
            clients.clients_move(actor=rosa, accounts=rows, plan=large)
        assert caught.value.field == "max_domains"
        assert not Account.objects.filter(plan=large).exists()
        assert heard == []
        clients.clients_move(actor=rosa, accounts=rows[:2], plan=large)
        assert list(Account.objects.filter(plan=large, max_domains=34).order_by("pk")) == rows[:2]
        assert heard == [("plan_changed", rows[0]), ("plan_changed", rows[1])]

    def test_nobody_moves_to_another_resellers_plan(self, nube: Account, rosa: Any, small: Plan) -> None:
        other = ResellerFactory.create()
        theirs = plan_create(actor=None, reseller=other, name="Theirs")
        mine, stranger = AccountFactory.create(reseller=nube), AccountFactory.create(reseller=other)
        with pytest.raises(Refused) as caught:
            clients.account_set(actor=rosa, account=mine, plan=theirs)
        assert caught.value.field == "plan"
        with pytest.raises(Refused):
            clients.clients_move(actor=rosa, accounts=[stranger], plan=small)
        with pytest.raises(Denied):
            clients.account_set(actor=rosa, account=stranger, name="Mine")


class TestDeletion:
    def test_a_deleted_client_sleeps_and_comes_back(
        self, nube: Account, rosa: Any, heard: list[tuple[str, Any]]
    ) -> None:
        client = AccountFactory.create(reseller=nube)
        member = MembershipFactory.create(account=client).user
        mail = MailDomainFactory.create(domain__account=client)
        clients.account_delete(actor=rosa, account=client)
        assert heard == [("client_deleted", client)]
        assert not Account.objects.visible_to(type(member).objects.get(pk=member.pk)).exists()
        state: Any = Push.objects.get(key=f"mail_domain/{mail.domain.name}").payload
        assert (state["sign_in"], state["receive"], state["send"]) == (False, False, False)
        clients.account_delete(actor=rosa, account=client)
        clients.account_restore(actor=rosa, account=client)
        state = Push.objects.get(key=f"mail_domain/{mail.domain.name}").payload
        assert (state["sign_in"], state["receive"], state["send"]) == (True, True, True)
        assert Account.objects.visible_to(type(member).objects.get(pk=member.pk)).exists()
        with pytest.raises(Refused, match="not deleted"):
            clients.account_restore(actor=rosa, account=client)

    def test_strangers_delete_and_restore_nothing(self, nube: Account) -> None:
        client = AccountFactory.create(reseller=nube)
        owner = MembershipFactory.create(account=client).user
        other = MembershipFactory.create(account=ResellerFactory.create()).user
        for actor in (owner, other):
            with pytest.raises(Denied):
                clients.account_delete(actor=actor, account=client)
            with pytest.raises(Denied):
                clients.account_restore(actor=actor, account=client)

    def test_a_reseller_with_clients_stays(self, nube: Account) -> None:
        AccountFactory.create(reseller=nube)
        with pytest.raises(Refused, match="has clients"):
            clients.account_delete(actor=UserFactory.create(is_staff=True), account=nube)

    def test_after_the_grace_time_it_is_gone_for_good(self, nube: Account, rosa: Any) -> None:
        client, other = AccountFactory.create_batch(2, reseller=nube)
        member = MembershipFactory.create(account=client).user
        mail = MailDomainFactory.create(domain=DomainFactory.create(account=client, name="sol.test"))
        ZoneFactory.create(domain=mail.domain)
        MailboxFactory.create(mail_domain=mail)
        clients.account_delete(actor=rosa, account=client)
        now = timezone.now()
        assert accounts_purge(now=now + clients.GRACE - timedelta(minutes=1)) == 0
        assert accounts_purge(now=now + clients.GRACE + timedelta(minutes=1)) == 1
        assert not Account.objects.filter(pk=client.pk).exists()
        assert Account.objects.filter(pk=other.pk).exists()
        assert Push.objects.get(key="mail_domain/sol.test").payload is None
        assert Push.objects.get(key="zone/sol.test").payload is None
        assert type(member).objects.filter(pk=member.pk).exists()
        assert accounts_purge(now=now + clients.GRACE + timedelta(minutes=1)) == 0

    def test_nothing_is_brought_back_after_it(self, nube: Account, rosa: Any) -> None:
        client = AccountFactory.create(reseller=nube, deleted_at=timezone.now() - clients.GRACE)
        with pytest.raises(Refused, match="kept long enough"):
            clients.account_restore(actor=rosa, account=client)
