"""Zone templates: whose they are, what a new domain gets, and how a change is rolled out."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import IntegrityError
from django.utils import timezone

from accounts.models import Account, Domain, User
from dnszone import services as zones
from dnszone.blueprints import making, rollouts, selectors, services
from dnszone.models import Record, Zone, ZoneRollout, ZoneTemplate, ZoneTemplateUse, ZoneVersion
from dnszone.models.editing import Origin
from dnszone.services import Change
from dnszone.spec import RecordSpec
from lib.errors import Denied, Refused
from provision.models import Node
from tests.factories import AccountFactory, DomainFactory, MembershipFactory, ResellerFactory, UserFactory


@pytest.fixture
def reseller(db: None) -> Account:
    return ResellerFactory.create()


@pytest.fixture
def boss(reseller: Account) -> User:
    user: User = UserFactory.create()
    MembershipFactory.create(account=reseller, user=user)
    return user


def client_zone(reseller: Account, boss: User, node: Node, name: str) -> Zone:
    domain: Domain = DomainFactory.create(account=AccountFactory.create(reseller=reseller), name=name)
    return zones.zone_create(actor=boss, domain=domain, mail_node=node)


def template(boss: User, owner: Account | None, text: str, **values: Any) -> ZoneTemplate:
    wish: dict[str, Any] = {"name": "Web", "is_default": True} | values
    return services.template_create(actor=boss, owner=owner, text=text, **wish)


def values_of(zone: Zone, owner: str, kind: str = "A") -> list[str]:
    return sorted(Record.objects.filter(zone=zone, owner=owner, type=kind).values_list("rdata", flat=True))


def test_a_new_domain_of_a_client_has_its_resellers_records(
    reseller: Account, boss: User, node: Node
) -> None:
    found = template(boss, reseller, "www A {ipv4}\nv6 AAAA {ipv6}\n@ TXT proof={domain}")
    zone = client_zone(reseller, boss, node, "luna.test")
    assert values_of(zone, "www") == ["192.0.2.25"]
    assert '"proof=luna.test"' in values_of(zone, "@", "TXT")
    assert values_of(zone, "@", "MX") == ["10 mail1.postroom.test."]
    assert Record.objects.get(zone=zone, owner="www").managed == ""
    version = ZoneVersion.objects.get(zone=zone)
    assert "Web" in version.title
    assert "{ipv6}" in version.reason
    use = ZoneTemplateUse.objects.get(zone=zone)
    assert (use.template, use.revision) == (found, 1)


def test_whose_template_it_is(reseller: Account, boss: User, node: Node, alice: User) -> None:
    own = AccountFactory.create()
    assert making.default_for(own) is None
    theirs = template(None, None, "www A 192.0.2.1")  # type: ignore[arg-type]  # the panel itself
    assert making.default_for(own) == theirs
    assert making.default_for(reseller) == theirs
    ours = template(boss, reseller, "www A 192.0.2.2")
    assert making.default_for(reseller) == ours
    assert making.default_for(AccountFactory.create(reseller=reseller)) == ours
    assert making.default_for(AccountFactory.create(reseller=ResellerFactory.create())) == theirs


def test_no_template_keeps_a_domain_from_being_added(reseller: Account, boss: User, node: Node) -> None:
    long = "x" * 60
    template(boss, reseller, f"{long}.{long}.{long} A 192.0.2.1\nwww A 192.0.2.1")
    zone = client_zone(reseller, boss, node, f"{'d' * 60}.{'e' * 30}.test")
    assert values_of(zone, "www") == ["192.0.2.1"]
    assert not Record.objects.filter(zone=zone, owner__startswith="xxx").exists()


def test_one_default_and_one_name(reseller: Account, boss: User) -> None:
    first = template(boss, reseller, "www A 192.0.2.1")
    second = template(boss, reseller, "www A 192.0.2.2", name="Other")
    first.refresh_from_db()
    assert (first.is_default, second.is_default) == (False, True)
    services.template_default(actor=boss, template=first)
    second.refresh_from_db()
    assert not second.is_default
    with pytest.raises(Refused) as refused:
        template(boss, reseller, "www A 192.0.2.1", name="WEB")
    assert refused.value.field == "name"


def test_a_revision_grows_with_the_text_alone(reseller: Account, boss: User) -> None:
    found = template(boss, reseller, "www A 192.0.2.1")
    found = services.template_set(actor=boss, template=found, name="New", text=found.text, is_default=True)
    assert found.revision == 1
    found = services.template_set(
        actor=boss, template=found, name="New", text="www A 192.0.2.2", is_default=False
    )
    assert (found.revision, found.is_default) == (2, False)
    assert list(found.revisions.order_by("number").values_list("text", flat=True)) == [
        "www A 192.0.2.1",
        "www A 192.0.2.2",
    ]


@pytest.mark.parametrize(
    "text", ["", "  \n", "www A 192.0.2.1\x00", "www TXT \ud800", "w A 192.0.2.1\n" * 4000]
)
def test_hostile_text_is_refused(reseller: Account, boss: User, text: str) -> None:
    with pytest.raises(Refused) as refused:
        template(boss, reseller, text)
    assert refused.value.field == "text"


def test_strangers_are_denied(reseller: Account, boss: User, alice: User) -> None:
    found = template(boss, reseller, "www A 192.0.2.1")
    for call in (
        lambda: template(alice, reseller, "www A 192.0.2.1"),
        lambda: template(boss, None, "www A 192.0.2.1"),
        lambda: services.template_set(
            actor=alice, template=found, name="x", text="a A 192.0.2.1", is_default=False
        ),
        lambda: services.template_delete(actor=alice, template=found),
        lambda: services.template_default(actor=alice, template=found),
        lambda: rollouts.rollout_create(actor=alice, template=found, zones=[]),
    ):
        with pytest.raises(Denied):
            call()


def rolled(boss: User, found: ZoneTemplate, *rolled_zones: Zone) -> ZoneRollout:
    rollout = rollouts.rollout_create(actor=boss, template=found, zones=[zone.pk for zone in rolled_zones])
    rollouts.rollout_start(actor=boss, rollout=rollout)
    rollouts.rollout_run(rollout, limit=50)
    rollout.refresh_from_db()
    return rollout


def test_a_change_is_rolled_out(reseller: Account, boss: User, node: Node) -> None:
    found = template(boss, reseller, "www A 192.0.2.1\nold A 192.0.2.1")
    one, two = (client_zone(reseller, boss, node, name) for name in ("one.test", "two.test"))
    changed = Record.objects.get(zone=two, owner="www")
    zones.zone_apply(
        actor=boss,
        zone=two,
        changes=[Change(record=changed.pk, spec=RecordSpec(owner="www", type="A", rdata="192.0.2.99"))],
    )
    found = services.template_set(
        actor=boss, template=found, name="Web", text="www A 192.0.2.2\nnew A 192.0.2.3", is_default=True
    )
    rollout = rolled(boss, found, one, two)
    assert rollout.state == ZoneRollout.State.DONE
    assert values_of(one, "www") == ["192.0.2.2"]
    assert values_of(two, "www") == ["192.0.2.99"]
    for zone in (one, two):
        assert values_of(zone, "new") == ["192.0.2.3"]
        assert values_of(zone, "old") == []
        assert ZoneTemplateUse.objects.get(zone=zone).revision == 2
    version = ZoneVersion.objects.filter(zone=one).first()
    assert version is not None
    assert (version.origin, version.title, version.who) == (Origin.TEMPLATE, "Web", boss.email)
    words = rollout.items.get(zone=two).words
    assert "www A (it was changed by hand)" in words
    again = rolled(boss, found, one)
    assert again.items.get().state == "same"


def test_it_goes_on_where_it_was(reseller: Account, boss: User, node: Node) -> None:
    found = template(boss, reseller, "www A 192.0.2.1")
    made_zones = [client_zone(reseller, boss, node, f"z{n}.test") for n in range(3)]
    found = services.template_set(
        actor=boss, template=found, name="Web", text="www A 192.0.2.2", is_default=True
    )
    rollout = rollouts.rollout_create(actor=boss, template=found, zones=[zone.pk for zone in made_zones])
    rollouts.rollout_start(actor=boss, rollout=rollout)
    assert rollouts.rollout_run(rollout, limit=1) == 1
    versions = ZoneVersion.objects.filter(zone=made_zones[0]).count()
    assert rollouts.rollouts_go_on() == 0
    rollout.refresh_from_db()
    assert rollout.state == ZoneRollout.State.DONE
    assert ZoneVersion.objects.filter(zone=made_zones[0]).count() == versions
    assert all(values_of(zone, "www") == ["192.0.2.2"] for zone in made_zones)


def test_a_zone_that_changed_after_the_preview_is_left_out_and_listed(
    reseller: Account, boss: User, node: Node
) -> None:
    found = template(boss, reseller, "www A 192.0.2.1")
    zone = client_zone(reseller, boss, node, "one.test")
    found = services.template_set(
        actor=boss, template=found, name="Web", text="www A 192.0.2.2", is_default=True
    )
    rollout = rollouts.rollout_create(actor=boss, template=found, zones=[zone.pk])
    zones.zone_apply(
        actor=boss, zone=zone, changes=[Change(spec=RecordSpec(owner="x", type="A", rdata="192.0.2.1"))]
    )
    rollouts.rollout_start(actor=boss, rollout=rollout)
    rollouts.rollout_run(rollout, limit=5)
    item = rollout.items.get()
    assert item.state == "failed"
    assert "after the preview" in item.words
    assert values_of(zone, "www") == ["192.0.2.1"]
    second = rollouts.rollout_again(actor=boss, rollout=rollout)
    rollouts.rollout_start(actor=boss, rollout=second)
    rollouts.rollout_run(second, limit=5)
    assert values_of(zone, "www") == ["192.0.2.2"]


def test_a_template_that_changed_after_the_preview_is_not_applied(
    reseller: Account, boss: User, node: Node
) -> None:
    found = template(boss, reseller, "www A 192.0.2.1")
    zone = client_zone(reseller, boss, node, "one.test")
    rollout = rollouts.rollout_create(actor=boss, template=found, zones=[zone.pk])
    services.template_set(actor=boss, template=found, name="Web", text="www A 192.0.2.2", is_default=True)
    with pytest.raises(Refused):
        rollouts.rollout_start(actor=boss, rollout=rollout)


def test_zones_of_others_and_of_sleepers_are_not_offered(reseller: Account, boss: User, node: Node) -> None:
    found = template(boss, reseller, "www A 192.0.2.1")
    ours = client_zone(reseller, boss, node, "one.test")
    asleep = client_zone(reseller, boss, node, "asleep.test")
    assert asleep.domain is not None
    Account.objects.filter(pk=asleep.domain.account_id).update(no_sign_in=True, suspended_at=ours.created_at)
    other = ResellerFactory.create()
    stranger = UserFactory.create()
    MembershipFactory.create(account=other, user=stranger)
    theirs = client_zone(other, stranger, node, "theirs.test")
    assert [zone.name for zone in selectors.zones_offered(boss, found)] == ["one.test"]
    with pytest.raises(Refused):
        rollouts.rollout_create(actor=boss, template=found, zones=[theirs.pk, asleep.pk])


def test_a_zone_that_was_not_made_from_it_gets_what_is_missing(
    reseller: Account, boss: User, node: Node
) -> None:
    zone = client_zone(reseller, boss, node, "one.test")
    found = template(boss, reseller, "www A 192.0.2.1\nmail A 192.0.2.9")
    rolled(boss, found, zone)
    assert values_of(zone, "www") == ["192.0.2.1"]
    assert values_of(zone, "mail") == ["192.0.2.9"]  # the panel's own gave way
    assert ZoneTemplateUse.objects.get(zone=zone).template == found


def test_previews_that_nobody_applied_are_forgotten(reseller: Account, boss: User, node: Node) -> None:
    found = template(boss, reseller, "www A 192.0.2.1")
    zone = client_zone(reseller, boss, node, "one.test")
    new, old = (rollouts.rollout_create(actor=boss, template=found, zones=[zone.pk]) for _n in range(2))
    ZoneRollout.objects.filter(pk=old.pk).update(created_at=timezone.now() - 2 * rollouts.FORGOTTEN)
    rollouts.rollouts_go_on()
    assert list(ZoneRollout.objects.all()) == [new]


def test_what_the_database_refuses_is_one_zones_trouble(
    reseller: Account, boss: User, node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = template(boss, reseller, "www A 192.0.2.1")
    pair = [client_zone(reseller, boss, node, name) for name in ("one.test", "two.test")]
    found = services.template_set(
        actor=boss, template=found, name="Web", text="www A 192.0.2.2", is_default=True
    )
    real = zones.zone_apply

    def apply(*, zone: Zone, **values: Any) -> Zone:
        if zone.name == "one.test":
            raise IntegrityError("record_once")
        return real(zone=zone, **values)

    monkeypatch.setattr(zones, "zone_apply", apply)
    rollout = rolled(boss, found, *pair)
    assert [item.state for item in rollout.items.order_by("zone__name")] == ["failed", "done"]
