"""Where one is signed in, what ends sessions, what is told about new places."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.core import mail
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts import services
from accounts.models import User
from accounts.signin import sessions as signing_in
from accounts.signin import useragents
from notices.services import notices_deliver
from panel.middleware import SeenMiddleware
from tests.accounts.test_signin_tries import ATTACKER, HOME, PASSWORD, sign_in

pytestmark = pytest.mark.django_db
LIST = "/accounts/sessions/"
FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:128.0) Gecko/20100101 Firefox/128.0"
SAFARI = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Version/17.5 Mobile/15E148 Safari/604.1"
)


@pytest.fixture
def ines() -> User:
    return services.user_create(actor=None, email="ines@luna.test", name="Inés", password=PASSWORD)


def browser(agent: str = FIREFOX, ip: str = HOME, password: str = PASSWORD) -> Client:
    client = Client(headers={"user-agent": agent}, REMOTE_ADDR=ip)
    assert sign_in(client, password=password, ip=ip).status_code == 302
    return client


def inside(client: Client) -> bool:
    return bool(client.get(reverse("profile")).status_code == 200)


def test_the_list_says_device_place_and_which_is_this_one(ines: User) -> None:
    first, _second = browser(), browser(SAFARI, ATTACKER)
    text = first.get(LIST).content.decode()
    for word in ("Firefox on Windows", "Safari on iPhone", HOME, ATTACKER):
        assert word in text
    assert text.count("This browser") == 1
    assert text.index("This browser") < text.index("Safari on iPhone")


def test_one_session_can_be_ended(ines: User) -> None:
    first, second = browser(), browser(SAFARI)
    theirs = UserSession.objects.exclude(session_key=first.session.session_key).get()
    assert first.get(reverse("session-end", args=[theirs.pk])).status_code == 405, "a GET ends nothing"
    assert first.post(reverse("session-end", args=[theirs.pk])).status_code == 302
    assert inside(first)
    assert not inside(second)
    assert first.post(reverse("session-end", args=[theirs.pk])).status_code == 404


def test_nobody_ends_or_sees_anothers(ines: User) -> None:
    services.user_create(actor=None, email="ana@luna.test", name="Ana", password=PASSWORD)
    mine = browser()
    other = Client(headers={"user-agent": SAFARI})
    sign_in(other, "ana@luna.test")
    assert other.post(reverse("session-end", args=[UserSession.objects.get(user=ines).pk])).status_code == 404
    assert "Firefox" not in other.get(LIST).content.decode()
    other.post(LIST)
    assert inside(mine)


def test_all_others_can_be_ended(ines: User) -> None:
    first, others = browser(), [browser(SAFARI), browser()]
    assert first.post(LIST).status_code == 302
    assert inside(first)
    assert not any(inside(other) for other in others)
    assert UserSession.objects.count() == 1


def test_all_others_end_with_the_password(ines: User) -> None:
    first, other = browser(), browser(SAFARI)
    new = "otra-harina-roja-7"
    change = {"oldpassword": PASSWORD, "password1": new, "password2": new}
    assert first.post(reverse("account_change_password"), change).status_code == 302
    assert inside(first)
    assert not inside(other)
    text = first.get(LIST).content.decode()
    assert text.count("This browser") == 1
    assert "Safari" not in text
    assert Session.objects.filter(session_key=other.cookies["__Host-session"].value).count() == 0


def test_sessions_that_are_over_leave_the_list(ines: User) -> None:
    first, other = browser(), browser(SAFARI)
    other.post(reverse("account_logout"))
    assert "Safari" not in first.get(LIST).content.decode()
    assert UserSession.objects.count() == 2
    signing_in.tidy()
    assert UserSession.objects.get().session_key == first.session.session_key


def test_sessions_of_long_ago_are_cleared_away(ines: User) -> None:
    first = browser()
    Session.objects.update(expire_date=timezone.now() - timedelta(seconds=1))
    signing_in.tidy()
    assert not Session.objects.exists()
    assert not UserSession.objects.exists()
    assert not inside(first)


def test_signing_in_costs_the_same_however_many_sessions_there_are(ines: User) -> None:
    browser()
    counts = []
    for _n in range(5):
        with CaptureQueriesContext(connection) as found:
            browser()
        counts.append(len(found))
    assert len(set(counts)) == 1


def test_last_use_is_written_once_a_minute(ines: User, django_assert_num_queries: Any) -> None:
    first = browser()
    row = UserSession.objects.get()
    long_ago = timezone.now() - timedelta(hours=2)
    UserSession.objects.update(last_seen_at=long_ago)
    seen = SeenMiddleware(lambda request: request)  # type: ignore[arg-type,return-value]
    with django_assert_num_queries(1):
        seen._write(row.session_key, ATTACKER)
    with django_assert_num_queries(0):
        seen._write(row.session_key, ATTACKER)
    row.refresh_from_db()
    assert row.last_seen_at > long_ago
    assert row.ip == ATTACKER
    assert inside(first)


def test_the_list_costs_few_queries(ines: User, django_assert_max_num_queries: Any) -> None:
    first = browser()
    for _n in range(8):
        browser(SAFARI)
    first.get(LIST)
    with django_assert_max_num_queries(5):
        assert first.get(LIST).status_code == 200


def told() -> list[str]:
    mail.outbox.clear()
    notices_deliver()
    return [str(message.body) for message in mail.outbox if "new place" in message.subject]


def test_a_new_place_is_told_once(ines: User) -> None:
    browser()
    assert told() == [], "the first of all is no news"
    browser()
    browser(ip="203.0.113.99")
    assert told() == [], "the same browser in the same network"
    browser(SAFARI)
    (text,) = told()
    assert "Safari on iPhone" in text
    assert HOME in text
    assert "change your password" in text
    browser(SAFARI)
    assert told() == []
    browser(ip=ATTACKER)
    assert len(told()) == 1, "the same browser in another network"


def test_a_wrong_password_tells_nothing(ines: User) -> None:
    browser()
    sign_in(Client(headers={"user-agent": SAFARI}), password="wrong")
    assert told() == []


@pytest.mark.parametrize(
    ("agent", "says"),
    [
        (FIREFOX, "Firefox on Windows"),
        (SAFARI, "Safari on iPhone"),
        ("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/126.0 Safari/537.36", "Chrome on Linux"),
        ("Mozilla/5.0 (Windows NT 10.0) Chrome/126.0 Safari/537.36 Edg/126.0", "Edge on Windows"),
        (
            "Mozilla/5.0 (Linux; Android 14) SamsungBrowser/25.0 Chrome/121.0 Mobile Safari",
            "Samsung Internet on Android",
        ),
        ("curl/8.4", "curl"),
        ("", "An unknown device"),
        ("<script>alert(1)</script>" * 50, "An unknown device"),
        ("NewThing/1.0", "NewThing"),
    ],
)
def test_devices_in_words(agent: str, says: str) -> None:
    assert useragents.words(agent) == says
