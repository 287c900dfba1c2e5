"""Joining an account by a link that works once."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Invitation, Membership, User
from accounts.team import invitations
from lib.errors import Denied, Refused
from notices import composing
from notices.models import Notice
from tests.accounts.house import BACKEND, House, browser, house, just_signed_in

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


def test_an_invitation_is_mailed_with_a_link_that_is_kept_nowhere(world: House) -> None:
    asked = _ask(world)
    notice = Notice.objects.get(kind="invitation")
    assert notice.to == asked.email == "eve@people.test"
    token = invitations.token_of(asked)
    assert token not in str(vars(notice))
    assert asked.nonce not in str(vars(notice))
    mail = composing.compose(notice)
    assert mail is not None
    assert reverse("invitation", args=[token]).rpartition(":")[0] in str(mail.body)
    assert world.account.name in str(mail.body)


def test_a_mail_of_an_invitation_taken_back_is_not_sent(world: House) -> None:
    asked = _ask(world)
    invitations.invitation_revoke(actor=world.person("owner"), invitation=asked)
    assert composing.compose(Notice.objects.get(kind="invitation")) is None


@pytest.mark.parametrize(
    ("who", "role"),
    [
        ("manager", Role.OWNER),
        ("creator", Role.READER),
        ("reader", Role.READER),
        ("manager here", Role.READER),
        ("reseller creator", Role.READER),
        ("stranger", Role.READER),
        ("other reseller", Role.READER),
    ],
)
def test_nobody_invites_above_their_own_role_or_without_the_right(world: House, who: str, role: str) -> None:
    with pytest.raises(Denied):
        _ask(world, who, role=role)
    assert Invitation.objects.count() == 1
    assert not Notice.objects.exists()


@pytest.mark.parametrize("email", ["", "x", "a@b", "a@b c.test", "<a@b.test>", "a@b.test\nBcc: c@d.test"])
def test_addresses_that_are_none_are_refused(world: House, email: str) -> None:
    with pytest.raises(Refused) as refused:
        _ask(world, email=email)
    assert refused.value.field == "email"


def test_members_and_those_asked_already_are_not_asked_again(world: House) -> None:
    for email in (world.people["reader"].email.upper(), "NEW@people.test"):
        with pytest.raises(Refused) as refused:
            _ask(world, email=email)
        assert refused.value.field == "email"


def test_one_that_is_too_old_makes_room_for_another(world: House) -> None:
    old = world.things["invitation"]
    Invitation.objects.filter(pk=old.pk).update(expires_at=timezone.now() - timedelta(seconds=1))
    new = _ask(world, email=old.email)
    assert new.pk != old.pk
    old.refresh_from_db()
    assert old.revoked_at


def test_nobody_writes_to_half_the_world(world: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(invitations, "MOST_A_DAY", 3)
    _ask(world, email="a@people.test")
    _ask(world, email="b@people.test")
    with pytest.raises(Refused, match="enough for one day"):
        _ask(world, email="c@people.test")


def test_sent_again_the_first_link_is_dead(world: House) -> None:
    asked = world.things["invitation"]
    first = _path(asked)
    again = invitations.invitation_resend(actor=world.person("manager"), invitation=asked)
    assert browser().get(first).status_code == 404
    assert browser().get(_path(again)).status_code == 200
    with pytest.raises(Refused):
        invitations.invitation_resend(actor=world.person("manager"), invitation=asked)


def test_a_manager_neither_takes_back_nor_resends_what_makes_an_owner(world: House) -> None:
    asked = _ask(world, role=Role.OWNER)
    for service in (invitations.invitation_revoke, invitations.invitation_resend):
        with pytest.raises(Denied):
            service(actor=world.person("manager"), invitation=asked)
    asked.refresh_from_db()
    assert asked.revoked_at is None


@pytest.mark.parametrize("name", ["invitation-revoke", "invitation-resend"])
@pytest.mark.parametrize("who", ["stranger", "other reseller"])
def test_others_find_no_invitation(world: House, name: str, who: str) -> None:
    path = reverse(name, args=[world.things["invitation"].pk])
    assert world.client(who).post(path).status_code == 404
    assert world.client(who).get(path).status_code == 404


def test_inviting_asks_for_the_password_again(world: House) -> None:
    client = world.client("owner", fresh=False)
    response = client.post(reverse("team-invite"), {"email": "e@p.test", "role": "reader", "reach": "all"})
    assert response.headers["Location"].startswith(reverse("account_reauthenticate"))
    assert Invitation.objects.count() == 1


def test_inviting_by_the_page_takes_no_more_than_it_asks_for(world: House) -> None:
    sent = {
        "email": "eve@people.test",
        "role": "reader",
        "reach": "some",
        "domains": [world.domains["two.test"].pk],
        "account": world.accounts["stranger"].pk,
        "nonce": "known",
        "accepted_at": "2020-01-01",
        "invited_by": world.people["owner"].pk,
        "expires_at": "2099-01-01",
    }
    assert world.client("manager").post(reverse("team-invite"), sent).status_code == 302
    made = Invitation.objects.get(email="eve@people.test")
    assert (made.account, made.invited_by) == (world.account, world.people["manager"])
    assert (made.all_domains, made.domain_ids) == (False, [world.domains["two.test"].pk])
    assert made.nonce != "known"
    assert made.expires_at < timezone.now() + timedelta(days=8)
