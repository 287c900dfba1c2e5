"""The provider's desk: for whom it opens, and that it changes things through services."""

from __future__ import annotations

from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.contrib import admin
from django.test import Client
from django.urls import reverse

from accounts.models import Account, User
from tests.factories import AccountFactory, DomainFactory, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(client: Client) -> Client:
    client.force_login(UserFactory(is_staff=True, is_superuser=True, email="ada@people.test"))
    return client


def test_strangers_sign_in_first(client: Client) -> None:
    for path in ("/admin/", "/admin/login/", "/admin/accounts/user/"):
        assert client.get(path).headers["Location"].startswith("/accounts/login/?next=/admin/")


@pytest.mark.parametrize("path", ["/admin/", "/admin/login/", "/admin/accounts/user/", "/admin/accounts/account/add/"])
def test_customers_find_nothing(client: Client, path: str) -> None:
    client.force_login(UserFactory())
    assert client.get(path).status_code == 404


def test_every_list_opens(desk: Client) -> None:
    DomainFactory(account__reseller=None)
    assert desk.get("/admin/").status_code == 200
    for model in admin.site._registry:
        path = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
        assert desk.get(path).status_code == 200, path


def account_form(**changes: Any) -> dict[str, Any]:
    wanted = {
        "name": "Luna", "kind": "customer", "reseller": "", "storage_mb": 1000, "max_mailboxes": 5, "max_domains": 2,
        "owner_name": "Inés", "owner_email": "ines@luna.test", "password": "harina-violeta-91",
    }
    return wanted | changes


def test_an_account_is_made_with_its_owner(desk: Client) -> None:
    answer = desk.post("/admin/accounts/account/add/", account_form())
    assert answer.status_code == 302, answer.context["errors"]
    owner = Account.objects.get().members.get()
    assert owner.check_password("harina-violeta-91")
    assert EmailAddress.objects.get(user=owner).verified


@pytest.mark.parametrize(("changes", "says"), [({"password": "short"}, "too short"), ({"owner_email": "ada@people.test"}, "signs in with this address already")])
def test_what_a_service_refuses_is_said_at_the_field(desk: Client, changes: dict[str, Any], says: str) -> None:
    answer = desk.post("/admin/accounts/account/add/", account_form(**changes))
    assert answer.status_code == 200
    assert says in answer.content.decode()
    assert not Account.objects.exists()


def test_limits_are_changed(desk: Client) -> None:
    account = AccountFactory()
    answer = desk.post(f"/admin/accounts/account/{account.pk}/change/", {
        "name": "Luna", "storage_mb": 5, "max_mailboxes": 6, "max_domains": 7, "memberships-TOTAL_FORMS": 0, "memberships-INITIAL_FORMS": 0,
    })
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
    domain = DomainFactory()
    for path in (f"/admin/accounts/user/{UserFactory().pk}/delete/", f"/admin/accounts/account/{domain.account_id}/delete/", f"/admin/accounts/domain/{domain.pk}/delete/"):
        assert desk.post(path, {"post": "yes"}).status_code == 403
