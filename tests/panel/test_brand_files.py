"""What browsers and Caddy fetch of a brand."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Brand
from tests.factories import (
    ResellerFactory,
)
from tests.panel.test_hosts import HOST, at, page


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


class TestTlsAsk:
    def test_a_brands_name_and_no_other(self, luna: Brand) -> None:
        ask = Client(headers={"host": "localhost"})
        path = reverse("tls-ask")
        for name, status in [
            (HOST, 200),
            (HOST.upper() + ".", 200),
            ("evil.example", 404),
            ("localhost", 404),
            ("", 404),
            ("a" * 400, 404),
            ("a\0b", 404),
            ("127.0.0.1", 404),
        ]:
            assert ask.get(path, {"domain": name}).status_code == status, name
        assert ask.post(path, {"domain": HOST}).status_code == 405

    def test_nobody_from_outside(self, luna: Brand) -> None:
        answer = Client(headers={"host": "localhost", "x-forwarded-for": "203.0.113.7"}).get(
            reverse("tls-ask"), {"domain": HOST}
        )
        assert answer.status_code == 404
        answer = Client(REMOTE_ADDR="203.0.113.7").get(reverse("tls-ask"), {"domain": HOST})
        assert answer.status_code == 404


class TestFiles:
    @pytest.mark.django_db
    def test_the_style_is_what_its_address_says(self, client: Client, django_assert_num_queries: Any) -> None:
        with django_assert_num_queries(0):
            answer = client.get("/brand/7a1fa2-d59bef.css")
        assert answer.headers["Content-Type"] == "text/css"
        assert "immutable" in answer.headers["Cache-Control"]
        assert "light-dark(#7a1fa2, #d59bef)" in page(answer)
        for path in ("/brand/7A1FA2-d59bef.css", "/brand/red-blue.css", "/brand/7a1fa2-d59bef}.css"):
            assert client.get(path).status_code in {302, 404}

    def test_a_logo_is_known_by_its_bytes(self, luna: Brand) -> None:
        Brand.objects.filter(pk=luna.pk).update(logo=b"\x89PNG-luna", logo_sha="a" * 64)
        sol = ResellerFactory.create()
        Brand.objects.create(
            account=sol, name="Sol", panel_host="panel.sol.test", logo=b"\x89PNG-sol", logo_sha="b" * 64
        )
        answer = at(HOST).get(f"/brand/{'a' * 64}.png")
        assert answer.content == b"\x89PNG-luna"
        assert answer.headers["Content-Type"] == "image/png"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "immutable" in answer.headers["Cache-Control"]
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
        assert at(HOST).get(f"/brand/{'b' * 64}.png").status_code == 404, "another reseller's"
        assert at("localhost").get(f"/brand/{'b' * 64}.png").status_code == 200
        for missing in ("c" * 64, "0" * 64):
            assert at("localhost").get(f"/brand/{missing}.png").status_code == 404
