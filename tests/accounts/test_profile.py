"""What a person chooses, and where it holds."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from accounts import services
from accounts.models import User
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db


def theme_of(client: Client, path: str) -> str:
    page = client.get(path).content.decode()
    return next((theme for theme in ("light", "dark") if f'data-theme="{theme}"' in page), "")


def test_the_theme_holds_for_the_person_and_for_the_browser(client: Client) -> None:
    person = services.user_create(
        actor=None, email="ines@luna.test", name="Inés", password="harina-violeta-91"
    )
    client.force_login(person)
    assert theme_of(client, "/profile/") == ""
    answer = client.post(reverse("theme"), {"theme": "dark", "next": "/profile/"})
    assert answer.headers["Location"] == "/profile/"
    assert User.objects.get().theme == "dark"
    assert theme_of(client, "/profile/") == "dark"
    client.logout()
    client.cookies["theme"] = "dark"
    assert theme_of(client, "/accounts/login/") == "dark"
    assert theme_of(client, "/nothing/here/") == "dark", "error pages too"

    elsewhere = Client()
    elsewhere.post("/accounts/login/", {"login": "ines@luna.test", "password": "harina-violeta-91"})
    assert elsewhere.cookies["theme"].value == "dark"
    elsewhere.post(reverse("theme"), {"theme": ""})
    assert theme_of(elsewhere, "/profile/") == ""


def test_anybody_may_choose_before_signing_in(client: Client) -> None:
    answer = client.post(reverse("theme"), {"theme": "light", "next": "/accounts/login/"})
    cookie = answer.cookies["theme"]
    assert (cookie.value, cookie["secure"], cookie["httponly"], cookie["samesite"]) == (
        "light",
        True,
        True,
        "Lax",
    )
    assert theme_of(client, "/accounts/login/") == "light"


@pytest.mark.parametrize("evil", ["https://evil.example/", "//evil.example", "javascript:1", ""])
def test_the_theme_leads_nowhere_else(client: Client, evil: str) -> None:
    assert client.post(reverse("theme"), {"theme": "dark", "next": evil}).headers["Location"] == "/"


@pytest.mark.parametrize("wrong", ["red", '"><script>', "x" * 5000])
def test_no_other_theme(client: Client, wrong: str) -> None:
    client.cookies["theme"] = wrong.replace('"', "")[:200]
    client.post(reverse("theme"), {"theme": wrong})
    assert theme_of(client, "/accounts/login/") == ""


def test_the_profile_is_saved(client: Client) -> None:
    person = UserFactory.create(name="Inés")
    client.force_login(person)
    answer = client.post(reverse("profile"), {"name": "Inés Carrasco", "theme": "dark"}, follow=True)
    assert "Your profile is saved." in answer.content.decode()
    person.refresh_from_db()
    assert (person.name, person.theme) == ("Inés Carrasco", "dark")


def test_what_is_wrong_in_the_profile_is_said_at_its_field(client: Client) -> None:
    client.force_login(UserFactory.create(name="Inés"))
    page = client.post(reverse("profile"), {"name": "x" * 121, "theme": "dark"}).content.decode()
    assert "Not saved yet: one thing to change." in page
    assert 'href="#id_name"' in page
    assert User.objects.get().name == "Inés"


def test_a_language_is_offered(client: Client) -> None:
    client.force_login(UserFactory.create())
    assert 'name="language"' in client.get(reverse("profile")).content.decode()
    answer = client.post(reverse("profile"), {"name": "", "language": "es", "theme": ""})
    assert answer.cookies["django_language"].value == "es"
    assert User.objects.get().language == "es"
    answer = client.post(reverse("profile"), {"name": "", "language": "", "theme": ""})
    assert answer.cookies["django_language"].value == ""
    assert User.objects.get().language == ""


def test_a_hostile_name_is_inert(client: Client) -> None:
    client.force_login(UserFactory.create(name='<script>alert("x")</script>'))
    page = client.get(reverse("profile")).content.decode()
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page
