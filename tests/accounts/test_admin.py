"""The provider's desk: for whom it opens, and that it changes things through services."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.contrib import admin
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse

from accounts import services
from accounts.models import Account, User
from accounts.models.limits import MOST
from tests.factories import AccountFactory, DomainFactory, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(client: Client) -> Client:
    client.force_login(UserFactory.create(is_staff=True, is_superuser=True, email="ada@people.test"))
    return client


def test_strangers_sign_in_first(client: Client) -> None:
    for path, asked in (
        ("/admin/", "/admin/"),
        ("/admin/login/", "/admin/"),
        ("/admin/accounts/user/", "/admin/accounts/user/"),
    ):
        assert client.get(path, follow=True).redirect_chain[-1] == (
            f"/accounts/login/?{urlencode({'next': asked}, safe='/')}",
            302,
        )


def test_signing_in_leads_back_to_the_desk(client: Client) -> None:
    services.user_create(
        actor=None, email="ada@people.test", name="Ada", password="harina-violeta-91", is_staff=True
    )
    sign_in = client.get("/admin/accounts/", follow=True).redirect_chain[-1][0]
    answer = client.post(
        sign_in, {"login": "ada@people.test", "password": "harina-violeta-91", "next": "/admin/"}
    )
    assert answer.headers["Location"] == "/admin/"
    assert client.get("/admin/").status_code == 200
    assert client.get("/admin/login/").headers["Location"] == "/admin/"


@pytest.mark.parametrize(
    "path", ["/admin/", "/admin/login/", "/admin/accounts/user/", "/admin/accounts/account/add/"]
)
def test_customers_find_nothing(client: Client, path: str) -> None:
    client.force_login(UserFactory.create())
    assert client.get(path).status_code == 404


def test_every_list_opens(desk: Client) -> None:
    DomainFactory.create(account__reseller=None)
    assert desk.get("/admin/").status_code == 200
    for model in admin.site._registry:
        path = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
        assert desk.get(path).status_code == 200, path


def account_form(**changes: Any) -> dict[str, Any]:
    wanted = {
        "name": "Luna",
        "kind": "customer",
        "reseller": "",
        "storage_mb": 1000,
        "max_mailboxes": 5,
        "max_domains": 2,
        "owner_name": "Inés",
        "owner_email": "ines@luna.test",
        "password": "harina-violeta-91",
    }
    return wanted | changes


def test_an_account_is_made_with_its_owner(desk: Client) -> None:
    answer = desk.post("/admin/accounts/account/add/", account_form())
    assert answer.status_code == 302, answer.context["errors"]
    owner = Account.objects.get().members.get()
    assert owner.check_password("harina-violeta-91")
    assert EmailAddress.objects.get(user=owner).verified


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"password": "short"}, "too short"),
        ({"owner_email": "ada@people.test"}, "signs in with this address already"),
    ],
)
def test_what_a_service_refuses_is_said_at_the_field(
    desk: Client, changes: dict[str, Any], says: str
) -> None:
    answer = desk.post("/admin/accounts/account/add/", account_form(**changes))
    assert answer.status_code == 200
    assert says in answer.content.decode()
    assert not Account.objects.exists()


def test_limits_are_changed(desk: Client) -> None:
    account = AccountFactory.create()
    answer = desk.post(
        f"/admin/accounts/account/{account.pk}/change/",
        {name: getattr(account, name) for name in MOST}
        | {
            "name": "Luna",
            "storage_mb": 5,
            "max_mailboxes": 6,
            "max_domains": 7,
            "memberships-TOTAL_FORMS": 0,
            "memberships-INITIAL_FORMS": 0,
        },
    )
    assert answer.status_code == 302
    account.refresh_from_db()
    assert (account.name, account.storage_mb, account.max_mailboxes, account.max_domains) == ("Luna", 5, 6, 7)


def test_nobody_locks_themselves_out(desk: Client) -> None:
    ada = User.objects.get(email="ada@people.test")
    answer = desk.post(f"/admin/accounts/user/{ada.pk}/change/", {"name": "Ada"})
    assert "take your own access away" in answer.content.decode()
    ada.refresh_from_db()
    assert ada.is_active


def test_nothing_is_deleted_here(desk: Client) -> None:
    domain = DomainFactory.create()
    for path in (
        f"/admin/accounts/user/{UserFactory.create().pk}/delete/",
        f"/admin/accounts/account/{domain.account_id}/delete/",
        f"/admin/accounts/domain/{domain.pk}/delete/",
    ):
        assert desk.post(path, {"post": "yes"}).status_code == 403


def test_a_lost_second_step_is_taken_away_and_never_shown(desk: Client) -> None:
    key = Authenticator.objects.create(
        user=UserFactory.create(), type="totp", data={"secret": "JBSWY3DPEHPK3PXP"}
    )
    page = desk.get(f"/admin/mfa/authenticator/{key.pk}/change/").content.decode()
    assert "JBSWY3DPEHPK3PXP" not in page
    desk.post(f"/admin/mfa/authenticator/{key.pk}/delete/", {"post": "yes"})
    assert not Authenticator.objects.exists()


def test_what_would_go_around_our_services_is_not_there(desk: Client) -> None:
    for path in (
        "/admin/account/emailaddress/",
        "/admin/auth/group/",
        "/admin/sessions/session/",
        "/admin/usersessions/usersession/",
    ):
        assert desk.get(path).status_code == 404


def helper(client: Client, *codenames: str) -> User:
    """Somebody who works for the provider with these permissions alone, signed in."""
    person = UserFactory.create(is_staff=True)
    person.user_permissions.set(Permission.objects.filter(codename__in=codenames))
    assert person.user_permissions.count() == len(codenames)
    client.force_login(person)
    return person


def test_a_helper_takes_no_second_step_from_somebody_with_all_rights(client: Client) -> None:
    helper(client, "view_authenticator", "delete_authenticator")
    boss = UserFactory.create(is_staff=True, is_superuser=True)
    kept = Authenticator.objects.create(user=boss, type="totp", data={})
    lost = Authenticator.objects.create(user=UserFactory.create(), type="totp", data={})
    page = "/admin/mfa/authenticator/"
    assert boss.email not in client.get(page).content.decode()
    client.post(f"{page}{kept.pk}/delete/", {"post": "yes"})
    for pk in (kept.pk, lost.pk):
        client.post(page, {"action": "delete_selected", "_selected_action": pk, "post": "yes"})
    assert list(Authenticator.objects.values_list("pk", flat=True)) == [kept.pk]


def test_a_helper_makes_nobody_staff(client: Client) -> None:
    helper(client, "view_user", "change_user")
    friend = UserFactory.create()
    answer = client.post(
        f"/admin/accounts/user/{friend.pk}/change/", {"name": "Eva", "is_active": "on", "is_staff": "on"}
    )
    assert "Only somebody with all rights says who works" in answer.content.decode()
    assert not User.objects.get(pk=friend.pk).is_staff


def test_a_limit_that_is_sent_twice_is_refused(desk: Client) -> None:
    account = AccountFactory.create()
    path = f"/admin/accounts/account/{account.pk}/change/"
    answer = desk.post(path, {"name": "Luna", "max_domains": ["3", "900"]})
    assert "This came twice" in answer.content.decode()
