"""Who reaches the pages of clients and plans: each sort of person, at each address, by each verb."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Account, Plan
from tests.factories import (
    AccountFactory,
    MembershipFactory,
    ResellerFactory,
    UserFactory,
)
from tests.panel.clienthouse import get, names
from tests.panel.people import Person, person

pytestmark = pytest.mark.django_db


WITH_CLIENT = [
    "client",
    "client-name",
    "client-plan",
    "client-limits",
    "client-suspend",
    "client-resume",
    "client-delete",
    "client-restore",
    "client-act",
]
WITH_PLAN = ["plan", "plan-copy", "plan-delete"]
OWN = ["clients", "client-new", "clients-export", "clients-bulk", "plans", "plan-new"]


class TestWho:
    """The client's owner, another customer, the reseller's reader and maker, another reseller, anonymous."""

    @pytest.mark.parametrize("method", ["get", "head", "post", "put", "patch", "delete", "options"])
    @pytest.mark.parametrize("name", [*WITH_CLIENT, *WITH_PLAN])
    def test_what_is_anothers_is_not_there(self, sol: Account, small: Plan, name: str, method: str) -> None:
        pk = sol.pk if name in WITH_CLIENT else small.pk
        for stranger in (person(), person(ResellerFactory.create())):
            answer = getattr(stranger.client, method)(reverse(name, args=[pk]))
            missing = getattr(stranger.client, method)(reverse(name, args=[10**12]))
            assert answer.status_code == missing.status_code
            assert answer.status_code == 404
        sol.refresh_from_db()
        assert (sol.name, sol.plan, sol.deleted_at) == ("Taller Sol", small, None)

    @pytest.mark.parametrize("role", ["reader", "creator"])
    @pytest.mark.parametrize("name", [*WITH_CLIENT, *WITH_PLAN, *OWN])
    def test_who_only_looks_changes_nothing(
        self, rosa: Person, sol: Account, small: Plan, name: str, role: str
    ) -> None:
        reader = person(rosa.account)
        reader.user.memberships.update(role=role)
        args = [sol.pk] if name in WITH_CLIENT else [small.pk] if name in WITH_PLAN else []
        for answer in (
            reader.client.get(reverse(name, args=args)),
            reader.client.post(reverse(name, args=args)),
        ):
            assert answer.status_code in {403, 404, 405}

    @pytest.mark.parametrize("name", [*WITH_CLIENT, *OWN])
    def test_a_client_is_no_reseller(self, sol: Account, name: str) -> None:
        owner = person(sol)
        args = [sol.pk] if name in WITH_CLIENT else []
        for answer in (
            owner.client.get(reverse(name, args=args)),
            owner.client.post(reverse(name, args=args)),
        ):
            assert answer.status_code in {403, 405}

    @pytest.mark.parametrize("name", [*WITH_CLIENT, *WITH_PLAN, *OWN, "limits", "acting-stop"])
    def test_nobody_signed_in(self, sol: Account, small: Plan, name: str) -> None:
        args = [sol.pk] if name in WITH_CLIENT else [small.pk] if name in WITH_PLAN else []
        for method in ("get", "post"):
            answer = getattr(Client(), method)(reverse(name, args=args))
            assert answer.status_code in {302, 405}
            assert answer.status_code == 405 or answer.headers["Location"].startswith(
                reverse("account_login")
            )

    @pytest.mark.parametrize("name", [*WITH_CLIENT, *OWN])
    def test_a_sleeping_reseller_sees_nothing(self, rosa: Person, sol: Account, name: str) -> None:
        Account.objects.filter(pk=rosa.account.pk).update(no_sign_in=True, suspended_at=timezone.now())
        args = [sol.pk] if name in WITH_CLIENT else []
        answer = rosa.client.get(reverse(name, args=args))
        assert answer.status_code in {302, 403, 404, 405}
        assert "Taller Sol" not in answer.content.decode()

    def test_the_provider_comes_from_its_desk(self, rosa: Person, sol: Account) -> None:
        client = Client()
        client.force_login(UserFactory.create(is_staff=True, is_superuser=True))
        assert client.get(reverse("clients")).status_code == 403
        answer = client.get(reverse("clients") + f"?account={rosa.account.pk}")
        assert "Taller Sol" in answer.content.decode()
        assert client.get(reverse("clients") + f"?account={sol.pk}").status_code == 404
        assert client.get(reverse("client", args=[sol.pk])).status_code == 200
        assert client.get(reverse("client", args=[rosa.account.pk])).status_code == 200

    def test_every_change_needs_the_forms_token(self, rosa: Person, sol: Account, small: Plan) -> None:
        strict = Client(enforce_csrf_checks=True)
        strict.force_login(rosa.user)
        for name in (*WITH_CLIENT[1:], *WITH_PLAN, "client-new", "clients-bulk", "plan-new", "acting-stop"):
            args = [sol.pk] if name in WITH_CLIENT else [small.pk] if name in WITH_PLAN else []
            assert strict.post(reverse(name, args=args), {"name": "x"}).status_code == 403, name

    def test_a_member_of_two_resellers_chooses(self, rosa: Person, sol: Account) -> None:
        other = ResellerFactory.create(name="Zeta")
        MembershipFactory.create(account=other, user=rosa.user)
        AccountFactory.create(name="Far away", reseller=other)
        assert names(get(rosa, "clients")) == ["Taller Sol"]
        html = get(rosa, "clients", query=f"?account={other.pk}")
        assert names(html) == ["Far away"]
        assert f"?account={other.pk}" in html
