"""Guessing is slowed where it comes from; the person guessed at gets in."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts import services
from accounts.models import TryBucket, User
from accounts.signin import devices, networks, throttle
from lib import passwords

pytestmark = pytest.mark.django_db
PASSWORD = "harina-violeta-91"
LOGIN = "/accounts/login/"
INES = "ines@luna.test"
ATTACKER, HOME, OFFICE = "198.51.100.66", "203.0.113.7", "192.0.2.40"


@pytest.fixture
def ines() -> User:
    return services.user_create(actor=None, email=INES, name="Inés", password=PASSWORD)


@pytest.fixture(autouse=True)
def quick(request: Any, monkeypatch: Any) -> None:
    """Hundreds of tries: a comparison instead of a hash, except where the work itself is looked at."""
    if "kind" not in request.fixturenames:
        monkeypatch.setattr(
            "panel.signin.door.matches", lambda stored, typed: bool(stored) and typed == PASSWORD
        )


def sign_in(client: Client, login: str = INES, password: str = PASSWORD, ip: str = HOME) -> Any:
    return client.post(LOGIN, {"login": login, "password": password}, REMOTE_ADDR=ip)


def guess(times: int, login: str = INES, ip: str = ATTACKER) -> Any:
    for _n in range(times):
        answer = sign_in(Client(), login, "wrong every time", ip)
    return answer


def earlier(login: str = INES, ip: str = ATTACKER) -> None:
    """A wrong try as the form counts it, without the form: for the many before the one that is looked at."""
    throttle.take(throttle.PASSWORD, login=login, network=networks.near(ip))


def pass_time(seconds: float) -> None:
    """All counts are as much older."""
    gone = timedelta(seconds=seconds)
    for row in TryBucket.objects.all():
        TryBucket.objects.filter(pk=row.pk).update(at=row.at - gone, expires_at=row.expires_at - gone)


def test_ten_tries_are_free_and_then_the_page_says_how_long_to_wait(ines: User) -> None:
    assert guess(10).status_code == 200
    refused = guess(1)
    assert refused.status_code == 429
    assert refused.headers["Retry-After"] == "10"
    text = refused.content.decode()
    assert "Wait 10 seconds" in text
    assert "not right" not in text, "nothing was looked at"


def test_while_waiting_the_right_password_is_not_looked_at(ines: User, monkeypatch: Any) -> None:
    guess(10)
    monkeypatch.setattr("panel.signin.door.matches", lambda *_: pytest.fail("looked at"))
    assert sign_in(Client(), ip=ATTACKER).status_code == 429


def test_the_victim_in_the_same_network_gets_in_after_the_wait(ines: User) -> None:
    guess(14)
    pass_time(10)
    assert sign_in(Client(), ip=ATTACKER).status_code == 302


def test_the_victim_in_another_network_gets_in_at_once(ines: User) -> None:
    guess(14)
    assert sign_in(Client(), ip=HOME).status_code == 302


def test_the_victims_browser_gets_in_at_once_wherever_it_is(ines: User) -> None:
    browser = Client()
    assert sign_in(browser, ip=HOME).status_code == 302
    browser.post(reverse("account_logout"))
    guess(14, ip=ATTACKER)
    assert sign_in(browser, ip=ATTACKER).status_code == 302


def test_pauses_grow_to_half_a_minute_and_no_further(ines: User) -> None:
    guess(10)
    waits = []
    for _n in range(25):
        with pytest.raises(throttle.TooMany) as refused:
            earlier()
        waits.append(refused.value.seconds)
        pass_time(waits[-1])
        earlier()
    assert waits[:3] == [10, 11, 12]
    assert max(waits) == 30


def test_asking_while_waiting_makes_the_wait_no_longer(ines: User) -> None:
    guess(10)
    waits = [int(guess(1).headers["Retry-After"]) for _n in range(8)]
    assert waits == sorted(waits, reverse=True)
    assert waits[0] <= 10


def test_a_right_password_ends_its_own_count_and_no_other(ines: User) -> None:
    guess(9, ip=HOME)
    guess(9, ip=OFFICE)
    assert sign_in(Client(), ip=HOME).status_code == 302
    assert guess(10, ip=HOME).status_code == 200
    assert guess(1, ip=OFFICE).status_code == 200
    assert guess(1, ip=OFFICE).status_code == 429


def test_right_passwords_count_against_nobody(ines: User) -> None:
    for _n in range(12):
        assert sign_in(Client()).status_code == 302
    assert not TryBucket.objects.filter(wrong__gt=0).exists()
    assert not TryBucket.objects.filter(level__gt=0.5).exists()


def test_one_persons_wrong_tries_lock_out_no_other_in_the_office(ines: User) -> None:
    for _n in range(10):
        earlier("nobody@luna.test", OFFICE)
    assert guess(10, login="nobody@luna.test", ip=OFFICE).status_code == 429
    assert sign_in(Client(), ip=OFFICE).status_code == 302


def test_trying_many_names_from_one_network_is_slowed_too(ines: User) -> None:
    services.user_create(actor=None, email="ana@luna.test", name="Ana", password=PASSWORD)
    assert sign_in(Client(), "ana@luna.test", ip=OFFICE).status_code == 302
    for n in range(95):
        earlier(f"name{n}@luna.test", OFFICE)
    answers = (guess(1, login=f"name{n}@luna.test", ip=OFFICE).status_code for n in range(95, 180))
    assert 429 in answers
    assert int(sign_in(Client(), ip=OFFICE).headers["Retry-After"]) <= 3, (
        "offices behind one address must live"
    )
    assert sign_in(Client(), "ana@luna.test", ip=OFFICE).status_code == 302, (
        "who is known there does not wait"
    )
    pass_time(4)
    assert sign_in(Client(), ip=OFFICE).status_code == 302


def test_many_networks_at_one_name_get_one_try_a_minute_each(ines: User) -> None:
    assert sign_in(Client(), ip=HOME).status_code == 302
    for n in range(100):
        earlier(ip=f"198.51.{n}.1")
    assert guess(1, ip="198.51.200.1").status_code == 200, "a network has one try"
    again = guess(1, ip="198.51.200.1")
    assert again.status_code == 429
    assert 55 <= int(again.headers["Retry-After"]) <= 60
    assert guess(5, ip=HOME).status_code == 200, "the network that the person came from is no stranger"
    assert sign_in(Client(), ip=HOME).status_code == 302
    assert sign_in(Client(), ip=OFFICE).status_code == 302, "and a new one has its try at once"


def test_a_whole_ipv6_network_is_one(ines: User) -> None:
    for n in range(10):
        guess(1, ip=f"2001:db8:0:1::{n:x}")
    assert guess(1, ip="2001:db8:0:1:ffff::1").status_code == 429
    assert guess(1, ip="2001:db8:0:2::1").status_code == 200
    assert networks.near("::ffff:192.0.2.1") == networks.near("192.0.2.1") == "192.0.2.1/32"


def test_names_that_exist_and_names_that_do_not_are_slowed_alike(ines: User) -> None:
    for _n in range(12):
        answers = [guess(1), guess(1, login="nobody@luna.test", ip="198.51.100.67")]
        assert answers[0].status_code == answers[1].status_code


def test_upper_case_is_no_other_name(ines: User) -> None:
    for n in range(10):
        guess(1, login="INES@luna.test" if n % 2 else "ines@LUNA.test")
    assert guess(1).status_code == 429


def test_a_device_cookie_is_counted_by_itself(ines: User) -> None:
    browser = Client()
    sign_in(browser)
    browser.post(reverse("account_logout"))
    for _n in range(10):
        assert sign_in(browser, password="wrong every time").status_code == 200
    assert sign_in(browser).status_code == 429
    assert sign_in(Client(), ip=HOME).status_code == 302, "a stolen cookie locks nobody out"


def test_a_device_cookie_is_for_one_login_and_cannot_be_made_up(ines: User, rf: Any) -> None:
    services.user_create(actor=None, email="ana@luna.test", name="Ana", password=PASSWORD)
    browser = Client()
    sign_in(browser)
    cookie = browser.cookies[devices.name_of(INES)]
    assert (cookie["secure"], cookie["httponly"], cookie["samesite"], cookie["path"]) == (
        True,
        True,
        "Lax",
        "/",
    )
    assert INES not in cookie.value
    guess(10, login="ana@luna.test")
    forged = Client()
    forged.cookies[devices.name_of("ana@luna.test")] = cookie.value
    assert sign_in(forged, "ana@luna.test", ip=ATTACKER).status_code == 429
    forged.cookies[devices.name_of("ana@luna.test")] = "made:up"
    assert sign_in(forged, "ana@luna.test", ip=ATTACKER).status_code == 429


def test_a_new_password_voids_device_cookies(ines: User) -> None:
    browser = Client()
    sign_in(browser)
    browser.post(reverse("account_logout"))
    ines.set_password(PASSWORD)
    ines.save()
    guess(10)
    assert sign_in(browser, ip=ATTACKER).status_code == 429


def test_the_table_names_nobody(ines: User) -> None:
    guess(1)
    with connection.cursor() as cursor:
        cursor.execute("SELECT string_agg(accounts_trybucket::text, ' ') FROM accounts_trybucket")
        text = cursor.fetchone()[0]
    assert "ines" not in text
    assert ATTACKER not in text


def test_what_says_nothing_any_more_is_cleared_away(ines: User) -> None:
    guess(3)
    assert throttle.tidy() == 0
    TryBucket.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert throttle.tidy() == 3


@pytest.mark.parametrize("kind", ["person", "box", "both", "nobody"])
def test_every_name_costs_the_same_work(kind: str, monkeypatch: Any, django_assert_num_queries: Any) -> None:
    name = "ana@luna.test"
    if kind in {"person", "both"}:
        services.user_create(actor=None, email=name, name="", password=PASSWORD)
    if kind in {"box", "both"}:
        make_box(name)
    checked: list[str] = []
    real = passwords._hasher.verify

    class Counting:
        def verify(self, stored: str, typed: str) -> bool:
            checked.append(stored)
            return real(stored, typed)

    monkeypatch.setattr(passwords, "_hasher", Counting())
    with django_assert_num_queries(QUERIES):
        answer = sign_in(Client(), name, "not it at all")
    assert "not right" in answer.content.decode()
    assert len(checked) == 2
    assert all(stored.startswith("$argon2id$v=19$m=19456,t=2,p=1$") for stored in checked)


QUERIES = 7


def make_box(address: str) -> Any:
    from tests.factories import DomainFactory, MailboxFactory, MailDomainFactory

    local, _at, name = address.partition("@")
    mail = MailDomainFactory.create(domain=DomainFactory.create(name=name))
    hashed = passwords.hash_mailbox_password("buzon-secreto-42")
    return MailboxFactory.create(mail_domain=mail, local=local, password_hash=hashed)


def test_nobodys_hash_is_as_strong_as_all_others() -> None:
    assert not passwords._hasher.check_needs_rehash(passwords.NOBODYS)
    assert not passwords.matches(None, "")
    assert not passwords.matches("!unusable", "x")
    assert not passwords.matches("{PLAIN}x", "x")


def test_a_stolen_session_is_no_place_to_guess_from(ines: User) -> None:
    browser = Client()
    sign_in(browser)
    page = reverse("account_reauthenticate")
    for _n in range(10):
        assert browser.post(page, {"password": "guess"}, REMOTE_ADDR=HOME).status_code == 200
    assert browser.post(page, {"password": PASSWORD}, REMOTE_ADDR=HOME).status_code == 429
    change = {"oldpassword": PASSWORD, "password1": "otra-harina-roja-7", "password2": "otra-harina-roja-7"}
    assert browser.post(reverse("account_change_password"), change, REMOTE_ADDR=HOME).status_code == 429
    assert User.objects.get().check_password(PASSWORD)


@pytest.mark.parametrize("login", ["ines@luna.test", "nobody@luna.test"])
def test_asking_for_new_passwords_is_slowed(login: str, ines: User) -> None:
    page = reverse("account_reset_password")
    answers = [Client().post(page, {"email": login}, REMOTE_ADDR=ATTACKER).status_code for _n in range(6)]
    assert answers == [302] * 5 + [429]
    assert Client().post(page, {"email": login}, REMOTE_ADDR=HOME).status_code == 302
    many = [
        Client().post(page, {"email": f"n{n}@luna.test"}, REMOTE_ADDR=OFFICE).status_code for n in range(31)
    ]
    assert many[-1] == 429
