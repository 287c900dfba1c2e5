"""What browsers are told to refuse, who is believed about a client's address, what no template may hold."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.http import HttpRequest, HttpResponse
from django.template import engines
from django.test import Client, RequestFactory
from django.urls import reverse

from accounts import services
from panel.middleware import ProxyMiddleware
from tests.factories import UserFactory

ROOT = Path(settings.BASE_DIR)
# Mails are no pages: mail programs know inline style alone.
TEMPLATES = sorted(set(ROOT.glob("templates/**/*.html")) - set(ROOT.glob("templates/notices/*")))
DATA_BLOCK = re.compile(r'<script[^>]*type="application/json"[^>]*>')


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_template_holds_script_or_style(path: Path) -> None:
    text = re.sub(
        r"{#.*?#}|{% comment %}.*?{% endcomment %}", "", path.read_text(encoding="utf-8"), flags=re.S
    )
    assert not re.search(r"<style\b", text)
    assert not re.search(r"\sstyle\s*=", text)
    assert not re.search(r"\son[a-z]+\s*=\s*[\"']", text)
    assert "hx-on" not in text
    assert "javascript:" not in text
    assert not re.search(r"hx-(vals|headers|vars)\s*=\s*[\"']?js:", text)
    for script in re.findall(r"<script\b[^>]*>", text):
        assert "src=" in script or DATA_BLOCK.match(script), script
    for source in re.findall(r"<(?:script|link|img)\b[^>]*?(?:src|href)=\"([^\"]*)\"", text):
        assert source.startswith(("{", "/")), f"only from ourselves: {source}"


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_template_compiles(path: Path) -> None:
    engines["django"].get_template(str(path.relative_to(ROOT / "templates")))


def test_no_script_of_ours_evaluates_text() -> None:
    for path in ROOT.glob("static/**/*.js"):
        text = path.read_text(encoding="utf-8")
        assert not re.search(
            r"\beval\(|new Function|innerHTML|outerHTML|insertAdjacentHTML|document\.write", text
        ), path


PAGES = [
    "/accounts/login/",
    "/accounts/password/reset/",
    "/profile/",
    "/accounts/2fa/",
    "/admin/",
    "/admin/accounts/user/",
    "/nothing/",
    "/health/live/",
]


@pytest.mark.django_db
@pytest.mark.parametrize("path", PAGES)
def test_every_page_says_what_a_browser_may_load(client: Client, path: str) -> None:
    if not path.startswith("/accounts/login"):
        client.force_login(UserFactory.create(is_staff=True, is_superuser=True))
    answer = client.get(path, secure=True)
    policy = {
        part.split()[0]: part.split()[1:] for part in answer.headers["Content-Security-Policy"].split("; ")
    }
    assert policy["default-src"] == ["'none'"]
    assert policy["script-src"] == policy["style-src"] == policy["connect-src"] == ["'self'"]
    assert policy["frame-ancestors"] == policy["base-uri"] == ["'none'"]
    assert "unsafe" not in answer.headers["Content-Security-Policy"]
    assert answer.headers["X-Frame-Options"] == "DENY"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Referrer-Policy"] == "same-origin"
    body = answer.content.decode()
    assert not re.search(r"\sstyle=\"|<style\b|\son[a-z]+=\"", body)
    for script in re.findall(r"<script\b[^>]*>", body):
        assert "src=" in script or "application/json" in script, script


@pytest.mark.django_db
def test_cookies_stay_on_this_host_and_on_tls(client: Client) -> None:
    services.user_create(actor=None, email="ines@luna.test", name="", password="harina-violeta-91")
    client.get("/accounts/login/", secure=True)
    answer = client.post(
        "/accounts/login/", {"login": "ines@luna.test", "password": "harina-violeta-91"}, secure=True
    )
    assert {"__Host-session", "__Host-csrf"} <= set(client.cookies)
    for name in ("__Host-session", "__Host-csrf"):
        cookie = client.cookies[name]
        assert (
            cookie["secure"],
            cookie["httponly"],
            cookie["samesite"],
            cookie["path"],
            cookie["domain"],
        ) == (True, True, "Lax", "/", "")
    assert "no-store" in answer.headers["Cache-Control"] or "no-cache" in answer.headers["Cache-Control"]


@pytest.mark.django_db
def test_a_signed_in_page_is_in_no_shared_cache(client: Client, db: None) -> None:
    client.force_login(UserFactory.create(), backend="accounts.backends.PersonBackend")
    control = client.get(reverse("home"), secure=True, headers={"host": "localhost"}).headers["Cache-Control"]
    assert {"private", "no-cache"} <= set(control.split(", "))


def test_plain_http_is_led_to_tls_except_for_health(settings: Any) -> None:
    settings.SECURE_SSL_REDIRECT = True
    assert Client().get("/accounts/login/").headers["Location"] == "https://testserver/accounts/login/"
    assert Client().get("/health/live/").status_code == 200


def test_deploy_checks_pass(settings: Any) -> None:
    settings.SECURE_SSL_REDIRECT = True
    call_command("check", deploy=True, fail_level="WARNING", tag=["security"])


def test_htmx_may_not_evaluate_nor_inject(client: Client, db: None) -> None:
    client.force_login(UserFactory.create())
    page = client.get(reverse("profile")).content.decode()
    config = re.search(r"name=\"htmx-config\"\s+content='([^']*)'", page)
    assert config
    for rule in (
        '"allowEval":false',
        '"allowScriptTags":false',
        '"includeIndicatorStyles":false',
        '"selfRequestsOnly":true',
        '"historyCacheSize":0',
    ):
        assert rule in config[1]


def seen(**meta: str) -> HttpRequest:
    """The request as the panel sees it behind ProxyMiddleware."""
    found: list[HttpRequest] = []

    def view(request: HttpRequest) -> HttpResponse:
        found.append(request)
        return HttpResponse()

    ProxyMiddleware(view)(RequestFactory().get("/", **meta))  # type: ignore[arg-type]  # META entries are strings
    return found[0]


@pytest.mark.parametrize(
    ("peer", "forwarded", "client"),
    [
        ("", "198.51.100.7", "198.51.100.7"),
        ("127.0.0.1", "198.51.100.7", "198.51.100.7"),
        ("127.0.0.1", "203.0.113.9, 198.51.100.7", "198.51.100.7"),
        ("127.0.0.1", "198.51.100.7, 127.0.0.1", "198.51.100.7"),
        ("127.0.0.1", "2001:db8::7", "2001:db8::7"),
        ("127.0.0.1", "203.0.113.9, <script>", "127.0.0.1"),
        ("127.0.0.1", "", "127.0.0.1"),
        ("", "", "127.0.0.1"),
        ("198.51.100.7", "203.0.113.9", "198.51.100.7"),
    ],
)
def test_only_the_proxy_is_believed_about_the_client(peer: str, forwarded: str, client: str) -> None:
    assert seen(REMOTE_ADDR=peer, HTTP_X_FORWARDED_FOR=forwarded).META["REMOTE_ADDR"] == client


def test_only_the_proxy_is_believed_about_tls() -> None:
    assert seen(REMOTE_ADDR="127.0.0.1", HTTP_X_FORWARDED_PROTO="https").is_secure()
    assert not seen(REMOTE_ADDR="198.51.100.7", HTTP_X_FORWARDED_PROTO="https").is_secure()


def test_every_app_has_a_reason_to_be_here() -> None:
    assert {config.label for config in apps.get_app_configs()}.isdisjoint(
        {"debug_toolbar", "django_extensions"}
    )
