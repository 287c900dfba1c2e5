"""What each change leaves in the database and sends to the name servers."""

from __future__ import annotations

from typing import Any

import pytest
from django.conf import settings as django_settings
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.models import Domain, User
from dnszone import managed, services
from dnszone.changeset import Stale
from dnszone.desired import desired_zone
from dnszone.models import Record, Zone
from dnszone.selectors import rows_of
from dnszone.services import Change, RecordSpec
from dnszone.warnings import warn
from lib.errors import Refused
from nodeagent import contract
from provision import services as provision
from provision.intake import outcomes_take
from provision.models import Node, Push
from tests.dnszone.conftest import record
from tests.factories import AccountFactory, DomainFactory, NodeFactory


def pushed(name: str = "example.test", node: str = "mail1") -> contract.Zone | None:
    push = Push.objects.get(key=f"zone/{name}", node__name=node)
    state = contract.from_payload("zone", push.payload) if push.payload is not None else None
    assert state is None or isinstance(state, contract.Zone)
    return state


def served(name: str, kind: str, zone: str = "example.test") -> list[str]:
    state = pushed(zone)
    assert state is not None
    return [
        text for rrset in state.rrsets if (rrset.name, rrset.type) == (name, kind) for text in rrset.records
    ]


def add(zone: Zone, owner: str, kind: str, rdata: str, ttl: int = 3600) -> Zone:
    return services.zone_apply(
        actor=None, zone=zone, changes=[Change(spec=RecordSpec(owner=owner, type=kind, rdata=rdata, ttl=ttl))]
    )


def refused(zone: Zone, owner: str, kind: str, rdata: str) -> Refused:
    with pytest.raises(Refused) as answer:
        add(zone, owner, kind, rdata)
    return answer.value


def test_zone_create_pushes_the_whole_zone_with_its_soa(zone: Zone, alice: User) -> None:
    state = pushed()
    assert state == desired_zone("zone/example.test")
    soa = f"ns1.postroom.test. hostmaster.postroom.test. {zone.serial} 10800 3600 1209600 3600"
    assert served("example.test.", "SOA") == [soa]
    assert served("example.test.", "NS") == ["ns1.postroom.test.", "ns2.postroom.test."]
    assert served("example.test.", "MX") == ["10 mail1.postroom.test."]
    assert served("_imaps._tcp.example.test.", "SRV") == ["0 0 993 mail1.postroom.test."]
    push = Push.objects.get(key="zone/example.test")
    assert (push.actor, push.domain, push.kind) == (alice, zone.domain, "zone")


def test_every_dns_node_gets_it_and_no_other(domain: Domain, node: Node) -> None:
    NodeFactory.create(name="dns2", roles=["dns"])
    NodeFactory.create(name="mail2", roles=["mail"])
    services.zone_create(actor=None, domain=domain, mail_node=node)
    assert set(Push.objects.values_list("node__name", flat=True)) == {"mail1", "dns2"}


@pytest.mark.parametrize("name", ["sub.example.test", "test-parent.test"])
def test_zone_inside_or_around_that_of_somebody_else_is_refused(zone: Zone, node: Node, name: str) -> None:
    if name == "test-parent.test":
        child = DomainFactory.create(name=f"child.{name}")
        services.zone_create(actor=None, domain=child, mail_node=node)
    with pytest.raises(Refused) as answer:
        services.zone_create(
            actor=None,
            domain=DomainFactory.create(account=AccountFactory.create(), name=name),
            mail_node=node,
        )
    assert answer.value.field == "name"


def test_zone_inside_an_own_one_is_fine(zone: Zone, domain: Domain, node: Node) -> None:
    below = DomainFactory.create(account=domain.account, name="sub.example.test")
    assert services.zone_create(actor=None, domain=below, mail_node=node).name == "sub.example.test"


def test_zone_delete_pushes_absent(zone: Zone) -> None:
    services.zone_delete(actor=None, zone=zone)
    assert pushed() is None
    assert desired_zone("zone/example.test") is None


def test_a_zone_made_again_does_not_begin_below_its_old_serial(zone: Zone, node: Node) -> None:
    services.zone_delete(actor=None, zone=zone)
    domain = Domain.objects.get(name="example.test")
    assert services.zone_create(actor=None, domain=domain, mail_node=node).serial >= zone.serial


def test_apply_is_pushed_and_raises_the_serial(zone: Zone) -> None:
    mx = record(zone, "@", "MX")
    after = services.zone_apply(
        actor=None,
        zone=zone,
        changes=[
            Change(record=mx.pk, spec=RecordSpec(owner="@", type="MX", rdata="20 mail1.postroom.test")),
            Change(spec=RecordSpec(owner="", type="MX", rdata="30 backup.example.net")),
        ],
    )
    assert after.serial > zone.serial
    assert served("example.test.", "MX") == ["20 mail1.postroom.test.", "30 backup.example.net."]
    assert pushed() == desired_zone("zone/example.test")


def test_apply_of_nothing_new_leaves_the_serial(zone: Zone) -> None:
    mx = record(zone, "@", "MX")
    spec = RecordSpec(owner="example.test.", type="MX", rdata="10 MAIL1.postroom.test")
    after = services.zone_apply(actor=None, zone=zone, changes=[Change(record=mx.pk, spec=spec)])
    assert after.serial == zone.serial
    assert record(zone, "@", "MX").managed == managed.MX


def test_apply_is_all_or_nothing(zone: Zone) -> None:
    changes = [
        Change(spec=RecordSpec(owner="good", type="A", rdata="192.0.2.1")),
        Change(spec=RecordSpec(owner="bad", type="A", rdata="192.0.2.256")),
    ]
    before = pushed()
    with pytest.raises(Refused):
        services.zone_apply(actor=None, zone=zone, changes=changes)
    assert pushed() == before
    assert not Record.objects.filter(owner="good").exists()


def test_two_records_may_swap_places_in_one_set(zone: Zone) -> None:
    zone = add(zone, "one", "A", "192.0.2.1")
    zone = add(zone, "two", "CNAME", "one.example.test.")
    one, two = record(zone, "one", "A"), record(zone, "two", "CNAME")
    services.zone_apply(
        actor=None,
        zone=zone,
        changes=[
            Change(record=one.pk, spec=RecordSpec(owner="two", type="A", rdata="192.0.2.1")),
            Change(record=two.pk, spec=RecordSpec(owner="one", type="CNAME", rdata="two.example.test.")),
        ],
    )
    assert served("two.example.test.", "A") == ["192.0.2.1"]
    assert served("one.example.test.", "CNAME") == ["two.example.test."]
    assert {record(zone, "two", "A").pk, record(zone, "one", "CNAME").pk} == {one.pk, two.pk}


def test_a_changed_record_is_the_persons_own_from_then_on(zone: Zone) -> None:
    spf = record(zone, "@", "TXT")
    spec = RecordSpec(owner="@", type="TXT", rdata="v=spf1 -all")
    services.zone_apply(actor=None, zone=zone, changes=[Change(record=spf.pk, spec=spec)])
    assert record(zone, "@", "TXT").managed == ""


def test_one_rrset_has_one_ttl(zone: Zone) -> None:
    zone = add(zone, "@", "MX", "20 backup.example.net", ttl=300)
    assert set(Record.objects.filter(zone=zone, type="MX").values_list("ttl", flat=True)) == {300}


@pytest.mark.parametrize(
    ("line", "field", "advice"),
    [
        ("mail CNAME www.example.test", "owner", "stands alone"),
        ("autoconfig A 192.0.2.1", "owner", "stands alone"),
        ("autoconfig CNAME www.example.net", "owner", "one CNAME only"),
        ("@ CNAME www.example.net", "owner", "cannot be a CNAME"),
        ("@ MX 10 mail1.postroom.test", "target", "same MX record"),
        ("@ MX 0 .", "target", "cannot stand beside"),
        ("quiet MX 10 .", "priority", "has to be 0"),
        ("@ NS ns1.example.net", "owner", "kept by the panel"),
        ("* NS ns1.example.net", "owner", "star"),
        ("imaps SRV 0 0 993 mail", "owner", "_imaps._tcp"),
        ("www.other.test. A 192.0.2.1", "owner", "outside"),
    ],
)
def test_rules_of_dns(zone: Zone, line: str, field: str, advice: str) -> None:
    owner, kind, rdata = line.split(" ", 2)
    answer = refused(zone, owner, kind, rdata)
    assert answer.field == field
    assert advice in answer.message


def test_aliases_in_a_circle_are_refused(zone: Zone) -> None:
    assert "back to itself" in refused(zone, "me", "CNAME", "me").message
    add(zone, "one", "CNAME", "two")
    add(zone, "two", "CNAME", "three")
    assert "back to itself" in refused(zone, "three", "CNAME", "one").message


def test_a_name_that_mail_points_to_may_become_an_alias_with_a_warning(zone: Zone) -> None:
    zone = add(zone, "@", "MX", "20 mx.example.test.")
    zone = add(zone, "mx", "CNAME", "www.example.net")
    assert "mx_target_alias" in [warning.code for warning in warn(zone.name, rows_of(zone))]


def test_the_database_keeps_the_rules_of_alias_and_ds(zone: Zone) -> None:
    for owner, kind, value in (
        ("@", "ALIAS", "a.b."),  # beside the A record there
        ("*", "ALIAS", "a.b."),
        ("@", "DS", "1 13 2 " + "ab" * 32),
        ("*.shop", "DS", "1 13 2 " + "ab" * 32),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            Record.objects.create(zone=zone, owner=owner, type=kind, rdata=value)
    Record.objects.create(zone=zone, owner="shop", type="ALIAS", rdata="a.b.")
    with pytest.raises(IntegrityError), transaction.atomic():
        Record.objects.create(zone=zone, owner="shop", type="ALIAS", rdata="c.d.")


def test_apex_name_servers_cannot_be_deleted(zone: Zone) -> None:
    server = Record.objects.filter(zone=zone, owner="@", type="NS")[0]
    with pytest.raises(Refused, match="kept by the panel"):
        services.zone_apply(actor=None, zone=zone, changes=[Change(record=server.pk)])


def test_a_subdomain_can_be_handed_to_others(zone: Zone) -> None:
    add(zone, "shop", "NS", "ns1.example.net")
    assert served("shop.example.test.", "NS") == ["ns1.example.net."]


def test_the_second_editor_is_told_what_changed(zone: Zone) -> None:
    mx = record(zone, "@", "MX")
    seen = zone.serial

    def save(priority: int, base: int | None) -> Zone:
        spec = RecordSpec(owner="@", type="MX", rdata=f"{priority} mail1.postroom.test")
        return services.zone_apply(
            actor=None, zone=zone, changes=[Change(record=mx.pk, spec=spec)], base_serial=base
        )

    first = save(20, seen)
    with pytest.raises(Stale) as answer:
        save(30, seen)
    assert "20 mail1.postroom.test" in answer.value.message
    assert answer.value.serial == first.serial
    assert save(30, answer.value.serial).serial > first.serial


def test_a_change_elsewhere_in_the_zone_hinders_nobody(zone: Zone) -> None:
    add(zone, "www", "A", "192.0.2.1")
    after = services.zone_apply(
        actor=None,
        zone=zone,
        changes=[Change(spec=RecordSpec(owner="shop", type="A", rdata="192.0.2.2"))],
        base_serial=zone.serial,
    )
    assert after.serial > zone.serial


def test_a_record_deleted_meanwhile_is_said(zone: Zone) -> None:
    mx = record(zone, "@", "MX")
    services.zone_apply(actor=None, zone=zone, changes=[Change(record=mx.pk)])
    with pytest.raises(Refused, match="no longer there"):
        services.zone_apply(actor=None, zone=zone, changes=[Change(record=mx.pk)])


def test_a_record_of_another_zone_cannot_be_named(zone: Zone, node: Node) -> None:
    other = services.zone_create(actor=None, domain=DomainFactory.create(name="other.test"), mail_node=node)
    with pytest.raises(Refused):
        services.zone_apply(actor=None, zone=zone, changes=[Change(record=record(other, "@", "MX").pk)])
    assert record(other, "@", "MX")


def dkim(key: str) -> list[RecordSpec]:
    return [RecordSpec(owner="pr1._domainkey", type="TXT", rdata=f"v=DKIM1; k=rsa; p={key}")]


def set_dkim(zone: Zone, key: str) -> list[RecordSpec]:
    return services.managed_records_set(actor=None, zone=zone, managed=managed.DKIM, records=dkim(key))


def test_managed_records_are_set_changed_and_taken_away(zone: Zone) -> None:
    name = "pr1._domainkey.example.test."
    assert set_dkim(zone, "A" * 400) == []
    assert "".join(
        part for part in served(name, "TXT")[0].replace('"', "").split(" ") if part.startswith("A")
    )
    set_dkim(zone, "BBBB")
    assert served(name, "TXT") == ['"v=DKIM1; k=rsa; p=BBBB"']
    serial = Zone.objects.get(pk=zone.pk).serial
    set_dkim(zone, "BBBB")
    assert Zone.objects.get(pk=zone.pk).serial == serial
    services.managed_records_set(actor=None, zone=zone, managed=managed.DKIM, records=[])
    assert served(name, "TXT") == []


def test_what_a_person_wrote_in_its_place_stays(zone: Zone) -> None:
    add(zone, "pr1._domainkey", "TXT", "v=DKIM1; p=mine")
    assert set_dkim(zone, "PANEL") == dkim("PANEL")
    assert served("pr1._domainkey.example.test.", "TXT") == ['"v=DKIM1; p=mine"']


def test_an_alias_in_the_way_is_reported_not_raised(zone: Zone) -> None:
    add(zone, "pr1._domainkey", "CNAME", "keys.example.net")
    assert set_dkim(zone, "PANEL") == dkim("PANEL")


def test_spf_is_set_beside_other_text_at_the_domain(zone: Zone) -> None:
    services.managed_records_set(actor=None, zone=zone, managed=managed.SPF, records=[])
    add(zone, "@", "TXT", "google-site-verification=abc")
    spf = [RecordSpec(owner="@", type="TXT", rdata="v=spf1 -all")]
    assert services.managed_records_set(actor=None, zone=zone, managed=managed.SPF, records=spf) == []
    assert len(served("example.test.", "TXT")) == 2


def test_the_provider_zone_follows_its_nodes(node: Node, settings: Any) -> None:
    zone = services.provider_zone_ensure(actor=None)
    name = settings.PROVIDER_DOMAIN
    assert served(f"ns1.{name}.", "A", name) == ["192.0.2.25"]
    assert served(f"mail1.{name}.", "A", name) == ["192.0.2.25"]
    assert served(f"panel.{name}.", "A", name) == ["192.0.2.25"]
    assert served(f"_spf.{name}.", "TXT", name) == ['"v=spf1 ip4:192.0.2.25 -all"']
    serial = Zone.objects.get(pk=zone.pk).serial
    services.provider_zone_ensure(actor=None)
    assert Zone.objects.get(pk=zone.pk).serial == serial
    NodeFactory.create(name="mail2", host=f"mail2.{name}", addresses=["192.0.2.26"], roles=["mail"])
    settings.PANEL_ADDRESSES = ["192.0.2.80"]
    services.provider_zone_ensure(actor=None)
    assert served(f"mail2.{name}.", "A", name) == ["192.0.2.26"]
    assert served(f"panel.{name}.", "A", name) == ["192.0.2.80"]


def test_serial_climbs_over_what_a_name_server_holds(zone: Zone) -> None:
    above = zone.serial + 1000
    assert services.serial_raise(actor=None, zone=zone, above=above).serial > above
    state = pushed()
    assert state is not None
    assert state.serial > above
    assert services.serial_raise(actor=None, zone=zone, above=5).serial == state.serial


def test_zone_push_sends_it_again(zone: Zone) -> None:
    before: Any = Push.objects.get(key="zone/example.test").desired_rev
    services.zone_push(actor=None, zone=zone)
    assert Push.objects.get(key="zone/example.test").desired_rev > before


def test_the_panel_goes_by_its_own_name_where_it_has_one(domain: Domain, node: Node, settings: Any) -> None:
    settings.PANEL_URL = "https://control.host.test"
    services.zone_create(actor=None, domain=domain, mail_node=node)
    assert served("autoconfig.example.test.", "CNAME") == ["control.host.test."]
    assert served("_autodiscover._tcp.example.test.", "SRV") == ["0 0 443 control.host.test."]
    assert django_settings.PANEL_URL == settings.PANEL_URL


def test_a_refusal_with_a_higher_serial_is_answered_with_one_above_it(zone: Zone, node: Node) -> None:
    push = Push.objects.get(key="zone/example.test")
    above = zone.serial + 50
    outcome: contract.Outcome = {
        "key": push.key,
        "rev": push.desired_rev,
        "ok": False,
        "proof": "",
        "error": "newer there",
        "permanent": False,
        "facts": {"serial": above},
    }
    outcomes_take(node=node, outcomes=[outcome], at=timezone.now())
    state = pushed()
    assert state is not None
    assert state.serial > above
    assert Zone.objects.get(pk=zone.pk).serial == state.serial


def node_set(**other: Any) -> None:
    values: dict[str, Any] = {
        "name": "mail1",
        "roles": ["mail", "dns"],
        "host": "mail1.postroom.test",
        "addresses": ["192.0.2.25"],
        "ports": {"imaps": 993, "submissions": 465},
        "public_key": "A" * 43 + "=",
        "ingest_token_hash": "0" * 64,
    }
    provision.node_set(**{**values, **other})


def test_zones_follow_the_ports_of_their_node_and_of_the_panel(zone: Zone, settings: Any) -> None:
    settings.PANEL_URL = "https://localhost:9443"
    node_set(ports={"imaps": 2993})
    assert served("_imaps._tcp.example.test.", "SRV") == ["0 0 2993 mail1.postroom.test."]
    assert served("_pop3s._tcp.example.test.", "SRV") == ["0 0 0 ."]
    assert served("_autodiscover._tcp.example.test.", "SRV") == ["0 0 9443 panel.postroom.test."]
    serial = Zone.objects.get(pk=zone.pk).serial
    node_set(ports={"imaps": 2993})
    assert Zone.objects.get(pk=zone.pk).serial == serial


def test_a_new_name_server_gets_every_zone_and_the_provider_zone_names_it(zone: Zone) -> None:
    node_set(name="dns2", roles=["dns"], host="dns2.postroom.test", addresses=["192.0.2.53"])
    assert pushed(node="dns2") == pushed(node="mail1") == desired_zone("zone/example.test")
    assert served("ns2.postroom.test.", "A", "postroom.test") == ["192.0.2.53"]
