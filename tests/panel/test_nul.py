"""A NUL in an address is somebody trying something; it never reaches the database."""

import pytest
from django.test import Client

from tests import factories

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/domains/%00/", 404),
        ("/domains/%00/zone/", 404),
        ("/domains/a%00b/track/", 404),
        ("/domains/%00/mailboxes/%00/connect/", 404),
        ("/?q=%00", 400),
        ("/track/?%00=1", 400),
    ],
)
def test_a_nul_is_not_found_or_bad(db: None, path: str, status: int) -> None:
    client = Client(headers={"host": "localhost"})
    client.force_login(factories.UserFactory.create(), backend=BACKEND)
    assert client.get(path, secure=True).status_code == status
