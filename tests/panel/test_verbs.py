"""A verb that a page does not know: 405 at what is one's own, 404 at what is not."""

from __future__ import annotations

import pytest
from django.test import Client

from accounts.models import Domain
from tests.factories import AccountFactory, DomainFactory, MembershipFactory

pytestmark = pytest.mark.django_db
PATHS = [
    ("post", "/domains/one.test/"),
    ("get", "/domains/one.test/proof/look/"),
    ("put", "/domains/one.test/"),
]


@pytest.mark.parametrize(("verb", "path"), PATHS)
@pytest.mark.parametrize("whose", ["mine", "another's", "nobody's"])
def test_whose_it_is_decides(client: Client, verb: str, path: str, whose: str) -> None:
    place = MembershipFactory.create()
    DomainFactory.create(
        name="one.test", account=place.account if whose == "mine" else AccountFactory.create()
    )
    if whose == "nobody's":
        Domain.objects.all().delete()
    client.force_login(place.user, backend="accounts.backends.PersonBackend")
    assert getattr(client, verb)(path).status_code == (405 if whose == "mine" else 404)


def test_a_page_about_nothing_of_anybody_s_says_what_it_takes(client: Client) -> None:
    client.force_login(MembershipFactory.create().user, backend="accounts.backends.PersonBackend")
    answer = client.get("/theme/")
    assert (answer.status_code, answer.headers["Allow"]) == (405, "POST")
