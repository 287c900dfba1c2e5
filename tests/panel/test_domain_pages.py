"""Add and delete a domain through the forms."""

from __future__ import annotations

import pytest
from django.urls import reverse

from accounts.models import Account, Domain
from panel import lifecycle
from tests.factories import AccountFactory, DomainFactory, NodeFactory, ResellerFactory
from tests.panel.people import Person, person

pytestmark = pytest.mark.django_db


@pytest.fixture
def ines() -> Person:
    """Trusted: what she adds is there at once. Who is not: test_proof_pages."""
    NodeFactory.create()
    return person(AccountFactory.create(trusted=True))


def made(who: Person, name: str) -> Domain:
    return lifecycle.domain_create(actor=who.user, account=who.account, name=name, proof=Domain.Proof.TRUSTED)


def add(who: Person, name: str, **more: object) -> str:
    return who.client.post(reverse("domain-add"), {"name": name, **more}, follow=True).content.decode()


@pytest.mark.parametrize("typed", ["luna.test", "LUNA.test", "luna.test.", "luna．test", " luna.test "])
def test_a_name_is_taken_however_it_is_written(ines: Person, typed: str) -> None:
    answer = ines.client.post(reverse("domain-add"), {"name": typed})

    assert answer.headers["Location"] == reverse("domain-overview", args=["luna.test"])
    assert Domain.objects.get(name="luna.test").account == ines.account


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "luna",
        "a" * 64 + ".test",
        "-luna.test",
        "localhost",
        "postroom.test",
        "192.0.2.1",
        "co.uk",
        "github.io",
        "2.0.192.in-addr.arpa",
        "mail1.nodes.example",
        "sub.mail1.nodes.example",
        "nodes.example",
        "x@luna.test",
        "a..test",
        "é" * 300,
    ],
)
def test_a_name_that_cannot_be_is_answered_at_the_field(ines: Person, typed: str) -> None:
    NodeFactory.create(name="mail2", host="mail1.nodes.example")
    page = add(ines, typed)

    assert 'id="id_name-e"' in page
    assert 'aria-invalid="true"' in page
    assert not Domain.objects.exists()


def test_a_name_in_another_account_is_refused_and_says_nothing_of_its_owner(ines: Person) -> None:
    other = DomainFactory.create(name="luna.test", account=AccountFactory.create(name="Secretive Ltd"))

    page = add(ines, "Luna.test")

    assert 'id="id_name-e"' in page
    assert "Secretive" not in page
    assert Domain.objects.get(name="luna.test").account_id == other.account_id


def test_a_full_account_says_so_on_top(ines: Person) -> None:
    Account.objects.filter(pk=ines.account.pk).update(max_domains=1)

    DomainFactory.create(account=ines.account, name="sol.test")

    page = add(ines, "luna.test")

    assert 'role="alert"' in page
    assert not Domain.objects.filter(name="luna.test").exists()


def test_a_reseller_chooses_among_own_and_clients_accounts_only(ines: Person) -> None:
    reseller = person(ResellerFactory.create(trusted=True))
    client = AccountFactory.create(reseller=reseller.account)

    add(reseller, "shop.test", account=client.pk)
    page = add(reseller, "theft.test", account=ines.account.pk)

    assert Domain.objects.get(name="shop.test").account == client
    assert 'id="id_account-e"' in page
    assert not Domain.objects.filter(name="theft.test").exists()


def test_deleting_names_what_is_lost_and_wants_the_name(ines: Person) -> None:
    domain = made(ines, "luna.test")
    url = reverse("domain-delete", args=[domain.name])

    asked = ines.client.get(url).content.decode()
    slip = ines.client.post(url, {"name": "lune.test"}).content.decode()

    assert "DNS records" in asked
    assert 'id="id_name-e"' in slip
    assert Domain.objects.filter(name="luna.test").exists()
    done = ines.client.post(url, {"name": "LUNA.test."})
    assert done.headers["Location"] == reverse("home")
    assert not Domain.objects.filter(name="luna.test").exists()


@pytest.mark.parametrize("page", ["domain-overview", "domain-delete", "connect"])
def test_anothers_domain_is_not_there(ines: Person, page: str) -> None:
    domain = made(ines, "luna.test")
    charlie = person()

    assert charlie.client.get(reverse(page, args=[domain.name])).status_code == 404
    assert (
        charlie.client.post(reverse("domain-delete", args=[domain.name]), {"name": domain.name}).status_code
        == 404
    )
    assert Domain.objects.filter(name="luna.test").exists()
