"""Back to the page that a form was sent from, and nowhere else."""

from __future__ import annotations

import pytest
from django.test import Client, RequestFactory

from lib.back import back_to

HOST = "localhost"


def led(target: str, end: str = "") -> str:
    request = RequestFactory().post("/language/", {"next": target}, headers={"host": HOST}, secure=True)
    return back_to(request, "/learn/", end).url


@pytest.mark.parametrize("target", ["/", "/learn/?q=a", f"https://{HOST}/x", "/%5cevil"])
def test_to_what_is_ours(target: str) -> None:
    assert led(target) == target
    assert led(f"{target}#old", "helpful") == f"{target}#helpful"


@pytest.mark.parametrize(
    "target",
    [
        "", "home", "profile", "?q=1", "..//evil.test", "//evil.test", "/\\evil.test", "\\\\evil.test",
        "http:evil", "https:evil", "https://evil.test", f"https://{HOST}@evil.test", f"http://{HOST}/",
        "javascript:alert(1)", "\t//evil.test",
    ],
)  # fmt: skip
def test_else_to_where_it_was_said(target: str) -> None:
    assert led(target) == "/learn/"


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/language/", "/theme/"])
@pytest.mark.parametrize("target", ["x", "?q=1", "#x", "home"])
def test_a_word_is_no_address(address: str, target: str) -> None:
    answer = Client(headers={"host": "localhost", "x-forwarded-proto": "https"}).post(
        address, {"next": target}
    )
    assert (answer.status_code, answer.headers["Location"]) == (302, "/")
