"""A forgotten password: nothing tells who exists, links work once and lead to us alone."""

from __future__ import annotations

import re
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.test import Client
from django.urls import reverse

from accounts import services
from accounts.models import User
from notices.models import Notice
from notices.services import notices_deliver
from tests.accounts.test_signin_tries import HOME, PASSWORD, guess, sign_in

pytestmark = pytest.mark.django_db
ASK = "/accounts/password/reset/"
NEW = "otra-harina-roja-7"


@pytest.fixture
def ines() -> User:
    return services.user_create(actor=None, email="ines@luna.test", name="Inés", password=PASSWORD)


def link_for(address: str = "ines@luna.test", **extra: Any) -> str:
    mail.outbox.clear()
    assert Client().post(ASK, {"email": address}, **extra).status_code == 302
    notices_deliver()
    found = re.search(r"https://\S+/accounts/password/reset/key/\S+", str(mail.outbox[-1].body))
    assert found
    return found[0]


def path_of(link: str, settings: Any) -> str:
    assert link.startswith(f"{settings.PANEL_URL}/")
    return link.removeprefix(settings.PANEL_URL)


def choose(path: str, browser: Client | None = None) -> Any:
    browser = browser or Client()
    form = browser.get(path).headers["Location"]
    assert browser.get(form).status_code == 200
    return browser.post(form, {"password1": NEW, "password2": NEW})


def test_nothing_in_the_answer_tells_who_exists(ines: User, django_assert_num_queries: Any) -> None:
    pages = []
    for name in ("ines@luna.test", "nobody@luna.test"):
        browser = Client()
        with django_assert_num_queries(13):
            answer = browser.post(ASK, {"email": name}, REMOTE_ADDR=HOME)
        shown = browser.get(answer.headers["Location"]).content.decode()
        pages.append((answer.status_code, answer.headers["Location"], re.sub(r'value="[^"]*"', "", shown)))
    assert pages[0] == pages[1]
    assert not mail.outbox, "no mail leaves while somebody waits for the page"
    assert Notice.objects.count() == 2


def test_only_who_exists_gets_a_mail_and_no_token_is_kept(ines: User, settings: Any) -> None:
    Client().post(ASK, {"email": "nobody@luna.test"})
    link = link_for("INES@luna.test")
    assert [message.to for message in mail.outbox] == [["ines@luna.test"]]
    token = link.rstrip("/").rpartition("-")[2]
    assert token not in str(list(Notice.objects.values()))


def test_a_link_works_once(ines: User, settings: Any) -> None:
    path = path_of(link_for(), settings)
    assert choose(path).status_code == 302
    assert sign_in(Client()).status_code == 200
    assert sign_in(Client(), password=NEW).status_code == 302
    assert "does not work any more" in Client().get(path, follow=True).content.decode()


def test_an_error_names_the_field_by_its_own_words(ines: User, settings: Any) -> None:
    browser = Client()
    form = browser.get(path_of(link_for(), settings)).headers["Location"]
    browser.get(form)
    html = browser.post(form, {"password1": "short", "password2": "short"}).content.decode()
    assert ">New password</a>:" in html


def test_a_link_dies_with_a_sign_in(ines: User, settings: Any) -> None:
    path = path_of(link_for(), settings)
    sign_in(Client())
    assert "does not work any more" in Client().get(path, follow=True).content.decode()


def test_an_evil_host_gets_no_link(ines: User, settings: Any) -> None:
    settings.ALLOWED_HOSTS = ["testserver", "other.example"]
    link = link_for(HTTP_HOST="other.example", HTTP_X_FORWARDED_HOST="evil.example")
    assert link.startswith(f"{settings.PANEL_URL}/")
    assert "evil.example" not in str(mail.outbox[-1].message())
    assert "other.example" not in str(mail.outbox[-1].message())


def test_a_reset_ends_every_session_and_voids_device_cookies(ines: User, settings: Any) -> None:
    browser = Client()
    sign_in(browser)
    path = path_of(link_for(), settings)
    choose(path)
    assert browser.get(reverse("profile")).status_code == 302
    guess(10)
    assert sign_in(browser, password=NEW, ip="198.51.100.66").status_code == 429


def test_who_may_not_sign_in_gets_no_link(ines: User) -> None:
    User.objects.update(is_active=False)
    Client().post(ASK, {"email": "ines@luna.test"})
    notices_deliver()
    assert not mail.outbox


def test_no_more_than_a_few_mails_to_one_address(ines: User) -> None:
    for n in range(12):
        Client().post(ASK, {"email": "ines@luna.test"}, REMOTE_ADDR=f"198.51.{n}.1")
    notices_deliver()
    assert len(mail.outbox) == 5


def test_the_person_hears_of_the_new_password(ines: User, settings: Any) -> None:
    choose(path_of(link_for(), settings))
    mail.outbox.clear()
    notices_deliver()
    assert "password was changed" in mail.outbox[0].subject.lower()


def test_a_new_address_counts_once_its_link_is_opened(ines: User, settings: Any) -> None:
    browser = Client()
    sign_in(browser)
    page = reverse("account_email")
    asked = browser.post(page, {"action_add": "", "email": "nueva@luna.test"})
    assert "/reauthenticate/" in asked.headers["Location"], "a sensitive change asks again"
    browser.post(asked.headers["Location"], {"password": PASSWORD})
    notices_deliver()
    message = mail.outbox[-1]
    assert message.to == ["nueva@luna.test"]
    link = re.search(r"https://\S+/accounts/confirm-email/\S+", str(message.body))
    assert link
    User.objects.get(email="ines@luna.test")
    confirm = path_of(link[0], settings)
    browser.get(confirm)
    assert not EmailAddress.objects.filter(email="nueva@luna.test", verified=True).exists(), (
        "a GET changes nothing"
    )
    browser.post(confirm)
    assert User.objects.get().email == "nueva@luna.test"
    mail.outbox.clear()
    notices_deliver()
    assert [each.to for each in mail.outbox] == [["ines@luna.test"]], "the old address hears of it"
    assert "does not work any more" in Client().get(confirm).content.decode()


def test_a_second_step_does_not_keep_from_a_new_address(ines: User) -> None:
    from tests.accounts.test_signin_steps import with_step

    with_step(ines)
    browser = Client()
    browser.force_login(ines)
    browser.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    answer = browser.post(reverse("account_email"), {"action_add": "", "email": "nueva@luna.test"})
    assert answer.status_code == 302
    assert EmailAddress.objects.filter(email="nueva@luna.test", verified=False).exists()
