"""Places in an account: who gives, changes and takes which."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse

from accounts import team
from accounts.models import Domain, Invitation, Membership
from lib.errors import Denied, Refused
from tests.accounts.house import House, house, member

pytestmark = pytest.mark.django_db
Role = Membership.Role
RANKED = [Role.READER, Role.CREATOR, Role.MANAGER, Role.OWNER]


@pytest.fixture
def world() -> House:
    return house()


def _set(world: House, who: str, whose: str, role: str, **more: Any) -> Membership:
    values = {"all_domains": True} | more
    return team.membership_set(actor=world.person(who), membership=world.places[whose], role=role, **values)


@pytest.mark.parametrize(
    ("who", "whose", "role"),
    [
        ("owner", "manager", Role.OWNER),
        ("owner", "reader", Role.MANAGER),
        ("manager", "creator", Role.READER),
        ("manager", "reader", Role.MANAGER),
        ("reseller manager", "owner", Role.OWNER),
        ("reseller owner", "creator", Role.OWNER),
    ],
)
def test_a_role_is_given_up_to_ones_own(world: House, who: str, whose: str, role: str) -> None:
    _set(world, who, whose, role)
    world.places[whose].refresh_from_db()
    assert world.places[whose].role == role


@pytest.mark.parametrize(
    ("who", "whose", "role"),
    [
        ("manager", "owner", Role.READER),
        ("manager", "owner", Role.OWNER),
        ("manager", "reader", Role.OWNER),
        ("manager here", "reader", Role.READER),
        ("creator", "reader", Role.READER),
        ("reader", "creator", Role.READER),
        ("reseller creator", "reader", Role.READER),
        ("reseller reader", "creator", Role.READER),
        ("stranger", "reader", Role.READER),
        ("other reseller", "reader", Role.READER),
    ],
)
def test_nobody_touches_or_gives_a_role_above_their_own(
    world: House, who: str, whose: str, role: str
) -> None:
    before = world.places[whose].role
    with pytest.raises(Denied):
        _set(world, who, whose, role)
    with pytest.raises(Denied):
        team.membership_set(
            actor=world.person(who), membership=world.places[whose], role=Role.OWNER, all_domains=True
        ) if who == "manager" else team.membership_remove(
            actor=world.person(who), membership=world.places[whose]
        )
    world.places[whose].refresh_from_db()
    assert world.places[whose].role == before


@pytest.mark.parametrize("who", ["owner", "manager"])
@pytest.mark.parametrize("role", RANKED)
def test_nobody_changes_their_own_place(world: House, who: str, role: str) -> None:
    with pytest.raises((Refused, Denied)):
        _set(world, who, who, role)
    world.places[who].refresh_from_db()
    assert world.places[who].role == who


def test_a_person_of_the_reseller_does_not_raise_themselves_in_a_client(world: House) -> None:
    mine = Membership.objects.create(
        account=world.account, user=world.people["reseller owner"], role=Role.READER
    )
    with pytest.raises(Refused):
        team.membership_set(
            actor=world.person("reseller owner"), membership=mine, role=Role.OWNER, all_domains=True
        )


def test_the_only_owner_stays(world: House) -> None:
    for change in (
        lambda: _set(world, "reseller owner", "owner", Role.MANAGER),
        lambda: team.membership_remove(
            actor=world.person("reseller owner"), membership=world.places["owner"]
        ),
        lambda: team.membership_remove(actor=world.person("owner"), membership=world.places["owner"]),
    ):
        with pytest.raises(Refused, match="only owner"):
            change()
    world.places["owner"].refresh_from_db()
    assert world.places["owner"].role == Role.OWNER


def test_an_owner_who_may_not_sign_in_is_none(world: House) -> None:
    other = member(world.account, Role.OWNER)
    other.user.is_active = False
    other.user.save()
    with pytest.raises(Refused, match="only owner"):
        team.membership_remove(actor=world.person("owner"), membership=world.places["owner"])


def test_of_two_owners_one_may_go_and_may_be_made_less(world: House) -> None:
    other = member(world.account, Role.OWNER)
    team.membership_set(
        actor=other.user, membership=world.places["owner"], role=Role.READER, all_domains=True
    )
    world.places["owner"].refresh_from_db()
    assert world.places["owner"].role == Role.READER


@pytest.mark.parametrize("who", ["manager", "creator", "reader", "creator here"])
def test_everybody_may_leave(world: House, who: str) -> None:
    client = world.client(who)
    response = client.post(reverse("team-remove", args=[world.places[who].pk]))
    assert response.status_code == 302
    assert not Membership.objects.filter(pk=world.places[who].pk).exists()
    assert not Domain.objects.visible_to(world.person(who)).exists()


def test_somebody_removed_sees_nothing_from_the_next_page_on(world: House) -> None:
    client = world.client("reader")
    path = reverse("mailboxes", args=["one.test"])
    assert client.get(path).status_code == 200
    team.membership_remove(actor=world.person("owner"), membership=world.places["reader"])
    assert client.get(path).status_code == 404


def test_a_place_for_some_domains(world: House) -> None:
    one = world.domains["one.test"]
    _set(world, "owner", "reader", Role.READER, all_domains=False, domains=[one])
    assert list(Domain.objects.visible_to(world.person("reader"))) == [one]
    _set(world, "owner", "reader", Role.READER)
    assert Domain.objects.visible_to(world.person("reader")).count() == 2
    assert not world.places["reader"].scopes.exists()


@pytest.mark.parametrize("names", [[], ["strange.test"], ["one.test", "strange.test"]])
def test_a_place_is_for_domains_of_the_account_alone(world: House, names: list[str]) -> None:
    domains = [world.domains[name] for name in names]
    with pytest.raises(Refused) as refused:
        _set(world, "owner", "reader", Role.READER, all_domains=False, domains=domains)
    assert refused.value.field == "domains"


def test_an_owner_has_all_domains_whatever_is_asked(world: House) -> None:
    place = _set(
        world,
        "owner",
        "manager here",
        Role.OWNER,
        all_domains=False,
        domains=[world.domains["one.test"]],
    )
    assert place.all_domains
    assert not place.scopes.exists()


def test_the_links_of_somebody_removed_die(world: House) -> None:
    asked: Invitation = world.things["invitation"]
    Invitation.objects.filter(pk=asked.pk).update(invited_by=world.people["manager"])
    team.membership_remove(actor=world.person("owner"), membership=world.places["manager"])
    asked.refresh_from_db()
    assert asked.revoked_at


@pytest.mark.parametrize(
    ("invited", "becomes", "lives"),
    [
        (Role.READER, Role.MANAGER, True),
        (Role.OWNER, Role.MANAGER, False),
        (Role.READER, Role.CREATOR, False),
    ],
)
def test_the_links_of_somebody_made_less_die_if_they_are_above_them(
    world: House, invited: str, becomes: str, lives: bool
) -> None:
    other = member(world.account, Role.OWNER)
    asked: Invitation = world.things["invitation"]
    Invitation.objects.filter(pk=asked.pk).update(invited_by=other.user, role=invited)
    team.membership_set(actor=world.person("owner"), membership=other, role=becomes, all_domains=True)
    asked.refresh_from_db()
    assert (asked.revoked_at is None) is lives
