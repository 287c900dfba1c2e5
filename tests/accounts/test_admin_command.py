"""The first person of a provider that was brought up without the demo."""

from __future__ import annotations

import io

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from accounts.models import User


def make(monkeypatch: pytest.MonkeyPatch, email: str, password: str) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{password}\n"))
    call_command("admin", email, stdout=io.StringIO())


def test_the_first_admin_signs_in_and_opens_the_desk(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    make(monkeypatch, "First@Provider.test", "harina-violeta-91")
    client = Client(headers={"host": "localhost"})
    answer = client.post(
        reverse("account_login"),
        {"login": "first@provider.test", "password": "harina-violeta-91"},
        secure=True,
    )
    assert answer.status_code == 302
    assert client.get(reverse("admin:index"), secure=True).status_code == 200


@pytest.mark.parametrize(("email", "password"), [("first", "harina-violeta-91"), ("a@b.test", "short")])
def test_what_cannot_be_is_said_and_nobody_is_made(
    db: None, monkeypatch: pytest.MonkeyPatch, email: str, password: str
) -> None:
    with pytest.raises(CommandError):
        make(monkeypatch, email, password)
    assert not User.objects.exists()
