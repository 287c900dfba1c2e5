"""What services do, and what they refuse."""

from __future__ import annotations

from typing import Any

import pytest
from allauth.account.models import EmailAddress

from accounts import services
from accounts.models import Account, User
from lib.errors import Refused
from tests.factories import AccountFactory, ResellerFactory, UserFactory


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
