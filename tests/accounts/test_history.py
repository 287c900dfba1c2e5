"""Who changed what: kept by the database itself, without secrets."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.apps import apps
from django.db import models
from django.test import Client
from django.urls import reverse
from pghistory.models import Events, MiddlewareEvents

from accounts import domains, services
from accounts.limits import limits_of
from accounts.models import Account, Domain, User
from lib.history import acting
from tests.factories import AccountFactory, UserFactory

pytestmark = pytest.mark.django_db


def tracked(thing: models.Model) -> Any:
    return Events.objects.tracks(thing)  # type: ignore[no-untyped-call]  # pghistory is half typed


def test_a_request_leaves_its_person_and_its_page(client: Client) -> None:
    person = UserFactory.create(name="before")
    client.force_login(person)
    client.post(reverse("profile") + "?secret=in-the-query", {"name": "after", "theme": ""})
    event = tracked(person).get(pgh_label="update")
    assert event.pgh_data["name"] == "after"
    assert event.pgh_context == {"user": person.pk, "url": "/profile/", "ip": "127.0.0.1"}


def test_work_without_a_request_says_whose_it_is() -> None:
    person, account = UserFactory.create(), AccountFactory.create()
    with acting(person, "command demo"):
        domain = domains.domain_add(actor=None, account=account, name="luna.test", proof=Domain.Proof.TRUSTED)
    event = tracked(domain).get()
    assert event.pgh_label == "insert"
    assert event.pgh_context == {"user": person.pk, "url": "command demo"}


def test_what_is_deleted_stays_in_the_history() -> None:
    account = AccountFactory.create()
    domain = domains.domain_add(actor=None, account=account, name="luna.test", proof=Domain.Proof.TRUSTED)
    pk = domain.pk
    domains.domain_remove(actor=None, domain=domain)
    assert list(
        apps.get_model("accounts", "DomainEvent")
        .objects.filter(pgh_obj_id=pk)
        .values_list("name", "pgh_label")
    ) == [("luna.test", "insert"), ("luna.test", "delete")]


def test_passwords_are_nowhere_in_it(client: Client) -> None:
    person = services.user_create(
        actor=None, email="ines@luna.test", name="Inés", password="harina-violeta-91"
    )
    client.post("/accounts/login/", {"login": "ines@luna.test", "password": "harina-violeta-91"})
    new = "otra-harina-roja-7"
    client.post(
        reverse("account_change_password"),
        {"oldpassword": "harina-violeta-91", "password1": new, "password2": new},
    )
    person.refresh_from_db()
    assert person.check_password(new)
    kept = json.dumps([[e.pgh_data, e.pgh_context] for e in Events.objects.all()], default=str)
    assert person.email in kept
    for secret in ("harina-violeta-91", new, "argon2", person.password):
        assert secret not in kept


def test_no_history_table_keeps_a_secret() -> None:
    for model in apps.get_models():
        if hasattr(model, "pgh_tracked_model"):
            names = {field.name for field in model._meta.get_fields()}
            assert not {name for name in names if name.endswith(("password", "hash", "secret", "token"))}, (
                model
            )


def test_the_desk_shows_who_what_when_where(client: Client) -> None:
    admin = UserFactory.create(is_staff=True, is_superuser=True, email="ada@people.test", name="")
    client.force_login(admin)
    account = AccountFactory.create(name="Luna")
    client.post(
        f"/admin/accounts/account/{account.pk}/change/",
        {
            **limits_of(account),
            "name": "Luna y Sol",
            "memberships-TOTAL_FORMS": 0,
            "memberships-INITIAL_FORMS": 0,
        },
    )
    assert Account.objects.get().name == "Luna y Sol"
    page = client.get(reverse("admin:pghistory_middlewareevents_changelist")).content.decode()
    assert "Luna y Sol" in page
    assert "ada@people.test" in page
    assert f"/admin/accounts/account/{account.pk}/change/" in page
    assert MiddlewareEvents.objects.filter(user=admin).exists()
    assert User.objects.count() == 1
