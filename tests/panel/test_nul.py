"""A NUL in an address is somebody trying something; it never reaches the database."""

import pytest
from django.test import Client

from tests import factories

BACKEND = "accounts.backends.PersonBackend"


@pytest.fixture
def client(db: None) -> Client:
    client = Client(headers={"host": "localhost"})
    client.force_login(factories.UserFactory.create(), backend=BACKEND)
    return client


@pytest.mark.parametrize(
    "path",
    ["/domains/%00/", "/domains/%00/zone/", "/domains/a%00b/track/", "/domains/%00/mailboxes/%00/connect/"],
)
def test_a_nul_in_a_path_is_not_found(client: Client, path: str) -> None:
    assert client.get(path, secure=True).status_code == 404


@pytest.mark.parametrize("page", ["", "zone/", "mailboxes/", "track/", "connect/"])
@pytest.mark.parametrize("query", ["q", "after", "before", "type", "status", "state", "sort", "from", "page"])
def test_a_nul_in_a_query_is_an_answer(client: Client, page: str, query: str) -> None:
    account = factories.MembershipFactory.create(user_id=int(client.session["_auth_user_id"])).account
    domain = factories.DomainFactory.create(account=account)
    factories.ZoneFactory.create(domain=domain)
    factories.MailDomainFactory.create(domain=domain)
    response = client.get(f"/domains/{domain.name}/{page}?{query}=%00x", secure=True)
    assert response.status_code in {200, 400}
