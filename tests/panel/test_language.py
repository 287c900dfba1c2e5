"""In which language pages and mails are, for everybody who may come."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation

from accounts.branding import select as brandselect
from accounts.models import Brand, Invitation, SignInPlace, User
from accounts.signin import sessions as signing_in
from accounts.team import invitations
from lib import languages
from lib.templatetags import ui
from mailboxes.models import MailboxLanguage
from notices.models import Notice
from panel.branding import hosts
from tests import factories
from tests.accounts.house import browser
from tests.mailboxes.test_own import inside, make_box

pytestmark = pytest.mark.django_db
SIGN_IN, SWITCH = "/accounts/login/", "/language/"


@pytest.fixture(autouse=True)
def _no_language_stays() -> Iterator[None]:
    yield
    translation.deactivate()


def language_of(client: Client, path: str = SIGN_IN, **headers: str) -> str:
    answer = client.get(path, headers=headers, follow=True)
    found = answer.content.decode().partition('<html lang="')[2].partition('"')[0]
    assert answer.headers["Content-Language"] == found
    assert "Accept-Language" in answer.headers["Vary"]
    return found


def signed_in(person: User) -> Client:
    client = browser()
    client.force_login(person, backend="accounts.backends.PersonBackend")
    return client


def spanish_brand() -> Brand:
    reseller = factories.ResellerFactory.create()
    brandselect.forget()
    return Brand.objects.create(
        account=reseller, name="Luna", language="es", panel_host="panel.luna-hosting.test"
    )


@pytest.mark.parametrize(
    ("wanted", "language"),
    [
        ("", "en"),
        ("es", "es"),
        ("es-MX,es;q=0.9,en;q=0.8", "es"),
        ("de-DE,de;q=0.9,es;q=0.3", "es"),
        ("en-GB,en;q=0.9,es;q=0.8", "en"),
        ("es;q=0,en;q=0.1", "en"),
        ("tlh", "en"),
        (";;;,\x7f=q", "en"),
        ("x" * 20_000, "en"),
    ],
)
def test_a_visitor_gets_what_the_browser_asks_for(wanted: str, language: str) -> None:
    assert language_of(browser(), accept_language=wanted) == language


@pytest.mark.parametrize(
    ("cookie", "language"),
    [("es", "es"), ("en", "en"), ("tlh", "en"), ('"><script>', "en"), ("x" * 900, "en")],
)
def test_the_visitors_choice_comes_before_the_browser(cookie: str, language: str) -> None:
    client = browser()
    client.cookies["django_language"] = cookie
    other = {"es": "en", "en": "es"}[language] if cookie in {"es", "en"} else "en"
    assert language_of(client, accept_language=other) == language


def test_error_pages_and_the_public_ones_too() -> None:
    client = browser()
    client.cookies["django_language"] = "es"
    for path in ("/accounts/password/reset/", "/nothing/here/", "/forwarding/nonsense/", SWITCH):
        assert language_of(client, path) == "es", path
    assert 'href="/language/"' in client.get("/nothing/here/").content.decode()


def test_an_error_before_everything_is_in_nobody_elses_language() -> None:
    language_of(browser(), accept_language="es")
    answer = browser().get("/", headers={"host": "evil.example"})
    assert 'lang="en"' in answer.content.decode()


def test_the_switch_is_kept_in_the_browser_and_leads_back() -> None:
    client = browser()
    page = client.get(SIGN_IN).content.decode()
    assert 'lang="es">Español</button>' in page.replace("\n", "").replace("  ", "")
    answer = client.post(SWITCH, {"language": "es", "next": "/accounts/password/reset/"})
    assert answer.headers["Location"] == "/accounts/password/reset/"
    cookie = answer.cookies["django_language"]
    assert (cookie.value, cookie["secure"], cookie["httponly"], cookie["samesite"]) == (
        "es",
        True,
        True,
        "Lax",
    )
    assert language_of(client) == "es"


@pytest.mark.parametrize("evil", ["https://evil.example/", "//evil.example", "javascript:1", "", "http:///x"])
def test_the_switch_leads_nowhere_else(evil: str) -> None:
    answer = browser().post(SWITCH, {"language": "es", "next": evil})
    assert answer.headers["Location"] == "/"


@pytest.mark.parametrize("wrong", ["", "tlh", "es\0", "x" * 5000, "../es"])
def test_no_other_language(wrong: str) -> None:
    client = signed_in(factories.UserFactory.create(language="es"))
    answer = client.post(SWITCH, {"language": wrong})
    assert answer.status_code in {302, 400}
    assert "django_language" not in answer.cookies
    assert User.objects.get().language == "es"


def test_it_takes_a_form_of_ours() -> None:
    strict = Client(enforce_csrf_checks=True)
    assert strict.post(SWITCH, {"language": "es"}).status_code == 403


def test_a_persons_choice_comes_first_and_holds_everywhere() -> None:
    person = factories.UserFactory.create()
    client = signed_in(person)
    client.post(SWITCH, {"language": "es"})
    assert User.objects.get().language == "es"
    elsewhere = signed_in(person)
    elsewhere.cookies["django_language"] = "en"
    assert language_of(elsewhere, "/profile/", accept_language="en") == "es"


def test_a_mailboxs_user_keeps_a_choice() -> None:
    box = make_box()
    client = inside()
    assert language_of(client, "/mailbox/") == "en"
    client.post(SWITCH, {"language": "es", "next": "/mailbox/"})
    assert MailboxLanguage.objects.get().mailbox == box
    assert language_of(inside(), "/mailbox/", accept_language="en") == "es"
    inside().post(SWITCH, {"language": "en"})
    assert MailboxLanguage.objects.get().language == "en"


def test_a_brand_speaks_its_own_where_nobody_chose() -> None:
    brand = spanish_brand()
    host = {"host": brand.panel_host}
    assert language_of(browser(), **host) == "es"
    assert language_of(browser(), accept_language="de", **host) == "es"
    assert language_of(browser(), accept_language="en", **host) == "en"
    place = factories.MembershipFactory.create(
        account=factories.AccountFactory.create(reseller=brand.account)
    )
    assert language_of(signed_in(place.user), "/profile/") == "es"


def test_a_page_needs_no_more_queries(django_assert_max_num_queries: object) -> None:
    client = signed_in(factories.UserFactory.create(language="es"))
    with django_assert_max_num_queries(2):  # type: ignore[operator]
        client.get("/nothing/here/")


def test_numbers_and_sizes_as_the_language_writes_them() -> None:
    with translation.override("es"):
        assert ui.size(1_258_291) == "1,2 MB"
        assert ui.count(12_345) == "12.345"
        assert ui.used_of(860, 2048, "MB").startswith("0,84")


@pytest.mark.parametrize(
    ("code", "found"),
    [("es", "es"), ("ES_mx", "es"), ("en-GB", "en"), ("", ""), (None, ""), ("é", ""), (5, "")],
)
def test_known(code: object, found: str) -> None:
    assert languages.known(code) == found


def test_the_providers_is_the_last(settings: object) -> None:
    settings.LANGUAGE_CODE = "es"  # type: ignore[attr-defined]
    assert language_of(browser()) == "es"
    assert languages.first_known("", None, "tlh") == "es"


def test_the_profile_offers_it() -> None:
    client = signed_in(factories.UserFactory.create())
    client.post(reverse("profile"), {"name": "Inés", "language": "es", "theme": ""})
    assert language_of(client, "/profile/", accept_language="en") == "es"


def test_a_brands_language_is_chosen_on_its_page() -> None:
    place = factories.MembershipFactory.create(account=factories.ResellerFactory.create(name="Luna"))
    client = signed_in(place.user)
    assert 'name="language"' in client.get(reverse("branding")).content.decode()
    client.post(reverse("branding"), {"name": "Luna", "language": "es"})
    assert Brand.objects.get().language == "es"
    client.post(reverse("branding"), {"name": "Luna", "language": "tlh"})
    assert Brand.objects.get().language == "es"
    client.post(reverse("branding"), {"name": "Luna", "language": ""})
    assert Brand.objects.get().language == ""


def test_what_was_found_of_a_brands_name_is_in_the_readers_language(monkeypatch: pytest.MonkeyPatch) -> None:
    brand = spanish_brand()
    brand.panel_host_trouble = hosts._no_address("panel.luna-hosting.test")
    brand.save()
    found = Brand.objects.get()
    assert found.panel_host_trouble.startswith("panel.luna-hosting.test has no address yet.")
    monkeypatch.setattr(translation._trans, "gettext", lambda message: f"¡{message}!")  # type: ignore[attr-defined]
    assert Brand.objects.get().panel_host_trouble.startswith("¡panel.luna-hosting.test has no address yet.")


def test_who_is_invited_keeps_the_language_of_the_browser() -> None:
    asked = factories.AccountFactory.create()
    row = Invitation.objects.create(
        account=asked,
        email="new@luna.test",
        role="owner",
        nonce="n",
        expires_at=timezone.now() + dt.timedelta(days=1),
    )
    path = reverse("invitation", args=[invitations.token_of(row)])
    values = {"name": "Inés", "password": "harina-violeta-91"}
    answer = browser().post(path, values, headers={"accept-language": "es-ES"})
    assert answer.status_code == 302
    assert User.objects.get(email="new@luna.test").language == "es"


def test_a_device_is_the_same_in_every_language() -> None:
    """Else who changes the language would hear of a sign-in at a new place."""
    person = factories.UserFactory.create()
    firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
    for language in ("en", "es"):
        with translation.override(language):
            signing_in.place_note(user=person, address="203.0.113.9", user_agent=firefox)
    assert [place.device for place in SignInPlace.objects.all()] == ["Firefox on Linux"]
    assert not Notice.objects.exists()


def test_the_providers_desk_too() -> None:
    person = factories.UserFactory.create(is_superuser=True, is_staff=True, language="es")
    page = signed_in(person).get("/admin/").content.decode()
    assert '<html lang="es"' in page
