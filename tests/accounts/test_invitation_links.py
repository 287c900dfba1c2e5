"""The page behind an invitation's link: it works once, for one address, and otherwise is not there."""

from __future__ import annotations

import io
import logging
import threading
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.core import signing
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts import team
from accounts.models import Invitation, Membership, User
from accounts.team import invitations
from lib.errors import Refused
from lib.logs import TokenFilter
from tests.accounts.house import BACKEND, House, browser, house, just_signed_in, member

pytestmark = pytest.mark.django_db
Role = Membership.Role
WORDS = "tulip harbour candle nine"


@pytest.fixture
def world() -> House:
    return house()


def _ask(world: House, who: str = "owner", **values: Any) -> Invitation:
    first: dict[str, Any] = {"email": "Eve@People.Test", "role": Role.MANAGER, "all_domains": True}
    values = first | values
    return invitations.invitation_send(actor=world.person(who), account=world.account, **values)


def _path(invitation: Invitation) -> str:
    return reverse("invitation", args=[invitations.token_of(invitation)])


def _signed_in(user: User) -> Client:
    client = browser()
    client.force_login(user, backend=BACKEND)
    just_signed_in(client)
    return client


def test_a_new_person_joins_and_is_signed_in(world: House) -> None:
    path = _path(_ask(world, role=Role.CREATOR, all_domains=False, domains=[world.domains["one.test"]]))
    client = browser()
    page = client.get(path)
    assert world.account.name in page.content.decode()
    assert page.headers["Referrer-Policy"] == "strict-origin"
    assert "no-store" in page.headers["Cache-Control"]
    response = client.post(path, {"name": "Eve", "password": WORDS})
    assert response.status_code == 302
    person = User.objects.get(email="eve@people.test")
    place = person.memberships.get()
    assert (place.account, place.role, place.all_domains) == (world.account, Role.CREATOR, False)
    assert list(place.domains.all()) == [world.domains["one.test"]]
    assert client.session["_auth_user_id"] == str(person.pk)
    assert EmailAddress.objects.get(user=person).verified
    assert browser().get(path).status_code == 404


@pytest.mark.parametrize(
    "sent",
    [
        {"name": "Eve", "password": ""},
        {"name": "Eve", "password": "short"},
        {"name": "Eve", "password": "password123"},
        {"name": "", "password": WORDS},
        {"name": "x" * 121, "password": WORDS},
        {"name": "E\x00ve", "password": WORDS},
    ],
)
def test_what_is_wrong_comes_back_at_its_field(world: House, sent: dict[str, str]) -> None:
    path = _path(_ask(world))
    response = browser().post(path, sent)
    assert response.status_code == 200
    assert response.context["form"].errors
    assert not User.objects.filter(email="eve@people.test").exists()
    assert browser().get(path).status_code == 200
    if len(sent["password"]) > 5:
        assert sent["password"] not in response.content.decode()


def test_the_page_takes_no_more_than_it_asks_for(world: House) -> None:
    sent = {
        "name": "Eve",
        "password": WORDS,
        "role": "owner",
        "email": "boss@people.test",
        "account": world.accounts["reseller"].pk,
        "is_staff": "1",
        "is_superuser": "1",
        "all_domains": "1",
    }
    browser().post(_path(_ask(world, role=Role.READER)), sent)
    person = User.objects.get(email="eve@people.test")
    assert not person.is_staff
    assert not person.is_superuser
    assert (person.memberships.get().role, person.memberships.get().account) == (Role.READER, world.account)


def test_somebody_known_signs_in_first_and_then_accepts(world: House) -> None:
    eve = member(world.accounts["stranger"], Role.OWNER, email="eve@people.test").user
    path = _path(_ask(world))
    page = browser().get(path)
    assert reverse("account_login") in page.content.decode()
    assert browser().post(path, {"name": "Eve", "password": WORDS}).status_code == 200
    assert not Membership.objects.filter(account=world.account, user=eve).exists()
    client = _signed_in(eve)
    assert client.get(path).status_code == 200
    assert not Membership.objects.filter(account=world.account, user=eve).exists()
    assert client.post(path).status_code == 302
    assert Membership.objects.get(account=world.account, user=eve).role == Role.MANAGER
    assert client.get(path).status_code == 404
    assert client.get(reverse("mailboxes", args=["one.test"])).status_code == 200


@pytest.mark.parametrize("who", ["stranger", "owner", "reader"])
def test_somebody_signed_in_with_another_address_is_told_and_nothing_happens(world: House, who: str) -> None:
    asked = _ask(world)
    client = world.client(who)
    page = client.get(_path(asked))
    assert "is for" in page.content.decode()
    assert client.post(_path(asked), {"name": "Eve", "password": WORDS}).status_code == 403
    with pytest.raises(Refused):
        invitations.invitation_accept(actor=world.person(who), token=invitations.token_of(asked))
    asked.refresh_from_db()
    assert asked.accepted_at is None
    assert not User.objects.filter(email="eve@people.test").exists()


def test_an_invitation_never_changes_a_place_that_is_there(world: House) -> None:
    asked = _ask(world, role=Role.READER)
    eve = member(world.account, Role.OWNER, email="eve@people.test").user
    response = _signed_in(eve).post(_path(asked))
    assert response.status_code == 200
    assert Membership.objects.get(account=world.account, user=eve).role == Role.OWNER


def _forged(asked: Invitation) -> Iterator[str]:
    token = invitations.token_of(asked)
    yield token[:-1] + ("A" if token[-1] != "A" else "B")
    yield token + "x"
    yield signing.dumps([asked.pk, "n" * 43], salt=invitations._SALT)
    yield signing.dumps([asked.pk, asked.nonce], salt="another")
    yield signing.dumps([10**9, asked.nonce], salt=invitations._SALT)
    yield signing.dumps([None, asked.nonce], salt=invitations._SALT)
    yield signing.dumps({"pk": asked.pk}, salt=invitations._SALT)
    yield signing.dumps("x", salt=invitations._SALT)
    yield f"{asked.pk}"
    yield f"{asked.pk}:{asked.nonce}"


def test_a_link_that_does_not_work_is_a_404_that_tells_nothing(world: House) -> None:
    asked = _ask(world)
    missing = browser().get("/invitations/nothing/").content.decode().replace("nothing", "")
    for token in _forged(asked):
        path = reverse("invitation", args=[token])
        for response in (browser().get(path), browser().post(path, {"name": "E", "password": WORDS})):
            assert response.status_code == 404, token
        assert world.account.name not in browser().get(path).content.decode()
    assert world.account.name not in missing


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(token=st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=80))
def test_no_text_is_a_token(db: None, token: str) -> None:
    assert invitations.invitation_by(token) is None


@pytest.mark.parametrize("end", ["accepted", "revoked", "old", "deleted", "asleep", "reseller asleep"])
def test_a_link_dies(world: House, end: str) -> None:
    asked = _ask(world)
    now = timezone.now()
    rows = Invitation.objects.filter(pk=asked.pk)
    accounts = type(world.account).objects
    if end == "accepted":
        rows.update(accepted_at=now)
    elif end == "revoked":
        rows.update(revoked_at=now)
    elif end == "old":
        rows.update(expires_at=now - timedelta(seconds=1))
    elif end == "deleted":
        accounts.filter(pk=world.account.pk).update(deleted_at=now)
    else:
        who = world.accounts["client" if end == "asleep" else "reseller"]
        accounts.filter(pk=who.pk).update(no_sign_in=True, suspended_at=now)
    assert browser().get(_path(asked)).status_code == 404
    assert browser().post(_path(asked), {"name": "Eve", "password": WORDS}).status_code == 404


def test_domains_that_are_gone_leave_nothing_to_join(world: House) -> None:
    one, two = world.domains["one.test"], world.domains["two.test"]
    asked = _ask(world, role=Role.READER, all_domains=False, domains=[one, two])
    type(two).objects.filter(pk=two.pk).update(account=world.accounts["stranger"])
    browser().post(_path(asked), {"name": "Eve", "password": WORDS})
    assert list(User.objects.get(email="eve@people.test").memberships.get().domains.all()) == [one]
    other = _ask(world, email="fay@people.test", role=Role.READER, all_domains=False, domains=[one])
    type(one).objects.filter(pk=one.pk).update(account=world.accounts["stranger"])
    assert browser().post(_path(other), {"name": "Fay", "password": WORDS}).status_code == 200
    assert not User.objects.filter(email="fay@people.test").exists()


def test_a_form_from_elsewhere_is_refused(world: House) -> None:
    client = Client(headers={"host": "localhost"}, enforce_csrf_checks=True)
    client.defaults["wsgi.url_scheme"] = "https"
    assert client.post(_path(_ask(world)), {"name": "Eve", "password": WORDS}).status_code == 403
    assert not User.objects.filter(email="eve@people.test").exists()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("known", [True, False])
def test_of_two_who_come_at_once_one_gets_in(known: bool) -> None:
    world = house()
    token = invitations.token_of(_ask(world))
    eve = member(world.accounts["stranger"], Role.OWNER, email="eve@people.test").user if known else None
    gate = threading.Barrier(4)
    outcomes: list[Any] = []

    def come() -> None:
        try:
            gate.wait(timeout=20)
            if eve is not None:
                outcomes.append(invitations.invitation_accept(actor=User.objects.get(pk=eve.pk), token=token))
            else:
                outcomes.append(invitations.invitation_accept_new(token=token, name="Eve", password=WORDS))
        except Refused as refused:
            outcomes.append(refused)
        finally:
            connection.close()

    threads = [threading.Thread(target=come) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert len(outcomes) == 4
    assert len([one for one in outcomes if one is not None and not isinstance(one, Refused)]) == 1
    assert Membership.objects.filter(account=world.account, user__email="eve@people.test").count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_owners_who_leave_at_once_leave_one_behind() -> None:
    world = house()
    places = [world.places["owner"], member(world.account, Role.OWNER)]
    gate = threading.Barrier(2)
    refused: list[Refused] = []

    def leave(place: Membership) -> None:
        try:
            gate.wait(timeout=20)
            team.membership_remove(actor=User.objects.get(pk=place.user_id), membership=place)
        except Refused as error:
            refused.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=leave, args=[place]) for place in places]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert len(refused) == 1
    assert Membership.objects.filter(account=world.account, role=Role.OWNER).count() == 1


def test_no_log_has_a_link_that_still_works(world: House) -> None:
    """Also with what a mail program added to it; the panel writes down what it refuses."""
    path = _path(_ask(world))
    token = path.split("/")[2]
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    handler.addFilter(TokenFilter())
    logging.getLogger().addHandler(handler)
    try:
        _signed_in(world.person("reader")).post(path)
        Client(enforce_csrf_checks=True).post(path, secure=True)
        for wrong in (f"{path}).", path.replace(token, f"{token}x")):
            browser().get(wrong)
    finally:
        logging.getLogger().removeHandler(handler)
    assert written.getvalue().count("/invitations/…") >= 4
    assert token not in written.getvalue()
