"""The error pages: in our look, and drawn without the database."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from typing import Any

import pytest
from django.conf import settings
from django.db import connections
from django.test import Client
from django.urls import reverse

from accounts.models import User
from tests.factories import DomainFactory, MembershipFactory, UserFactory

PROFILE = import_module("accounts.views.profile")  # the package has a view of the same name


def text_of(answer: Any) -> str:
    return str(answer.content.decode())


@pytest.fixture
def away(transactional_db: None) -> Iterator[Client]:
    """A signed-in browser, and then a database that refuses every connection."""
    person = UserFactory.create(theme="dark")
    client = Client(raise_request_exception=False)
    client.force_login(person)
    client.cookies["theme"] = "dark"
    port = connections.settings["default"]["PORT"]
    connections["default"].close()
    connections["default"].settings_dict["PORT"] = "1"
    yield client
    connections["default"].close()
    connections["default"].settings_dict["PORT"] = port


@pytest.mark.parametrize(
    "path", ["/", "/profile/", "/domains/example.test/", "/accounts/login/", "/admin/", "/track/"]
)
def test_503_on_every_page_while_the_database_is_away(away: Client, path: str) -> None:
    answer = away.get(path)
    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "15"
    assert "Mail keeps flowing; only this panel is resting." in text_of(answer)
    assert 'data-theme="dark"' in text_of(answer)
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]


def test_503_when_something_is_sent(away: Client) -> None:
    """The sign-in of a stranger reaches for the throttle first, a form of a person for the session."""
    assert (
        Client(raise_request_exception=False)
        .post("/accounts/login/", {"login": "a@b.test", "password": "x"})
        .status_code
        == 503
    )
    answer = away.post(reverse("profile"), {"name": "x"})
    assert answer.status_code == 503
    assert "What you sent just now was not saved" in text_of(answer)
    assert away.post(reverse("theme"), {"theme": "light"}).status_code == 503


def test_trying_again_leads_nowhere_else(away: Client) -> None:
    page = text_of(away.post("//evil.example/profile/"))
    assert 'href="//' not in page


def test_health_tells_alive_from_ready(away: Client) -> None:
    assert Client().get("/health/live/").status_code == 200, "without a cookie nothing is looked up"
    answer = Client().get("/health/ready/")
    assert (answer.status_code, answer.json()) == (503, {"ready": False, "database": "away"})


@pytest.mark.django_db
def test_health_is_for_everybody(client: Client) -> None:
    assert client.get("/health/live/").json() == {"live": True}
    assert client.get("/health/ready/").json() == {"ready": True, "database": "answers"}
    assert client.post("/health/ready/").status_code == 405


@pytest.mark.django_db
def test_a_statement_that_fails_is_no_missing_database(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A statement that ran out of time is our mistake (500), although its exception has the same class."""

    def slow(*_args: object, **_kwargs: object) -> None:
        with connections["default"].cursor() as cursor:
            cursor.execute("SET LOCAL statement_timeout = 20")
            cursor.execute("SELECT pg_sleep(5)")

    client.force_login(UserFactory.create())
    client.raise_request_exception = False
    monkeypatch.setattr(PROFILE, "ProfileForm", slow)
    answer = client.get("/profile/")
    assert answer.status_code == 500
    assert "The panel made a mistake." in text_of(answer)


@pytest.mark.django_db
def test_500_gives_a_reference_and_nothing_else(
    client: Client, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_args: object, **_kwargs: object) -> None:
        raise RuntimeError("the secret inside")

    client.force_login(UserFactory.create())
    client.raise_request_exception = False
    monkeypatch.setattr(PROFILE, "ProfileForm", broken)
    answer = client.get("/profile/")
    assert answer.status_code == 500
    assert "the secret inside" not in text_of(answer)
    reference = next(record.args for record in caplog.records if record.name == "panel.errors")
    assert isinstance(reference, tuple)
    assert str(reference[0]) in text_of(answer)


@pytest.mark.django_db
class TestNotFound:
    def test_foreign_and_missing_are_the_same(self, client: Client) -> None:
        foreign = DomainFactory.create(name="theirs.test")
        client.force_login(MembershipFactory.create().user)
        answers = [client.get(f"/domains/{name}/") for name in (foreign.name, "missing.test")]
        assert [answer.status_code for answer in answers] == [404, 404]
        pages = [text_of(answer).replace(foreign.name, "missing.test") for answer in answers]
        assert pages[0] == pages[1]
        assert "There is nothing at this address." in pages[0]

    def test_strangers_learn_nothing(self, client: Client) -> None:
        DomainFactory.create(name="theirs.test")
        answers = [client.get(f"/domains/{name}/") for name in ("theirs.test", "missing.test")]
        assert [answer.status_code for answer in answers] == [302, 302]

    def test_no_query_but_the_persons_own(self, client: Client, django_assert_max_num_queries: Any) -> None:
        client.force_login(UserFactory.create())
        with django_assert_max_num_queries(2):
            assert client.get("/nothing/here/").status_code == 404


@pytest.mark.django_db
def test_403_for_a_form_that_was_not_ours() -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(UserFactory.create())
    answer = strict.post(reverse("profile"), {"name": "x"})
    assert answer.status_code == 403
    assert "This form was open too long" in text_of(answer)
    assert User.objects.get().name != "x"


@pytest.mark.django_db
@pytest.mark.parametrize("host", ["evil.example", "localhost.evil.example", "[::1", "a b"])
def test_400_for_another_host(client: Client, host: str) -> None:
    answer = client.get("/accounts/login/", headers={"host": host})
    assert answer.status_code == 400
    assert "did not understand" in text_of(answer)
    assert host not in text_of(answer)


def test_debug_is_off() -> None:
    assert settings.DEBUG is False
