"""Where a new domain's mail comes to live: the emptiest node of its plan's pool, also when many come at once;
the provider alone says which nodes those are."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse

from accounts.clients import plans
from accounts.models import Account, Domain, Plan, User
from activity.models import Entry
from lib.errors import Denied, Refused
from mailboxes.models import MailDomain
from panel import lifecycle
from provision import placement
from provision.models import Node
from tests import factories
from tests.panel.people import person
from tests.racing import race

NODES = reverse("admin:provision_node_changelist")
INDEX = reverse("admin:index")
ADD = reverse("domain-add")


def fleet(*names: str, **fields: Any) -> list[Node]:
    return [
        factories.NodeFactory.create(name=name, host=f"{name}.postroom.test", **{"roles": ["mail"], **fields})
        for name in names
    ]


def added(account: Account, name: str, actor: User | None = None, node: Node | None = None) -> str:
    """The node that the domain came to."""
    domain = lifecycle.domain_create(
        actor=actor, account=account, name=name, proof=Domain.Proof.TXT, node=node
    )
    return str(MailDomain.objects.get(domain=domain).node)


def plan(pool: str, reseller: Account | None = None, name: str = "") -> Plan:
    return plans.plan_create(actor=None, reseller=reseller, name=name or f"Plan {pool}", pool=pool)


def admin() -> Client:
    client = Client()
    client.force_login(
        factories.UserFactory.create(is_staff=True, is_superuser=True),
        backend="accounts.backends.PersonBackend",
    )
    return client


@pytest.mark.django_db
class TestPolicy:
    def test_the_emptiest_takes_it_and_of_equals_the_first_by_name(self) -> None:
        fleet("mail2", "mail1")
        account = factories.AccountFactory.create()
        assert [added(account, f"d{n}.test") for n in range(4)] == ["mail1", "mail2", "mail1", "mail2"]
        fleet("mail3")
        assert [added(account, f"e{n}.test") for n in range(3)] == ["mail3", "mail3", "mail1"]

    def test_a_deleted_domain_leaves_its_place(self) -> None:
        fleet("mail1", "mail2")
        account = factories.AccountFactory.create()
        assert [added(account, f"d{n}.test") for n in range(3)] == ["mail1", "mail2", "mail1"]
        for name in ("d0.test", "d2.test"):
            lifecycle.domain_delete(actor=None, domain=Domain.objects.get(name=name))
        assert added(account, "new.test") == "mail1"

    def test_who_has_not_joined_drains_or_does_no_mail_takes_none(self) -> None:
        fleet("a-invited", public_key="")
        fleet("b-drained", draining=True)
        fleet("c-names", roles=["dns"])
        fleet("d-second", roles=["secondary"], public_key="")
        account = factories.AccountFactory.create()
        with pytest.raises(Refused, match="provider"):
            added(account, "early.test")
        assert not Domain.objects.exists()
        fleet("mail9")
        assert added(account, "luna.test") == "mail9"

    def test_draining_keeps_what_is_there(self) -> None:
        (one, _two) = fleet("mail1", "mail2")
        account = factories.AccountFactory.create()
        added(account, "a.test")
        placement.node_place(actor=None, node=one, draining=True)
        assert [added(account, f"d{n}.test") for n in range(3)] == ["mail2"] * 3
        assert MailDomain.objects.get(domain__name="a.test").node == one
        placement.node_place(actor=None, node=one, draining=False)
        assert added(account, "back.test") == "mail1"

    def test_pools(self) -> None:
        fleet("plain1")
        fleet("gold1", pool="gold")
        reseller = factories.ResellerFactory.create(plan=plan("gold"), oversell=True)
        below = factories.AccountFactory.create(reseller=reseller)
        own = factories.AccountFactory.create(plan=plan("gold", name="Gold too"))
        none = factories.AccountFactory.create(plan=plan("", name="Small"))
        silver = plan("silver", reseller, "Silver")
        other = factories.AccountFactory.create(reseller=reseller, plan=silver)
        assert [added(one, f"d{one.pk}.test") for one in (reseller, below, own, none)] == [
            "gold1", "gold1", "gold1", "plain1",
        ]  # fmt: skip
        with pytest.raises(Refused):  # a client's own plan comes before its reseller's
            added(other, "s.test")
        fleet("silver1", pool="silver")
        assert added(other, "s.test") == "silver1"
        assert set(placement.pools_asked_for()) == {"", "gold", "silver"}
        assert {placement.pool_of(one) for one in Account.objects.all()} == {"", "gold", "silver"}

    def test_the_provider_chooses_by_hand_and_nobody_else(self) -> None:
        _one, two, drained = fleet("mail1", "mail2", "mail3")
        placement.node_place(actor=None, node=drained, draining=True)
        ines = person()
        boss = factories.UserFactory.create(is_staff=True, is_superuser=True)
        assert added(ines.account, "a.test", boss, two) == "mail2"
        assert added(ines.account, "b.test", boss, drained) == "mail3"
        with pytest.raises(Denied):
            added(ines.account, "c.test", ines.user, two)
        (names,) = fleet("ns1", roles=["dns"])
        with pytest.raises(Refused, match="ns1"):
            added(ines.account, "c.test", boss, names)
        assert Domain.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_twenty_at_once_are_spread_over_the_nodes() -> None:
    fleet("mail1", "mail2")
    accounts = factories.AccountFactory.create_batch(20)
    assert race(20, lambda n: added(accounts[n], f"d{n}.test")) == [""] * 20
    assert Counter(MailDomain.objects.values_list("node__name", flat=True)) == {"mail1": 10, "mail2": 10}


@pytest.mark.django_db
class TestDesk:
    def test_a_pool_without_room_stands_on_the_first_page(self) -> None:
        (one,) = fleet("mail1")
        factories.AccountFactory.create()
        factories.AccountFactory.create(plan=plan("gold"))
        desk = admin()
        html = desk.get(INDEX).content.decode()
        assert "No mail server of the pool “gold” takes new domains." in html
        assert "No mail server outside the pools" not in html
        desk.post(NODES, {"action": "drain", "_selected_action": [one.pk]})
        assert "No mail server outside the pools" in desk.get(INDEX).content.decode()

    def test_a_node_that_was_invited_says_so(self) -> None:
        fleet("mail7", public_key="", last_report_at=None)
        desk = admin()
        assert "invited, has not joined yet" in desk.get(INDEX).content.decode()
        assert "Invited, has not joined yet" in desk.get(NODES).content.decode()

    def test_the_list_of_nodes_costs_eight_queries(self, django_assert_max_num_queries: Any) -> None:
        for number in range(30):
            (node,) = fleet(f"mail{number}", addresses=[f"192.0.2.{number}"])
            factories.MailboxFactory.create(mail_domain__node=node)
        desk = admin()
        with django_assert_max_num_queries(8):
            html = desk.get(NODES).content.decode()
        assert "mail29.postroom.test" in html

    def test_where_a_domain_is_and_what_a_node_holds(self) -> None:
        one, two = fleet("mail1", "mail2")
        luna = factories.MailDomainFactory.create(node=two, domain__name="luna.test")
        factories.MailboxFactory.create_batch(3, mail_domain=luna)
        desk = admin()
        page = desk.get(reverse("admin:provision_node_change", args=[two.pk])).content.decode()
        assert f"mail__node__id__exact={two.pk}" in page
        domains = reverse("admin:accounts_domain_changelist")
        assert "luna.test" in desk.get(f"{domains}?mail__node__id__exact={two.pk}").content.decode()
        assert "luna.test" not in desk.get(f"{domains}?mail__node__id__exact={one.pk}").content.decode()

    def test_only_who_may_change_nodes_changes_them(self) -> None:
        (one,) = fleet("mail1")
        path = reverse("admin:provision_node_change", args=[one.pk])
        looker = factories.UserFactory.create(is_staff=True)
        looker.user_permissions.set(Permission.objects.filter(codename="view_node"))
        client = Client()
        client.force_login(looker, backend="accounts.backends.PersonBackend")
        assert client.post(path, {"pool": "gold", "draining": "on"}).status_code == 403
        assert person().client.post(path, {"pool": "gold"}).status_code == 404
        with pytest.raises(Denied):
            placement.node_place(actor=person().user, node=one, pool="gold")
        one.refresh_from_db()
        assert (one.pool, one.draining) == ("", False)

    def test_who_changed_it_is_kept_and_reports_are_not(self) -> None:
        (one,) = fleet("mail1")
        admin().post(
            reverse("admin:provision_node_change", args=[one.pk]), {"pool": "gold", "draining": "on"}
        )
        Node.objects.update(last_report_at=None, trouble="its clock", broker_hash="ab" * 32)
        entry = Entry.objects.get(model="provision.node", label="update")
        assert entry.diff == {"pool": ["", "gold"], "draining": [False, True]}
        assert (entry.name, entry.account_id) == ("mail1", None)
        assert entry.who

    def test_a_plans_pool_is_the_providers_to_name(self) -> None:
        reseller = factories.ResellerFactory.create()
        rosa = person(reseller)
        mine = plans.plan_create(actor=rosa.user, reseller=reseller, name="Mine")
        with pytest.raises(Denied):
            plans.plan_set(actor=rosa.user, plan=mine, pool="gold")
        with pytest.raises(Denied):
            plans.plan_create(actor=rosa.user, reseller=reseller, name="Gold", pool="gold")
        with pytest.raises(Refused) as refused:
            plans.plan_set(actor=None, plan=mine, pool="no such name!")
        assert refused.value.field == "pool"
        plans.plan_set(actor=None, plan=mine, pool="gold")
        mine.refresh_from_db()
        copy = plans.plan_copy(actor=rosa.user, plan=mine, name="Mine too")
        assert plans.plan_set(actor=rosa.user, plan=mine, name="Ours").pool == copy.pool == "gold"

    def test_the_plans_form_at_the_desk(self) -> None:
        one = plan("")
        path = reverse("admin:accounts_plan_change", args=[one.pk])
        desk = admin()
        form = desk.get(path).context["adminform"].form
        values = {name: value for name, value in form.initial.items() if value not in (None, False)}
        answer = desk.post(path, {**values, "pool": "gold"})
        assert answer.status_code == 302
        one.refresh_from_db()
        assert one.pool == "gold"


@pytest.mark.django_db
class TestChosenInThePanel:
    def test_the_provider_has_a_choice(self) -> None:
        _one, two = fleet("mail1", "mail2")
        account = factories.AccountFactory.create()
        client = admin()
        assert 'name="node"' in client.get(ADD).content.decode()
        client.post(ADD, {"name": "luna.test", "account": account.pk, "node": two.pk})
        assert MailDomain.objects.get(domain__name="luna.test").node == two

    def test_a_customer_has_none(self) -> None:
        _one, two = fleet("mail1", "mail2")
        ines = person(factories.AccountFactory.create(trusted=True))
        assert 'name="node"' not in ines.client.get(ADD).content.decode()
        ines.client.post(ADD, {"name": "luna.test", "node": two.pk})
        assert MailDomain.objects.get(domain__name="luna.test").node.name == "mail1"
