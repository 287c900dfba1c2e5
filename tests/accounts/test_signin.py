"""Signing in: by e-mail address, throttled, with a second step, giving nothing away."""

from __future__ import annotations

import re
from urllib.parse import urljoin

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.test import Client
from django.urls import reverse

from accounts import services
from accounts.models import User
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db
PASSWORD = "harina-violeta-91"
LOGIN = "/accounts/login/"


@pytest.fixture
def ines() -> User:
    return services.user_create(actor=None, email="ines@luna.test", name="Inés", password=PASSWORD)


def sign_in(client: Client, login: str, password: str, **extra: str) -> tuple[int, str, str]:
    """Status, Location and what the page says, without the parts that change by themselves."""
    answer = client.post(LOGIN, {"login": login, "password": password, **extra})
    text = re.sub(r'value="[^"]*"', "", answer.content.decode())
    return answer.status_code, answer.headers.get("Location", ""), text


def code_now(secret: str) -> str:
    return str(format_hotp_value(hotp_value(secret, next(yield_hotp_counters_from_time()))))


@pytest.mark.parametrize("login", ["ines@luna.test", "INES@Luna.TEST"])
def test_signing_in_leads_home(client: Client, ines: User, login: str) -> None:
    assert sign_in(client, login, PASSWORD)[:2] == (302, "/")
    assert client.get(reverse("profile")).status_code == 200


def test_wrong_and_unknown_get_the_same_answer(client: Client, ines: User) -> None:
    wrong = sign_in(client, "ines@luna.test", "not it at all")
    unknown = sign_in(client, "nobody@luna.test", "not it at all")
    assert wrong == unknown
    assert "The address or the password is not right" in wrong[2]


def test_an_address_must_be_verified(client: Client, ines: User) -> None:
    EmailAddress.objects.update(verified=False)
    assert sign_in(client, "ines@luna.test", PASSWORD)[1] == reverse("account_email_verification_sent")
    assert client.get(reverse("profile")).status_code == 302


def test_who_may_not_sign_in_does_not(client: Client, ines: User) -> None:
    User.objects.update(is_active=False)
    sign_in(client, "ines@luna.test", PASSWORD)
    assert client.get(reverse("profile")).status_code == 302


@pytest.mark.parametrize(
    "evil",
    [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example",
        "javascript:alert(1)",
        "https:evil.example",
        "///evil.example/",
        "\\\\evil.example\\",
        "%2F%2Fevil.example/",
        "\tjavascript:alert(1)",
        "http://localhost@evil.example/",
        "data:text/html,x",
        "http://localhost/profile/",  # our own name, but without TLS
        "https://panel.postroom.test/profile/",  # ours too, but not where the visitor is
    ],
)
def test_next_leads_nowhere_else(client: Client, ines: User, evil: str) -> None:
    to = sign_in(client, "ines@luna.test", PASSWORD, next=evil)[1]
    assert to == "/" or (
        to.startswith("%2F") and urljoin("https://us/accounts/login/", to).startswith("https://us/")
    )


def test_next_leads_to_the_page_that_was_asked_for(client: Client, ines: User) -> None:
    asked = client.get("/profile/")
    assert asked.headers["Location"] == f"{LOGIN}?next=/profile/"
    assert sign_in(client, "ines@luna.test", PASSWORD, next="/profile/")[1] == "/profile/"


def test_the_second_step(client: Client, ines: User) -> None:
    sign_in(client, "ines@luna.test", PASSWORD)
    asked = client.get(reverse("mfa_activate_totp")).headers["Location"]
    assert asked.startswith(reverse("account_reauthenticate")), (
        "a stolen session must not set up a second step"
    )
    assert "That is not your password" in client.post(asked, {"password": "wrong"}).content.decode()
    client.post(asked, {"password": PASSWORD})
    page = client.get(reverse("mfa_activate_totp"))
    secret = page.context["form"].secret
    assert client.post(reverse("mfa_activate_totp"), {"code": "000000"}).status_code == 200
    assert client.post(reverse("mfa_activate_totp"), {"code": code_now(secret)}).status_code == 302
    assert "10 left" in client.get(reverse("mfa_index")).content.decode()
    kept = str(list(Authenticator.objects.values_list("data", flat=True)))
    recovery = client.get(reverse("mfa_view_recovery_codes")).context["unused_codes"][0]
    assert secret not in kept, "a dump of the database signs nobody in"
    assert recovery not in kept

    other = Client()
    assert sign_in(other, "ines@luna.test", PASSWORD)[1] == reverse("mfa_authenticate")
    assert other.get(reverse("profile")).status_code == 302, "the password alone opens nothing"
    assert (
        "That code is not right" in other.post(reverse("mfa_authenticate"), {"code": "123"}).content.decode()
    )
    assert other.post(reverse("mfa_authenticate"), {"code": recovery}).headers["Location"] == "/"
    assert other.get(reverse("profile")).status_code == 200


def test_signing_out_needs_a_post(client: Client, ines: User) -> None:
    client.force_login(ines)
    assert client.get(reverse("account_logout")).status_code == 200
    assert client.get(reverse("profile")).status_code == 200
    client.post(reverse("account_logout"))
    assert client.get(reverse("profile")).status_code == 302


def test_changing_the_password_keeps_this_browser_and_no_other(client: Client, ines: User) -> None:
    other = Client()
    for browser in (client, other):
        sign_in(browser, "ines@luna.test", PASSWORD)
    new = "otra-harina-roja-7"
    answer = client.post(
        reverse("account_change_password"), {"oldpassword": PASSWORD, "password1": new, "password2": new}
    )
    assert answer.status_code == 302
    assert client.get(reverse("profile")).status_code == 200
    assert other.get(reverse("profile")).status_code == 302


def test_nobody_signs_up(client: Client) -> None:
    assert "Accounts are made by the provider" in client.get(reverse("account_signup")).content.decode()
    client.post(reverse("account_signup"), {"email": "me@luna.test", "password1": PASSWORD})
    assert not User.objects.exists()


@pytest.mark.parametrize(
    "name",
    [
        "account_login",
        "account_reset_password",
        "account_reset_password_done",
        "account_email_verification_sent",
        "account_inactive",
        "account_signup",
    ],
)
def test_pages_before_signing_in_look_like_ours(client: Client, name: str) -> None:
    page = client.get(reverse(name)).content.decode()
    assert 'class="envelope"' in page
    assert 'class="brand"' in page


@pytest.mark.parametrize(
    "name",
    [
        "profile",
        "account_email",
        "account_change_password",
        "account_logout",
        "mfa_index",
        "mfa_activate_totp",
        "mfa_add_webauthn",
        "mfa_list_webauthn",
    ],
)
def test_pages_of_a_person_look_like_ours(client: Client, name: str) -> None:
    UserFactory.create()
    services.user_create(actor=None, email="ana@luna.test", name="Ana", password=PASSWORD)
    sign_in(client, "ana@luna.test", PASSWORD)
    assert 'class="envelope"' in client.get(reverse("account_reauthenticate")).content.decode()
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    page = client.get(reverse(name)).content.decode()
    assert 'class="page"' in page
    assert 'id="account-menu"' in page
