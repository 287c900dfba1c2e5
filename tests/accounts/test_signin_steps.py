"""Second steps: codes cannot be guessed, and a provider can ask for one by role."""

from __future__ import annotations

from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import (
    TOTP,
    format_hotp_value,
    generate_totp_secret,
    hotp_value,
    yield_hotp_counters_from_time,
)
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts import services
from accounts.models import Account, Membership, SignInRules, User
from accounts.signin import rules, throttle
from lib.errors import Denied, Refused
from tests.accounts.test_signin_tries import ATTACKER, HOME, PASSWORD, sign_in
from tests.factories import AccountFactory, MembershipFactory, ResellerFactory, UserFactory

pytestmark = pytest.mark.django_db
CODE = "/accounts/2fa/authenticate/"


@pytest.fixture
def ines() -> User:
    return services.user_create(actor=None, email="ines@luna.test", name="Inés", password=PASSWORD)


@pytest.fixture
def provider() -> User:
    return UserFactory.create(is_staff=True, is_superuser=True)


def with_step(user: User) -> str:
    secret = str(generate_totp_secret())
    TOTP.activate(user, secret)
    return secret


def code_now(secret: str) -> str:
    return str(format_hotp_value(hotp_value(secret, next(yield_hotp_counters_from_time()))))


def try_code(browser: Client, code: str, ip: str) -> Any:
    return browser.post(CODE, {"code": code}, REMOTE_ADDR=ip)


def test_codes_cannot_be_guessed(ines: User) -> None:
    with_step(ines)
    browser = Client()
    assert sign_in(browser, ip=ATTACKER).headers["Location"] == CODE
    answers = [try_code(browser, "000000", ATTACKER).status_code for _n in range(6)]
    assert answers == [200] * 5 + [429]


def test_many_networks_together_get_one_code_a_minute(ines: User) -> None:
    secret = with_step(ines)
    home = Client()
    sign_in(home, ip=HOME)
    assert try_code(home, code_now(secret), HOME).status_code == 302
    home.post(reverse("account_logout"))
    for n in range(19):  # as the form counts them, without the form
        throttle.take(throttle.CODE, login=ines.email, network=f"198.51.{n}.1/32")
    other = Client()
    sign_in(other, ip="198.51.199.1")
    assert try_code(other, "000000", "198.51.199.1").status_code == 200
    late = Client()
    sign_in(late, ip="198.51.200.1")
    assert try_code(late, code_now(secret), "198.51.200.1").status_code == 429
    sign_in(home, ip=ATTACKER)
    assert try_code(home, RecoveryCodes.activate(ines).get_unused_codes()[0], ATTACKER).status_code == 302


def test_a_recovery_code_works_once(ines: User) -> None:
    with_step(ines)
    code = RecoveryCodes.activate(ines).get_unused_codes()[0]
    for status in (302, 200):
        browser = Client()
        sign_in(browser)
        assert try_code(browser, code, HOME).status_code == status


def signed_in(user: User) -> Client:
    browser = Client()
    browser.force_login(user)
    return browser


ROLE = Membership.Role


@pytest.mark.parametrize(
    ("rule", "kind", "role"),
    [
        ("owner", "customer", ROLE.OWNER),
        ("manager", "customer", ROLE.MANAGER),
        ("creator", "customer", ROLE.CREATOR),
        ("reader", "customer", ROLE.READER),
        ("reseller", "reseller", ROLE.READER),
    ],
)
def test_who_needs_a_step_is_led_to_set_one_up(provider: User, rule: str, kind: str, role: str) -> None:
    account = (ResellerFactory if kind == "reseller" else AccountFactory).create()
    person = MembershipFactory.create(account=account, role=role).user
    browser = signed_in(person)
    assert browser.get("/").status_code == 200
    rules.rules_set(actor=provider, roles=[rule])
    assert browser.get("/").headers["Location"] == reverse("second-step")
    page = browser.get(reverse("second-step"))
    assert reverse("mfa_activate_totp") in page.content.decode()
    for path in (
        "/domains/new/",
        "/track/",
        reverse("usersessions_list"),
        reverse("account_change_password"),
    ):
        assert browser.get(path).headers["Location"] == reverse("second-step"), path
    assert browser.post("/domains/new/", {"name": "x.test"}).status_code == 403
    assert browser.get("/profile/").status_code == 200
    assert "/reauthenticate/" in browser.get(reverse("mfa_activate_totp")).headers["Location"]
    with_step(person)
    assert browser.get("/").status_code == 200
    assert browser.get(reverse("second-step")).headers["Location"] == "/"


def test_a_rule_asks_nobody_else(provider: User) -> None:
    rules.rules_set(actor=provider, roles=["owner", "staff"])
    reader = MembershipFactory.create(role=ROLE.READER).user
    assert signed_in(reader).get("/").status_code == 200
    assert signed_in(provider).get("/").headers["Location"] == reverse("second-step")


def test_the_step_that_is_asked_for_cannot_be_taken_away(ines: User, provider: User) -> None:
    MembershipFactory.create(user=ines)
    secret = with_step(ines)
    rules.rules_set(actor=provider, roles=["owner"])
    browser = Client()
    sign_in(browser)
    try_code(browser, code_now(secret), HOME)
    browser.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    answer = browser.post(reverse("mfa_deactivate_totp"))
    assert "Your provider asks for a second step" in answer.content.decode()
    assert Authenticator.objects.filter(user=ines, type="totp").exists()


def test_a_rule_costs_no_query(provider: User) -> None:
    browser = signed_in(MembershipFactory.create().user)
    browser.get("/profile/")
    counts = []
    for roles in ([], ["staff"]):
        rules.rules_set(actor=provider, roles=roles)
        with CaptureQueriesContext(connection) as found:
            assert browser.get("/profile/").status_code == 200
        counts.append(len(found))
        assert sum("signinrules" in each["sql"] for each in found) == 1, "with the person"
    assert counts[0] == counts[1]


def test_only_the_provider_sets_the_rules(provider: User, ines: User) -> None:
    with pytest.raises(Denied):
        rules.rules_set(actor=ines, roles=["owner"])
    with pytest.raises(Refused):
        rules.rules_set(actor=provider, roles=["emperor"])
    assert not SignInRules.objects.exists()


def test_the_rules_at_the_desk(provider: User) -> None:
    browser = signed_in(provider)
    add = reverse("admin:accounts_signinrules_add")
    assert browser.post(add, {"roles": ["owner", "reader"]}).status_code == 302
    assert SignInRules.objects.get().roles == ["owner", "reader"]
    assert browser.get(add).status_code == 403
    change = reverse("admin:accounts_signinrules_change", args=[1])
    assert browser.post(change, {"roles": []}).status_code == 302
    assert SignInRules.objects.get().roles == []


def test_a_suspended_account_says_why_and_opens_nothing(provider: User) -> None:
    account: Account = AccountFactory.create(name="Panadería Luna")
    person = MembershipFactory.create(account=account).user
    suspend(account, "The invoice is open.", "Hosting Sol")
    browser = signed_in(person)
    assert browser.get("/").headers["Location"] == reverse("asleep")
    text = browser.get(reverse("asleep")).content.decode()
    for word in ("Panadería Luna", "The invoice is open.", "Hosting Sol"):
        assert word in text
    assert browser.get("/track/").headers["Location"] == reverse("asleep")
    assert browser.post("/domains/new/", {"name": "x.test"}).status_code == 403
    for name in ("profile", "usersessions_list", "account_logout", "account_change_password"):
        assert browser.get(reverse(name)).status_code == 200, name
    MembershipFactory.create(user=person)
    assert browser.get("/").status_code == 200
    assert "The invoice is open." in browser.get(reverse("asleep")).content.decode()


def test_below_a_suspended_reseller_the_reason_is_the_resellers() -> None:
    reseller = ResellerFactory.create(name="Hosting Sol")
    person = MembershipFactory.create(account=AccountFactory.create(reseller=reseller)).user
    suspend(reseller, "Its customers send spam.", "Postroom")
    text = signed_in(person).get(reverse("asleep")).content.decode()
    assert "Its customers send spam." in text


def test_who_has_no_account_at_all_is_not_told_of_one(ines: User) -> None:
    assert signed_in(ines).get("/").status_code == 200
    assert signed_in(ines).get(reverse("asleep")).headers["Location"] == "/"


def suspend(account: Account, reason: str, who: str) -> None:
    from django.utils import timezone

    account.no_sign_in, account.suspended_at = True, timezone.now()
    account.suspended_reason, account.suspended_from = reason, who
    account.save()
