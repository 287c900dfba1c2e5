"""By which name the visitor comes decides whose panel it is, and nothing else that they say does."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.db import connections
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.branding import select as brandselect
from accounts.models import Account, Brand, User
from mailboxes.people import BACKEND as MAILBOX_BACKEND
from mailboxes.people import FRONT_PAGE, MailboxUser
from tests.factories import (
    AccountFactory,
    MailboxFactory,
    MailDomainFactory,
    MembershipFactory,
    ResellerFactory,
    UserFactory,
)

HOST = "panel.luna-hosting.test"
BACKEND = "accounts.backends.PersonBackend"
LOGIN = "/accounts/login/"


@pytest.fixture
def luna(db: None) -> Brand:
    return Brand.objects.create(
        account=ResellerFactory.create(name="Luna"),
        name="Luna Hosting",
        accent="#7a1fa2",
        panel_host=HOST,
        support_email="help@luna-hosting.test",
        support_url="https://help.luna-hosting.test/",
    )


def at(host: str, user: User | None = None, **more: Any) -> Client:
    client = Client(headers={"host": host, "x-forwarded-proto": "https"}, **more)
    if user is not None:
        client.force_login(user, backend=BACKEND)
    return client


def client_of(brand: Brand) -> User:
    account = AccountFactory.create(reseller=brand.account)
    return MembershipFactory.create(account=account).user


def page(answer: Any) -> str:
    return str(answer.content.decode())


@pytest.mark.parametrize(
    "host", [HOST, HOST.upper(), f"{HOST}:8443", f"{HOST}.", "Panel.Luna-Hosting.TEST.:443"]
)
def test_the_sign_in_page_wears_the_brand_of_its_host(luna: Brand, host: str) -> None:
    answer = at(host).get(LOGIN)
    assert answer.status_code == 200
    assert "Luna Hosting" in page(answer)
    assert "Postroom" not in page(answer)
    assert "help@luna-hosting.test" in page(answer).replace("<wbr>", "").replace('<span class="at">', "")


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        f"evil.{HOST}",
        f"{HOST}.evil.example",
        f"{HOST}@evil.example",
        f"evil.example#{HOST}",
        f"{HOST} evil.example",
        f"{HOST},evil.example",
        f"{HOST}:80:80",
        f"{HOST}..",
        f".{HOST}",
        "",
        "*",
        "[::1",
        "127.0.0.2",
        "x" * 300 + ".test",
        "luna-hosting.test",
    ],
)
def test_every_other_host_is_refused(luna: Brand, host: str) -> None:
    answer = at(host).get(LOGIN)
    assert answer.status_code == 400
    assert "Luna" not in page(answer)


@pytest.mark.parametrize("header", ["x-forwarded-host", "x-host", "forwarded", "x-original-host"])
def test_what_a_client_says_beside_the_host_has_no_effect(luna: Brand, header: str) -> None:
    value = f"host={HOST}" if header == "forwarded" else HOST
    answer = at("localhost").get(LOGIN, headers={header: value})
    assert "Luna" not in page(answer)
    answer = at(HOST).get(LOGIN, headers={header: value.replace(HOST, "evil.example")})
    assert "Luna Hosting" in page(answer)
    assert "evil.example" not in page(answer)


def test_an_address_with_a_host_in_it_is_only_a_path(luna: Brand) -> None:
    answer = at("localhost").get(f"//{HOST}/accounts/login/")
    assert "Luna" not in page(answer)


def test_a_customers_brand_has_no_host(luna: Brand) -> None:
    """Whoever is no reseller any more keeps the row, and it has no effect."""
    type(luna.account).objects.filter(pk=luna.account_id).update(kind="customer")
    assert at(HOST).get(LOGIN).status_code == 400


def test_strangers_names_cost_one_small_query_for_a_while(
    luna: Brand, django_assert_num_queries: Any
) -> None:
    with django_assert_num_queries(1):
        at("evil.example").get("/nothing/")
        at("evil.example").get("/nothing/")
    with django_assert_num_queries(0):
        at("e_v!l.example").get("/nothing/")
        at("localhost").get("/nothing/")


def test_many_strangers_names_use_a_bounded_memory(luna: Brand, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(brandselect, "MOST_KEPT", 5)
    for number in range(20):
        assert brandselect.brand_of_host(f"h{number}.example") is None
    assert len(brandselect._kept._answers) == 5


class TestSigningIn:
    def test_a_client_signs_in_and_stays_on_the_host(self, luna: Brand) -> None:
        user = client_of(luna)
        user.set_password("correct horse battery")
        user.save()
        EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
        browser = at(HOST, enforce_csrf_checks=True)
        browser.get(LOGIN)
        token = browser.cookies[settings.CSRF_COOKIE_NAME].value
        sent = {"login": user.email, "password": "correct horse battery", "csrfmiddlewaretoken": token}
        answer = browser.post(LOGIN, sent, headers={"origin": f"https://{HOST}"})
        assert answer.status_code == 302, page(answer)
        assert answer.headers["Location"] == "/"
        assert settings.SESSION_COOKIE_NAME in answer.cookies
        assert answer.cookies[settings.SESSION_COOKIE_NAME]["domain"] == ""
        assert "Luna Hosting" in page(browser.get("/profile/"))

    def test_a_form_of_another_site_is_refused(self, luna: Brand) -> None:
        browser = at(HOST, enforce_csrf_checks=True)
        browser.get(LOGIN)
        token = browser.cookies[settings.CSRF_COOKIE_NAME].value
        for origin in ("https://evil.example", settings.PANEL_URL.replace("localhost", "other.test"), "null"):
            answer = browser.post(LOGIN, {"csrfmiddlewaretoken": token}, headers={"origin": origin})
            assert answer.status_code == 403, origin
            assert "Luna Hosting" in page(answer)

    def test_next_leads_to_no_other_host(self, luna: Brand) -> None:
        answer = at(HOST).post("/theme/", {"theme": "dark", "next": "https://evil.example/"})
        assert answer.headers["Location"] == "/"


class TestWhoseHost:
    """Its owner can lead the name elsewhere and collect cookies: no session of others lives there."""

    def test_its_clients_and_its_people(self, luna: Brand) -> None:
        staff = MembershipFactory.create(account=luna.account).user
        for user in (client_of(luna), staff):
            assert at(HOST, user).get("/profile/").status_code == 200

    def test_others_are_signed_out_and_told_where_to_go(self, luna: Brand) -> None:
        other = ResellerFactory.create()
        both = client_of(luna)
        MembershipFactory.create(user=both, account=AccountFactory.create(reseller=other))
        strangers = [
            MembershipFactory.create().user,
            MembershipFactory.create(account=other).user,
            both,
            UserFactory.create(is_staff=True),
            UserFactory.create(is_superuser=True, is_staff=True),
        ]
        for user in strangers:
            browser = at(HOST, user)
            answer = browser.get("/profile/")
            assert answer.status_code == 403
            assert settings.PANEL_URL in page(answer)
            assert user.email not in page(answer)
            assert browser.get("/profile/").status_code == 302, "the session is gone"
            assert at("localhost", user).get("/profile/").status_code == 200

    def test_another_resellers_host_likewise(self, luna: Brand) -> None:
        sol = Brand.objects.create(account=ResellerFactory.create(), name="Sol", panel_host="panel.sol.test")
        assert at("panel.sol.test", client_of(luna)).get("/profile/").status_code == 403
        assert at("panel.sol.test", client_of(sol)).get("/profile/").status_code == 200

    def test_users_of_mailboxes_likewise(self, luna: Brand) -> None:
        theirs = MailDomainFactory.create(domain__account__reseller=luna.account)
        own = MailDomainFactory.create(domain__account=luna.account)
        for mail, here in ((theirs, 200), (own, 200), (MailDomainFactory.create(), 403)):
            box = MailboxUser.people.get(pk=MailboxFactory.create(mail_domain=mail).pk)
            for host, status in ((HOST, here), ("localhost", 200)):
                browser = at(host)
                session = browser.session
                session.update({SESSION_KEY: str(box.pk), BACKEND_SESSION_KEY: MAILBOX_BACKEND})
                session[HASH_SESSION_KEY] = box.get_session_auth_hash()
                session.save()
                browser.cookies[settings.SESSION_COOKIE_NAME] = str(session.session_key)
                answer = browser.get(FRONT_PAGE)
                assert answer.status_code == status
                assert ("Luna Hosting" in page(answer)) == (here == 200 or host == HOST)


class TestOnTheProvidersHost:
    def test_clients_see_whose_clients_they_are(self, luna: Brand) -> None:
        text = page(at("localhost", client_of(luna)).get("/profile/"))
        assert "Luna Hosting" in text
        assert "Postroom" not in text

    def test_everybody_else_sees_the_provider(self, luna: Brand) -> None:
        both = client_of(luna)
        MembershipFactory.create(user=both)
        reseller = MembershipFactory.create(account=luna.account).user
        for user in (both, reseller, MembershipFactory.create().user, UserFactory.create(is_staff=True)):
            assert "Luna Hosting" not in page(at("localhost", user).get("/profile/"))

    def test_who_is_asleep_reads_whom_to_ask(self, luna: Brand) -> None:
        user = client_of(luna)
        Account.objects.filter(memberships__user=user).update(no_sign_in=True, suspended_at=timezone.now())
        assert "Luna Hosting" in page(at("localhost", user).get("/suspended/"))

    def test_a_brand_costs_no_query_a_page(self, luna: Brand) -> None:
        plain, branded = MembershipFactory.create().user, client_of(luna)
        counts = []
        for user in (plain, branded):
            browser = at("localhost", user)
            browser.get("/profile/")
            with CaptureQueriesContext(connections["default"]) as counted:
                browser.get("/profile/")
            counts.append(len(counted))
        assert counts[0] == counts[1]


class TestErrorPages:
    def test_404_403_and_400_wear_it(self, luna: Brand) -> None:
        user = client_of(luna)
        for answer in (at(HOST, user).get("/nothing/"), at(HOST).get("/nothing/")):
            assert answer.status_code == 404
            assert "Luna Hosting" in page(answer)
            assert "help.luna-hosting.test" in page(answer)

    def test_500_wears_it(self, luna: Brand, monkeypatch: pytest.MonkeyPatch) -> None:
        def broken(*_args: object, **_kwargs: object) -> None:
            raise RuntimeError

        monkeypatch.setattr("panel.health.JsonResponse", broken)
        answer = at(HOST, raise_request_exception=False).get("/health/live/")
        assert answer.status_code == 500
        assert "Luna Hosting" in page(answer)


@pytest.fixture
def away(transactional_db: None) -> Iterator[None]:
    """The brand was seen once; then the database refuses every connection, and what was seen is old."""
    Brand.objects.create(account=ResellerFactory.create(), name="Luna Hosting", panel_host=HOST)
    at(HOST).get(LOGIN)
    port = connections.settings["default"]["PORT"]
    connections["default"].close()
    connections["default"].settings_dict["PORT"] = "1"
    yield
    connections["default"].close()
    connections["default"].settings_dict["PORT"] = port


def test_503_wears_the_brand_that_was_seen_last(away: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(brandselect, "REMEMBER", -1.0)
    browser = at(HOST, raise_request_exception=False)
    browser.cookies[settings.SESSION_COOKIE_NAME] = "x" * 32
    answer = browser.get("/")
    assert answer.status_code == 503
    assert "Luna Hosting" in page(answer)


def test_while_the_database_is_away_the_providers_host_works_and_unknown_ones_wait(away: None) -> None:
    quiet: dict[str, Any] = {"raise_request_exception": False}
    assert at("localhost", **quiet).get("/health/live/").status_code == 200
    assert at("never-seen.test", **quiet).get("/health/live/").status_code == 503
    assert at("no_host", **quiet).get(LOGIN).status_code == 400


def test_strict_transport_security_speaks_of_the_host_alone(luna: Brand, settings: Any) -> None:
    """The reseller's other names are its own."""
    settings.SECURE_HSTS_SECONDS = 1000
    answer = Client(headers={"host": HOST}).get(LOGIN, secure=True)
    assert answer.headers["Strict-Transport-Security"] == "max-age=1000"
    answer = Client(headers={"host": "localhost"}).get(LOGIN, secure=True)
    assert "includeSubDomains" in answer.headers["Strict-Transport-Security"]
