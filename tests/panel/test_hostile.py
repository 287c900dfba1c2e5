"""Evil headers, forms from elsewhere, and links that would change something: none has an effect."""

from __future__ import annotations

from typing import Any

import pytest
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.test import Client
from django.urls import reverse

from accounts import services
from accounts.models import User
from tests.accounts.test_signin_tries import PASSWORD, guess, sign_in

pytestmark = pytest.mark.django_db
LOGIN = "/accounts/login/"
STRANGER = "198.51.100.66"
EVIL: dict[str, Any] = {
    "HTTP_X_FORWARDED_FOR": "203.0.113.250",
    "HTTP_FORWARDED": "for=203.0.113.251;host=evil.example;proto=https",
    "HTTP_X_REAL_IP": "203.0.113.252",
    "HTTP_X_FORWARDED_HOST": "evil.example",
    "HTTP_X_FORWARDED_PROTO": "https",
    "HTTP_CLIENT_IP": "203.0.113.253",
    "HTTP_TRUE_CLIENT_IP": "203.0.113.254",
}


@pytest.fixture
def ines() -> User:
    return services.user_create(actor=None, email="ines@luna.test", name="Inés", password=PASSWORD)


def test_forwarding_headers_of_strangers_change_nothing(ines: User) -> None:
    client = Client()
    answer = client.post(LOGIN, {"login": ines.email, "password": PASSWORD}, REMOTE_ADDR=STRANGER, **EVIL)
    assert answer.headers["Location"] == "/"
    assert UserSession.objects.get().ip == STRANGER
    page = client.get("/profile/", REMOTE_ADDR=STRANGER, **EVIL).content.decode()
    assert "evil.example" not in page


def test_forged_addresses_are_no_way_around_the_counting(ines: User) -> None:
    answers = []
    for n in range(12):
        forged = EVIL | {"HTTP_X_FORWARDED_FOR": f"203.0.113.{n}", "HTTP_FORWARDED": f"for=192.0.2.{n}"}
        answer = Client().post(
            LOGIN, {"login": ines.email, "password": "wrong"}, REMOTE_ADDR=STRANGER, **forged
        )
        answers.append(answer.status_code)
    assert answers[-1] == 429


def test_a_declared_proxys_word_counts(ines: User) -> None:
    client = Client()
    client.post(
        LOGIN,
        {"login": ines.email, "password": PASSWORD},
        REMOTE_ADDR="127.0.0.1",
        HTTP_X_FORWARDED_FOR=f"203.0.113.9, {STRANGER}",
    )
    assert UserSession.objects.get().ip == STRANGER
    guess(1)


@pytest.mark.parametrize(
    "host", ["evil.example", "testserver.evil.example", "testserver:80@evil.example", "a b"]
)
@pytest.mark.parametrize("path", [LOGIN, "/", "/accounts/password/reset/", "/mailbox/"])
def test_an_evil_host_is_refused(ines: User, host: str, path: str) -> None:
    answer = Client().get(path, HTTP_HOST=host)
    assert answer.status_code == 400
    assert host not in answer.content.decode()
    assert Client().post(path, {"email": ines.email}, HTTP_HOST=host).status_code == 400


def test_a_sign_in_from_another_site_is_refused(ines: User) -> None:
    strict = Client(enforce_csrf_checks=True)
    assert strict.post(LOGIN, {"login": ines.email, "password": PASSWORD}).status_code == 403
    strict.get(LOGIN)
    token = strict.cookies[settings.CSRF_COOKIE_NAME].value
    form = {"login": ines.email, "password": PASSWORD, "csrfmiddlewaretoken": token}
    elsewhere = strict.post(LOGIN, form, secure=True, HTTP_ORIGIN="https://evil.example")
    assert elsewhere.status_code == 403
    assert strict.post(LOGIN, form).status_code == 302


@pytest.mark.parametrize(
    "name", ["account_reset_password", "account_logout", "usersessions_list", "own-password", "theme"]
)
def test_no_form_is_taken_from_elsewhere(ines: User, name: str) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(ines)
    assert strict.post(reverse(name), {"email": ines.email}).status_code in {403, 404}
    assert strict.get("/profile/").status_code == 200


def test_looking_changes_nothing(ines: User) -> None:
    client = Client()
    sign_in(client)
    for name in ("account_logout", "usersessions_list", "second-step", "asleep", "mfa_index"):
        client.get(reverse(name))
        client.head(reverse(name))
    assert client.get("/profile/").status_code == 200


@pytest.mark.parametrize(
    "evil", ["https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:alert(1)"]
)
def test_signing_out_leads_nowhere_else(ines: User, evil: str) -> None:
    client = Client()
    sign_in(client)
    assert client.post(reverse("account_logout"), {"next": evil}).headers["Location"].startswith("/")
    assert "evil" not in client.post(reverse("account_logout"), {"next": evil}).headers["Location"]


def test_extra_fields_at_sign_in_change_nothing(ines: User) -> None:
    extra: dict[str, Any] = {
        "is_staff": "1",
        "is_superuser": "1",
        "user": "1",
        "verified": "1",
        "remember": "on",
    }
    client = Client()
    client.post(LOGIN, {"login": ines.email, "password": PASSWORD, **extra})
    person = User.objects.get()
    assert (person.is_staff, person.is_superuser) == (False, False)
