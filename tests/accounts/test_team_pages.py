"""The team's pages, and that no page takes more than it asks for."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import Membership
from tests.accounts.house import House, house, member

pytestmark = pytest.mark.django_db
Role = Membership.Role
RANKED = [Role.READER, Role.CREATOR, Role.MANAGER, Role.OWNER]


@pytest.fixture
def world() -> House:
    return house()


def test_the_team_page_shows_who_is_there_and_what_they_may(world: House) -> None:
    page = world.client("owner").get(reverse("team")).content.decode()
    for who in ("owner", "manager", "creator here"):
        assert world.people[who].email.partition("@")[0] in page
    assert "new@people.test".partition("@")[0] in page
    assert world.people["stranger"].email.partition("@")[0] not in page
    assert reverse("team-change", args=[world.places["manager"].pk]) in page


def test_a_manager_is_offered_nothing_about_owners(world: House) -> None:
    page = world.client("manager").get(reverse("team")).content.decode()
    assert reverse("team-change", args=[world.places["reader"].pk]) in page
    assert reverse("team-change", args=[world.places["owner"].pk]) not in page
    form = world.client("manager").get(reverse("team-invite")).content.decode()
    assert 'value="manager"' in form
    assert 'value="owner"' not in form


def test_a_reseller_opens_the_team_of_a_client(world: House) -> None:
    client = world.client("reseller manager")
    page = client.get(reverse("team"), {"account": world.account.pk})
    assert page.status_code == 200
    assert world.people["owner"].email.partition("@")[0] in page.content.decode()
    assert client.get(reverse("team"), {"account": world.accounts["stranger"].pk}).status_code == 404


@pytest.mark.parametrize("wanted", ["0", "x", "-1", "9" * 30, "1\x00"])
def test_an_account_that_is_none_is_not_found(world: House, wanted: str) -> None:
    assert world.client("owner").get(reverse("team"), {"account": wanted}).status_code == 404


def test_of_several_accounts_one_chooses(world: House) -> None:
    other = member(world.accounts["stranger"], Role.OWNER).account
    Membership.objects.create(account=other, user=world.people["owner"], role=Role.MANAGER)
    client = world.client("owner")
    page = client.get(reverse("team"), {"account": other.pk}).content.decode()
    assert f'<option value="{other.pk}" selected>' in page
    assert f'<option value="{world.account.pk}">' in page


def test_the_list_costs_the_same_however_long(world: House, django_assert_max_num_queries: Any) -> None:
    for _ in range(60):
        member(world.account, Role.READER, world.domains["one.test"])
    client = world.client("owner")
    with django_assert_max_num_queries(8):
        page = client.get(reverse("team"), {"account": world.account.pk})
    assert 'rel="next"' in page.content.decode()


def test_pages_of_the_team_hold_everybody_once(world: House) -> None:
    for _ in range(60):
        member(world.account, Role.READER)
    client, seen, path = world.client("owner"), [], f"{reverse('team')}?account={world.account.pk}"
    while path:
        found = client.get(path).context["team"]
        seen += [one.place.pk for one in found.members]
        path = f"{reverse('team')}{found.next}" if found.next else ""
    assert sorted(seen) == sorted(
        Membership.objects.filter(account=world.account).values_list("pk", flat=True)
    )
    back = client.get(f"{reverse('team')}{client.get(reverse('team')).context['team'].next}").context["team"]
    first = client.get(f"{reverse('team')}{back.previous}").context["team"]
    assert [one.place.pk for one in first.members] == seen[:50]


@pytest.mark.parametrize("field", ["name", "email"])
def test_search_finds_by_name_and_address(world: House, field: str) -> None:
    person = member(world.account, Role.READER, email="zacharias@people.test").user
    person.name = "Quirina Unusual"
    person.save()
    words = {"name": "quirina", "email": "zachar"}
    found = world.client("owner").get(reverse("team"), {"q": words[field]}).context["team"]
    assert [one.place.user for one in found.members] == [person]


def test_the_page_says_who_has_a_second_step(world: House) -> None:
    from allauth.mfa.models import Authenticator

    kinds = Authenticator.Type
    Authenticator.objects.create(user=world.people["manager"], type=kinds.TOTP, data={})
    Authenticator.objects.create(user=world.people["reader"], type=kinds.RECOVERY_CODES, data={})
    found = world.client("owner").get(reverse("team")).context["team"]
    steps = {one.place.user_id: one.second_step for one in found.members}
    assert steps[world.people["manager"].pk]
    assert not steps[world.people["reader"].pk]


@pytest.mark.parametrize("name", ["team-change", "team-remove"])
def test_changes_ask_for_the_password_again(world: House, name: str) -> None:
    path = reverse(name, args=[world.places["reader"].pk])
    client = world.client("owner", fresh=False)
    for response in (client.get(path), client.post(path, {"role": "owner", "reach": "all"})):
        assert response.status_code == 302
        assert response.headers["Location"].startswith(reverse("account_reauthenticate"))
    world.places["reader"].refresh_from_db()
    assert world.places["reader"].role == Role.READER


def test_changing_a_place_by_the_page(world: House) -> None:
    path = reverse("team-change", args=[world.places["reader"].pk])
    one = world.domains["one.test"]
    sent = {"role": "creator", "reach": "some", "domains": [one.pk]}
    assert world.client("manager").post(path, sent).status_code == 302
    place = Membership.objects.get(pk=world.places["reader"].pk)
    assert (place.role, place.all_domains, list(place.domains.all())) == (Role.CREATOR, False, [one])


@pytest.mark.parametrize(
    "sent",
    [
        {"role": "owner", "reach": "all"},
        {"role": "root", "reach": "all"},
        {"role": "", "reach": "all"},
        {"role": "reader", "reach": "some"},
        {"role": "reader", "reach": "everything"},
        {"role": "reader", "reach": "some", "domains": "strange"},
        {"role": "reader", "reach": "some", "domains": "x'; --"},
    ],
)
def test_bad_wishes_come_back_as_form_errors_and_change_nothing(world: House, sent: dict[str, Any]) -> None:
    strange = {"domains": world.domains["strange.test"].pk} if sent.get("domains") == "strange" else {}
    path = reverse("team-change", args=[world.places["creator"].pk])
    response = world.client("manager").post(path, sent | strange)
    assert response.status_code == 200
    assert response.context["form"].errors
    world.places["creator"].refresh_from_db()
    assert (world.places["creator"].role, world.places["creator"].all_domains) == (Role.CREATOR, True)


def test_more_fields_than_the_form_has_change_nothing(world: House) -> None:
    place = world.places["reader"]
    sent = {
        "role": "reader",
        "reach": "all",
        "user": world.people["stranger"].pk,
        "user_id": world.people["stranger"].pk,
        "account": world.accounts["stranger"].pk,
        "account_id": world.accounts["stranger"].pk,
        "owner": "1",
        "is_staff": "1",
        "is_superuser": "1",
        "created_at": (timezone.now() - timedelta(days=400)).isoformat(),
    }
    world.client("owner").post(reverse("team-change", args=[place.pk]), sent)
    after = Membership.objects.get(pk=place.pk)
    assert (after.user_id, after.account_id, after.created_at) == (
        place.user_id,
        place.account_id,
        place.created_at,
    )
    assert not world.person("reader").is_superuser


PROFILE = {
    "role": "owner",
    "is_staff": "1",
    "is_superuser": "1",
    "is_active": "",
    "email": "somebody@else.test",
    "account": "1",
    "verified": "1",
    "groups": "1",
    "password": "a new long password",
}


def test_a_profile_takes_no_more_than_it_asks_for(world: House) -> None:
    before = world.person("reader")
    world.client("reader").post(reverse("profile"), PROFILE | {"name": "Another Name", "theme": "dark"})
    after = world.person("reader")
    assert after.name == "Another Name"
    assert (after.email, after.is_staff, after.is_superuser, after.is_active, after.password) == (
        before.email,
        False,
        False,
        True,
        before.password,
    )
    world.places["reader"].refresh_from_db()
    assert world.places["reader"].role == Role.READER


def test_a_new_mailbox_takes_no_more_than_it_asks_for(world: House) -> None:
    sent = {
        "local": "boris",
        "password": "tulip-harbour-candle-9",
        "quota_mb": "100 MB",
        "mail_domain": world.domains["two.test"].pk,
        "address": "boss@two.test",
        "password_hash": "x",
        "home": "/etc",
        "no_send": "1",
        "suspended_at": "2020-01-01",
    }
    world.client("creator").post(reverse("mailbox-new", args=["one.test"]), sent)
    from mailboxes.models import Mailbox

    made = Mailbox.objects.get(local="boris")
    assert made.address == "boris@one.test"
    assert made.home.startswith("one.test/")
    assert made.password_hash.startswith("{ARGON2ID}")
    assert made.suspended_at is None


def test_the_profile_lists_ones_accounts_with_the_way_out(world: House) -> None:
    page = world.client("reader").get(reverse("profile")).content.decode()
    assert world.account.name in page
    assert reverse("team-remove", args=[world.places["reader"].pk]) in page
