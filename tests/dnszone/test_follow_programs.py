"""What zones tell mail programs is what guides say, for the brand and the plan that the domain has."""

from __future__ import annotations

import pytest

from accounts.branding import select
from accounts.models import Account, Brand
from dnszone import follow, managed, services
from dnszone.models import Record, Zone
from dnszone.spec import RecordSpec
from provision.models import Node
from tests.factories import AccountFactory, DomainFactory, NodeFactory, ResellerFactory

HOST = "mail.luna-hosting.test"


@pytest.fixture
def node(db: None) -> Node:
    return NodeFactory.create()


def zone_of(account: Account, node: Node, name: str = "luna.example") -> Zone:
    domain = DomainFactory.create(account=account, name=name)
    return services.zone_create(actor=None, domain=domain, mail_node=node)


def told(zone: Zone) -> dict[str, str]:
    rows = Record.objects.filter(zone=zone, type="SRV", managed=managed.SRV)
    return {owner.split(".")[0]: rdata for owner, rdata in rows.values_list("owner", "rdata")}


def brand(reseller: Account, node: Node) -> None:
    Brand.objects.create(account=reseller, name="Luna", mail_host=HOST, mail_host_node=node.name)
    select.forget()


def test_a_brand_s_mail_host_comes_and_goes(node: Node) -> None:
    reseller = ResellerFactory.create()
    theirs = zone_of(AccountFactory.create(reseller=reseller), node)
    own = zone_of(reseller, node, "own.example")
    other = zone_of(AccountFactory.create(), node, "other.example")
    assert told(theirs)["_imaps"] == f"0 0 993 {node.host}."
    brand(reseller, node)
    assert follow.programs_follow(node) == 2
    for zone in (theirs, own):
        assert told(zone)["_imaps"] == f"0 0 993 {HOST}."
        assert told(zone)["_submissions"] == f"0 0 465 {HOST}."
    assert told(other)["_imaps"] == f"0 0 993 {node.host}."
    assert follow.programs_follow(node) == 0


def test_a_new_domain_is_told_the_brand_s_at_once(node: Node) -> None:
    reseller = ResellerFactory.create()
    brand(reseller, node)
    zone = zone_of(AccountFactory.create(reseller=reseller), node)
    assert told(zone)["_imaps"] == f"0 0 993 {HOST}."
    assert follow.programs_follow(node) == 0


def test_without_pop3_in_the_plan_programs_need_not_try(node: Node) -> None:
    account = AccountFactory.create()
    zone = zone_of(account, node)
    Account.objects.filter(pk=account.pk).update(pop3=False)
    assert follow.programs_follow(node) == 1
    assert told(zone)["_pop3s"] == told(zone)["_pop3"] == "0 0 0 ."
    assert told(zone)["_imaps"] == f"0 0 993 {node.host}."
    Account.objects.filter(pk=account.pk).update(pop3=True)
    assert follow.programs_follow(node) == 1
    assert told(zone)["_pop3s"] == f"20 0 995 {node.host}."


def test_what_a_person_took_away_or_over_stays(node: Node) -> None:
    account = AccountFactory.create()
    gone, mine = zone_of(account, node), zone_of(account, node, "mine.example")
    services.managed_records_set(actor=None, zone=gone, managed=managed.SRV, records=[])
    row = Record.objects.get(zone=mine, owner="_pop3._tcp")
    services.zone_apply(
        actor=None,
        zone=mine,
        base_serial=Zone.objects.get(pk=mine.pk).serial,
        changes=[
            services.Change(
                record=row.pk, spec=RecordSpec(owner="_pop3._tcp", type="SRV", rdata="0 0 110 old.example.")
            )
        ],
    )
    Account.objects.filter(pk=account.pk).update(pop3=False)
    follow.programs_follow(node)
    assert told(gone) == {}
    assert "_pop3" not in told(mine)
    assert Record.objects.get(zone=mine, owner="_pop3._tcp").rdata == "0 0 110 old.example."
    assert told(mine)["_pop3s"] == "0 0 0 ."


def test_the_queries_do_not_grow_with_the_accounts(node: Node, django_assert_max_num_queries: object) -> None:
    for number in range(8):
        zone_of(AccountFactory.create(), node, f"d{number}.example")
    with django_assert_max_num_queries(8):  # type: ignore[operator]  # pytest-django's fixture
        assert follow.programs_follow(node) == 0
