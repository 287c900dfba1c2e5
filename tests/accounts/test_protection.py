"""The mailbox that somebody's sign-in address leads to is a key to the panel: nobody below them touches it,
by no service and no page."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.urls import reverse
from django.utils import timezone

from accounts.access import protects, protects_domain
from accounts.models import Account, Membership, User
from dnszone import services as dnszone
from dnszone.models import Record, Zone
from dnszone.spec import Change, RecordSpec
from lib.errors import Denied
from mailboxes import services
from mailboxes.models import Mailbox
from panel import lifecycle
from tests.accounts.house import House, house, member
from tests.factories import AccountFactory, DomainFactory, MailboxFactory, MailDomainFactory, UserFactory

pytestmark = pytest.mark.django_db
Role = Membership.Role
WORDS = "tulip-harbour-candle-9"


@pytest.fixture
def world() -> House:
    return house()


def _key_of(world: House, who: str) -> Mailbox:
    """``who`` signs in with the address of a mailbox in one.test."""
    person = world.people[who]
    found: Mailbox = MailboxFactory.create(mail_domain=world.things["mail"], local="boss")
    User.objects.filter(pk=person.pk).update(email=found.address)
    return found


@pytest.mark.parametrize(
    ("who", "whose", "kept"),
    [
        ("owner", "owner", False),
        ("owner", "manager", False),
        ("owner", "reseller owner", True),
        ("owner", "reseller reader", True),
        ("manager", "owner", True),
        ("manager", "creator", False),
        ("manager", "manager here", False),
        ("manager", "reseller creator", True),
        ("manager here", "manager", True),
        ("manager here", "creator here", False),
        ("manager here", "creator there", True),
        ("manager here", "creator", True),
        ("creator", "owner", True),
        ("creator", "manager", True),
        ("creator", "creator here", False),
        ("creator", "reader", True),  # reads what a creator does not
        ("creator here", "creator", True),
        ("creator here", "creator there", True),
        ("reseller owner", "owner", False),
        ("reseller manager", "owner", False),
        ("reseller manager", "reseller owner", True),
        ("reseller owner", "reseller manager", False),
        ("reseller creator", "owner", True),
        ("reseller creator", "creator", False),
        ("reseller creator", "reader", True),
        ("owner", "stranger", False),  # whoever has the whole say over the domain
        ("manager", "stranger", True),
        ("creator", "stranger", True),
    ],
)
def test_whose_mailbox_is_kept_from_whom(world: House, who: str, whose: str, kept: bool) -> None:
    box = _key_of(world, whose)
    name = protects(world.person(who), box.address, world.account)
    assert bool(name) is kept
    if kept:
        assert name == str(world.person(whose))
        with pytest.raises(Denied):
            services.mailbox_set_password(actor=world.person(who), mailbox=box, password=WORDS)
    else:
        services.mailbox_set_password(actor=world.person(who), mailbox=box, password=WORDS)


def test_the_provider_may_and_everybody_keeps_off_its_staff(world: House) -> None:
    box = _key_of(world, "owner")
    admin = UserFactory.create(is_staff=True, is_superuser=True)
    assert not protects(admin, box.address, world.account)
    assert not protects(None, box.address, world.account)
    User.objects.filter(pk=world.people["owner"].pk).update(email="elsewhere@people.test")
    UserFactory.create(email=box.address, is_staff=True)
    assert protects(world.person("reseller owner"), box.address, world.account)


def test_acting_for_a_client_one_stands_above_it_and_below_ones_own(world: House) -> None:
    box = _key_of(world, "owner")
    actor = world.person("reseller manager")
    actor.acting_for = world.account
    assert not protects(actor, box.address, world.account)
    User.objects.filter(pk=world.people["owner"].pk).update(email="elsewhere@people.test")
    User.objects.filter(pk=world.people["reseller owner"].pk).update(email=box.address)
    assert protects(actor, box.address, world.account)


@pytest.mark.parametrize("asleep", ["deleted_at", "no_sign_in"])
def test_who_sleeps_may_wake(world: House, asleep: str) -> None:
    box = _key_of(world, "stranger")
    values = {asleep: timezone.now() if asleep == "deleted_at" else True}
    if asleep == "no_sign_in":
        values["suspended_at"] = timezone.now()
    Account.objects.filter(pk=world.accounts["stranger"].pk).update(**values)
    assert protects(world.person("manager"), box.address, world.account)


@pytest.mark.parametrize("email", ["boss+panel@one.test", "boss+a+b@one.test"])
def test_a_tag_leads_to_the_same_mailbox(world: House, email: str) -> None:
    box = _key_of(world, "owner")
    User.objects.filter(pk=world.people["owner"].pk).update(email=email)
    assert protects(world.person("manager"), box.address, world.account)
    assert not protects(world.person("manager"), "bos@one.test", world.account)


@pytest.mark.parametrize("email", ["chef@xn--mnchen-3ya.test", "chef@münchen.test", "chef+x@münchen.test"])
def test_a_domain_is_the_same_in_both_forms(world: House, email: str) -> None:
    domain = DomainFactory.create(
        account=world.account, name="xn--mnchen-3ya.test", display_name="münchen.test"
    )
    User.objects.filter(pk=world.people["owner"].pk).update(email=email)
    assert protects(world.person("manager"), "chef@xn--mnchen-3ya.test", world.account)
    assert protects_domain(world.person("manager"), domain)


def test_an_address_that_waits_to_be_verified_counts(world: House) -> None:
    EmailAddress.objects.create(user=world.people["owner"], email="next@one.test", verified=False)
    assert protects(world.person("manager"), "next@one.test", world.account)


def test_many_addresses_are_asked_about_at_once(world: House, django_assert_max_num_queries: Any) -> None:
    box = _key_of(world, "owner")
    many = [MailboxFactory.create(mail_domain=world.things["mail"], local=f"box{n}") for n in range(30)]
    actor = world.person("manager")
    with pytest.raises(Denied):
        services.mailboxes_delete(actor=actor, mailboxes=[*many, box])
    assert not Mailbox.objects.filter(deleted_at__isnull=False, local__startswith="box").exists()
    assert len(services.mailboxes_delete(actor=actor, mailboxes=many)) == 30


def _create(actor: Any, box: Mailbox) -> None:
    Mailbox.objects.filter(pk=box.pk).delete()
    services.mailbox_create(
        actor=actor, mail_domain=box.mail_domain, local=box.local, password=WORDS, quota_mb=100
    )


def _restore(actor: Any, box: Mailbox) -> None:
    Mailbox.objects.filter(pk=box.pk).update(deleted_at=timezone.now())
    services.mailbox_restore(actor=actor, mailbox=box)


SERVICES: dict[str, Callable[[Any, Mailbox], Any]] = {
    "create": _create,
    "restore": _restore,
    "password": lambda actor, box: services.mailbox_set_password(actor=actor, mailbox=box, password=WORDS),
    "quota": lambda actor, box: services.mailbox_set_quota(actor=actor, mailbox=box, quota_mb=50),
    "delete": lambda actor, box: services.mailbox_delete(actor=actor, mailbox=box),
    "bulk delete": lambda actor, box: services.mailboxes_delete(actor=actor, mailboxes=[box]),
    "domain": lambda actor, box: lifecycle.domain_delete(actor=actor, domain=box.mail_domain.domain),
}


@pytest.mark.parametrize("service", SERVICES)
def test_no_service_goes_around_it(world: House, service: str) -> None:
    box = _key_of(world, "owner")
    with pytest.raises(Denied, match="stands above you"):
        SERVICES[service](world.person("manager"), box)
    SERVICES[service](world.person("owner"), box)


PAGES = ["password", "quota", "suspend", "resume", "delete"]


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("page", PAGES)
def test_no_page_goes_around_it(world: House, page: str, method: str) -> None:
    box = _key_of(world, "owner")
    before = Mailbox.objects.filter(pk=box.pk).values().get()
    path = reverse(f"mailbox-{page}", args=["one.test", box.local])
    sent = {
        "password": WORDS,
        "quota_mb": "50 MB",
        "reason": "because",
        "no_sign_in": "on",
        "stop": "no_sign_in",
    }
    response = getattr(world.client("manager"), method)(path, sent if method == "post" else None)
    assert response.status_code == 403
    assert Mailbox.objects.filter(pk=box.pk).values().get() == before


@pytest.mark.parametrize("action", ["suspend", "resume", "delete"])
def test_nor_in_bulk(world: House, action: str) -> None:
    box = _key_of(world, "owner")
    before = Mailbox.objects.filter(pk=box.pk).values().get()
    sent = {
        "action": action,
        "chosen": [box.pk, world.box.pk],
        "sure": "1",
        "reason": "x",
        "no_sign_in": "on",
    }
    response = world.client("manager").post(reverse("mailboxes-bulk", args=["one.test"]), sent)
    assert response.status_code == 403
    assert Mailbox.objects.filter(pk=box.pk).values().get() == before
    assert Mailbox.objects.get(pk=world.box.pk).deleted_at is None


def test_the_mailboxs_page_says_why_it_offers_nothing(world: House) -> None:
    box = _key_of(world, "owner")
    path = reverse("mailbox", args=["one.test", box.local])
    page = world.client("manager").get(path).content.decode()
    assert "stands above you" in page
    assert f"{path}password/" not in page
    assert f"{path}delete/" not in page
    assert f"{path}password/" in world.client("owner").get(path).content.decode()


# Where the mail goes


@pytest.fixture
def zone(world: House) -> Zone:
    """one.test, where the owner signs in with an address: its MX names a host in the zone."""
    _key_of(world, "owner")
    found: Zone = world.things["zone"]
    for owner, kind, rdata in [
        ("@", "MX", "10 mx.one.test."),
        ("mx", "A", "192.0.2.7"),
        ("@", "A", "192.0.2.1"),
    ]:
        Record.objects.create(zone=found, owner=owner, type=kind, rdata=rdata)
    return found


def _record(zone: Zone, owner: str, kind: str) -> int:
    return Record.objects.get(zone=zone, owner=owner, type=kind).pk


TURNED: dict[str, Callable[[Zone], Change]] = {
    "another MX": lambda zone: Change(spec=RecordSpec(owner="@", type="MX", rdata="5 mx.evil.test.")),
    "no MX": lambda zone: Change(record=_record(zone, "@", "MX")),
    "the host's address": lambda zone: Change(
        record=_record(zone, "mx", "A"), spec=RecordSpec(owner="mx", type="A", rdata="203.0.113.6")
    ),
    "one more address": lambda zone: Change(spec=RecordSpec(owner="mx", type="AAAA", rdata="2001:db8::6")),
}


@pytest.mark.parametrize("how", TURNED)
def test_nobody_below_turns_the_way_of_the_mail(world: House, zone: Zone, how: str) -> None:
    with pytest.raises(Denied, match="stands above you"):
        dnszone.zone_apply(actor=world.person("manager"), zone=zone, changes=[TURNED[how](zone)])
    dnszone.zone_apply(actor=world.person("owner"), zone=zone, changes=[TURNED[how](zone)])


def test_the_rest_of_the_zone_is_a_managers(world: House, zone: Zone) -> None:
    spec = RecordSpec(owner="news", type="TXT", rdata='"hello"')
    dnszone.zone_apply(actor=world.person("manager"), zone=zone, changes=[Change(spec=spec)])
    assert Record.objects.filter(zone=zone, owner="news").exists()


def test_where_nobody_above_has_an_address_a_manager_changes_the_mx(world: House) -> None:
    spec = RecordSpec(owner="@", type="MX", rdata="5 mx.elsewhere.test.")
    dnszone.zone_apply(actor=world.person("manager"), zone=world.things["zone"], changes=[Change(spec=spec)])
    assert Record.objects.filter(zone=world.things["zone"], type="MX").exists()


def test_a_place_elsewhere_is_no_way_in(world: House) -> None:
    """A manager of one account makes, in a domain of theirs, the mailbox of an owner of another."""
    theirs = MailDomainFactory.create(domain=DomainFactory.create(account=AccountFactory.create()))
    boss = member(theirs.domain.account, Role.OWNER).user
    User.objects.filter(pk=world.people["stranger"].pk).update(email=f"x@{theirs.domain.name}")
    manager = member(theirs.domain.account, Role.MANAGER).user
    with pytest.raises(Denied):
        services.mailbox_create(actor=manager, mail_domain=theirs, local="x", password=WORDS, quota_mb=10)
    services.mailbox_create(actor=boss, mail_domain=theirs, local="x", password=WORDS, quota_mb=10)
