"""What services do, and what they refuse."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.db import connection, connections

from accounts import services
from accounts.models import Account, Domain, User
from lib.errors import Refused
from tests.factories import AccountFactory, DomainFactory, ResellerFactory, UserFactory


def new_account(**changes: Any) -> Account:
    wanted: dict[str, Any] = {
        "actor": None,
        "name": "Luna",
        "kind": "customer",
        "owner_email": "Ines@Luna.test",
        "owner_name": "Inés",
        "password": "harina-violeta-91",
        "storage_mb": 1000,
        "max_mailboxes": 5,
        "max_domains": 2,
    }
    return services.account_create(**wanted | changes)


@pytest.mark.django_db
class TestAccounts:
    def test_an_account_has_an_owner_who_can_sign_in(self) -> None:
        account = new_account()
        owner = account.members.get()
        assert owner.email == "ines@luna.test"
        assert owner.check_password("harina-violeta-91")
        assert owner.password.startswith("argon2$argon2id$v=19$m=19456,t=2,p=1$")
        assert EmailAddress.objects.get(user=owner).verified

    @pytest.mark.parametrize(
        ("changes", "field"),
        [
            ({"password": "short"}, "password"),
            ({"password": "password1234"}, "password"),
            ({"password": "ines@luna.test"}, "password"),
            ({"owner_email": "not an address"}, "owner_email"),
            ({"owner_email": "taken@luna.test"}, "owner_email"),
            ({"owner_email": "TAKEN@luna.test"}, "owner_email"),
        ],
    )
    def test_what_is_wrong_is_said_at_its_field_and_nothing_stays(
        self, changes: dict[str, Any], field: str
    ) -> None:
        UserFactory.create(email="taken@luna.test")
        with pytest.raises(Refused) as caught:
            new_account(**changes)
        assert caught.value.field == field
        assert not Account.objects.exists()
        assert User.objects.count() == 1

    def test_only_customers_stand_below_resellers(self) -> None:
        customer, reseller = AccountFactory.create(), ResellerFactory.create()
        assert new_account(reseller=reseller).reseller == reseller
        for changes in ({"reseller": customer}, {"reseller": reseller, "kind": "reseller"}):
            with pytest.raises(Refused) as caught:
                new_account(owner_email="other@luna.test", **changes)
            assert caught.value.field == "reseller"

    def test_nobody_takes_their_own_access_away(self) -> None:
        admin = UserFactory.create(is_staff=True, is_superuser=True)
        with pytest.raises(Refused):
            services.user_set(
                actor=admin, user=admin, name="", is_active=False, is_staff=True, is_superuser=True
            )

    def test_staff_cannot_make_themselves_almighty(self) -> None:
        staff = UserFactory.create(is_staff=True)
        with pytest.raises(Refused):
            services.user_set(
                actor=staff, user=staff, name="", is_active=True, is_staff=True, is_superuser=True
            )


@pytest.mark.django_db
class TestDomains:
    @pytest.mark.parametrize("typed", ["example.test", "EXAMPLE.test.", "example\uff0etest"])
    def test_a_name_is_taken_once_in_any_form(self, typed: str) -> None:
        account = AccountFactory.create()
        assert (
            services.domain_add(actor=UserFactory.create(), account=account, name="Example.test.").name
            == "example.test"
        )
        with pytest.raises(Refused, match="in this account already") as caught:
            services.domain_add(actor=UserFactory.create(), account=account, name=typed)
        assert caught.value.field == "name"

    def test_idn_in_both_forms_is_one_name(self) -> None:
        account = AccountFactory.create()
        domain = services.domain_add(actor=UserFactory.create(), account=account, name="panadería.test")
        assert (domain.name, domain.display_name) == ("xn--panadera-i2a.test", "panadería.test")
        with pytest.raises(Refused):
            services.domain_add(actor=UserFactory.create(), account=account, name="XN--panadera-i2a.test")

    @pytest.mark.parametrize(
        "typed", ["theirs.test", "mail.theirs.test", "a.b.theirs.test", "test-owner.test"]
    )
    def test_another_accounts_domain_and_what_touches_it(self, typed: str) -> None:
        DomainFactory.create(name="theirs.test")
        DomainFactory.create(name="deep.test-owner.test")
        with pytest.raises(Refused, match="in another account") as caught:
            services.domain_add(actor=UserFactory.create(), account=AccountFactory.create(), name=typed)
        assert caught.value.field == "name"

    def test_ones_own_domain_may_be_divided(self) -> None:
        account = AccountFactory.create()
        for name in ("luna.test", "shop.luna.test", "other-luna.test"):
            services.domain_add(actor=UserFactory.create(), account=account, name=name)
        assert account.domains.count() == 3

    @pytest.mark.parametrize(
        "typed",
        [
            "postroom.test",
            "PANEL.postroom.test.",
            "a.b.postroom.test",
            "host.local",
            "x.localhost",
            "1.168.192.in-addr.arpa",
            "x.onion",
            "x.internal",
            "x.invalid",
        ],
    )
    def test_our_own_and_special_names(self, typed: str) -> None:
        with pytest.raises(Refused) as caught:
            services.domain_add(actor=UserFactory.create(), account=AccountFactory.create(), name=typed)
        assert caught.value.field == "name"
        assert not Domain.objects.exists()

    @pytest.mark.parametrize("typed", ["host.nube.example", "example", "nube.example"])
    def test_the_panels_host_and_the_names_above_ours(self, settings: Any, typed: str) -> None:
        settings.PANEL_URL = "https://panel.host.nube.example:8443"
        settings.PROVIDER_DOMAIN = "mail.nube.example"
        with pytest.raises(Refused):
            services.domain_add(actor=UserFactory.create(), account=AccountFactory.create(), name=typed)

    def test_the_limit(self) -> None:
        account = AccountFactory.create(max_domains=1)
        domain = services.domain_add(actor=UserFactory.create(), account=account, name="one.test")
        with pytest.raises(Refused, match="may have 1 domains") as caught:
            services.domain_add(actor=UserFactory.create(), account=account, name="two.test")
        assert caught.value.field == ""
        services.domain_remove(actor=UserFactory.create(), domain=domain)
        services.domain_add(actor=UserFactory.create(), account=account, name="two.test")


def race(count: int, work: Any) -> list[str]:
    """``work(i)`` in ``count`` threads at once, each on its own connection: "" or what was refused."""
    barrier = Barrier(count)

    def one(i: int) -> str:
        try:
            barrier.wait(10)
            work(i)
        except Refused as refused:
            return refused.message
        finally:
            connections.close_all()
        return ""

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(one, range(count)))


@pytest.mark.django_db(transaction=True)
class TestRaces:
    def test_twenty_at_the_last_free_place(self) -> None:
        assert connection.vendor == "postgresql"
        account, actor = AccountFactory.create(max_domains=3), UserFactory.create()
        DomainFactory.create(account=account)
        DomainFactory.create(account=account)
        answers = race(20, lambda i: services.domain_add(actor=actor, account=account, name=f"race{i}.test"))
        assert answers.count("") == 1
        assert all("may have 3 domains and has 3" in answer for answer in answers if answer)
        assert account.domains.count() == 3

    def test_twenty_for_one_name_in_twenty_accounts(self) -> None:
        accounts, actor = [AccountFactory.create() for _ in range(20)], UserFactory.create()
        answers = race(20, lambda i: services.domain_add(actor=actor, account=accounts[i], name="one.test"))
        assert answers.count("") == 1
        assert Domain.objects.count() == 1

    def test_a_name_and_what_lies_below_it_in_two_accounts(self) -> None:
        accounts, actor = [AccountFactory.create() for _ in range(10)], UserFactory.create()
        answers = race(
            10,
            lambda i: services.domain_add(
                actor=actor, account=accounts[i], name="luna.test" if i % 2 else f"s{i}.luna.test"
            ),
        )
        names = set(Domain.objects.values_list("name", flat=True))
        assert answers.count("") == len(names)
        assert "luna.test" not in names or names == {"luna.test"}
