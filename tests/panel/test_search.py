"""One box: mailboxes, domains and clients, of the person and of nobody else."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pytest_django.fixtures import DjangoAssertNumQueries

from accounts.models import Account, Membership, MembershipDomain
from mailboxes.models import Mailbox, MailDomain
from panel.search import SHOWN
from tests import factories
from tests.panel.people import Person, person

pytestmark = pytest.mark.django_db
URL = reverse("search")


def mail(account: Account, name: str, *locals_: str) -> MailDomain:
    domain = factories.DomainFactory.create(account=account, name=name)
    found: MailDomain = factories.MailDomainFactory.create(domain=domain)
    for local in locals_:
        factories.MailboxFactory.create(mail_domain=found, local=local)
    return found


def found(who: Client, **given_: str) -> dict[str, list[str]]:
    answer = who.get(URL, given_).context["found"]
    parts = {"mailboxes": answer.mailboxes, "domains": answer.domains, "clients": answer.clients}
    return {name: [hit.lead for hit in hits] for name, hits in parts.items() if hits}


@pytest.fixture
def ines() -> Person:
    return person()


@pytest.mark.parametrize(
    ("q", "wanted"),
    [
        ("ana.g", ["ana.garcia@luna.test"]),
        ("GARCIA", ["ana.garcia@luna.test", "x.garcia@luna.test"]),
        ("garcia@lu", ["ana.garcia@luna.test", "x.garcia@luna.test"]),
        ("x.garcia@luna.test", ["x.garcia@luna.test"]),
        ("an", ["ana.garcia@luna.test"]),
        ("ga", None),
        ("%", None),
        ("_", None),
        ("gar_ia", None),
        ("\\", None),
    ],
)
def test_mailboxes_are_found_by_a_part_of_their_address(
    ines: Person, q: str, wanted: list[str] | None
) -> None:
    mail(ines.account, "luna.test", "ana.garcia", "x.garcia", "luis")
    assert found(ines.client, q=q).get("mailboxes") == wanted


def test_deleted_mailboxes_are_not_found(ines: Person) -> None:
    mail(ines.account, "luna.test", "ana")
    Mailbox.objects.update(deleted_at=timezone.now())
    assert "mailboxes" not in found(ines.client, q="ana@luna")


def test_a_domain_is_found_as_people_read_it(ines: Person) -> None:
    domain = factories.DomainFactory.create(
        account=ines.account, name="xn--panadera-i2a.test", display_name="panadería.test"
    )
    factories.MailboxFactory.create(
        mail_domain=factories.MailDomainFactory.create(domain=domain), local="ana"
    )
    assert found(ines.client, q="Panadería")["domains"] == ["panadería.test"]
    assert found(ines.client, q="ana@panadería.test")["mailboxes"] == ["ana@xn--panadera-i2a.test"]


@pytest.fixture
def houses() -> dict[str, Any]:
    """Two resellers with a client each, and a customer of nobody's; everybody has ana and casa-….test."""
    made: dict[str, Any] = {}
    for name in ("nube", "otra"):
        reseller = factories.ResellerFactory.create(name=f"Casa {name}")
        client = factories.AccountFactory.create(name=f"Casa client of {name}", reseller=reseller)
        mail(client, f"casa-{name}.test", "ana")
        made |= {name: person(reseller), f"{name}-client": person(client)}
    alone = factories.AccountFactory.create(name="Casa alone")
    mail(alone, "casa-alone.test", "ana")
    return made | {"alone": person(alone)}


@pytest.mark.parametrize(
    ("who", "sees"),
    [
        ("nube", {"nube"}),
        ("otra", {"otra"}),
        ("nube-client", {"nube"}),
        ("otra-client", {"otra"}),
        ("alone", {"alone"}),
    ],
)
@pytest.mark.parametrize("q", ["ana", "casa", "ana@casa-nube.test", "casa-otra.test", "a", "test"])
def test_everybody_finds_their_own_alone(houses: dict[str, Any], who: str, sees: set[str], q: str) -> None:
    hits = found(houses[who].client, q=q)
    for name in {"nube", "otra", "alone"} - sees:
        page = houses[who].client.get(URL, {"q": q}).content.decode()
        for hit in (f"ana@casa-{name}.test</", f">casa-{name}.test</", f"client of {name}"):
            assert hit not in page
    if q == "ana":
        assert hits["mailboxes"] == [f"ana@casa-{name}.test" for name in sees]
    assert ("clients" in hits) == (q in {"casa", "a"} and who in {"nube", "otra"})


def test_the_provider_finds_all_and_only_the_client_while_acting(houses: dict[str, Any]) -> None:
    client = Client()
    client.force_login(
        factories.UserFactory.create(is_staff=True, is_superuser=True),
        backend="accounts.backends.PersonBackend",
    )
    assert len(found(client, q="ana@casa")["mailboxes"]) == 3
    assert len(found(client, q="casa")["clients"]) == 5


def test_a_place_for_one_domain_finds_that_one(ines: Person) -> None:
    mine, other = mail(ines.account, "luna.test", "ana"), mail(ines.account, "sol.test", "ana")
    Membership.objects.filter(user=ines.user).update(role=Membership.Role.CREATOR, all_domains=False)
    place = Membership.objects.get(user=ines.user)
    MembershipDomain.objects.create(membership=place, domain=mine.domain)
    assert found(ines.client, q="ana")["mailboxes"] == ["ana@luna.test"]
    assert other.domain.name not in ines.client.get(URL, {"q": "ana"}).content.decode()


def test_suspended_people_find_nothing(ines: Person) -> None:
    mail(ines.account, "luna.test", "ana")
    Account.objects.update(no_sign_in=True, suspended_at=timezone.now())
    answer = ines.client.get(URL, {"q": "ana"})
    assert "ana@luna.test" not in answer.content.decode()


def test_strangers_sign_in_first_and_nothing_is_posted(client: Client, ines: Person) -> None:
    assert client.get(URL, {"q": "ana"}).status_code == 302
    assert ines.client.post(URL, {"q": "ana"}).status_code == 405


def test_pages_of_mailboxes_follow_each_other_domain_by_domain(ines: Person) -> None:
    names = [f"box{n:03}" for n in range(SHOWN + 3)]
    for domain in ("luna.test", "alba.test"):
        mail(ines.account, domain, *names)
    seen: list[str] = []
    given_ = {"q": "box"}
    while given_:
        answer = ines.client.get(URL, given_).context["found"]
        seen += [hit.lead for hit in answer.mailboxes]
        assert len(answer.mailboxes) <= SHOWN
        given_ = {name: values[0] for name, values in parse_qs(urlsplit(answer.next).query).items()}
    assert seen == [f"{name}@{domain}" for domain in ("luna.test", "alba.test") for name in names]


@pytest.mark.parametrize("many", [1, 60])
def test_searching_costs_eight_queries_at_most(
    houses: dict[str, Any], many: int, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    nube = houses["nube"]
    for n in range(many):
        client = factories.AccountFactory.create(name=f"Casa {n}", reseller=nube.account)
        mail(client, f"casa{n}.test", "ana")
    with django_assert_max_num_queries(8):
        assert len(found(nube.client, q="casa")["domains"]) <= SHOWN


@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(q=st.text(max_size=30), after=st.text(max_size=30))
def test_whatever_is_typed_is_answered_and_inert(ines: Person, q: str, after: str) -> None:
    page = ines.client.get(URL, {"q": q, "after": after})
    assert page.status_code == 200


def test_what_was_typed_is_shown_inert(ines: Person) -> None:
    page = ines.client.get(URL, {"q": '"><script>alert(1)</script>'}).content.decode()
    assert "<script>alert" not in page
    assert "Nothing that you may see" in page


@pytest.mark.parametrize("q", ["luna.test", "@luna.test", "@LUNA.test"])
def test_a_whole_domain_finds_all_of_its_addresses_and_no_strangers(ines: Person, q: str) -> None:
    mail(ines.account, "luna.test", "ana", "luis")
    mail(ines.account, "sol.test", "luna.test")
    assert found(ines.client, q=q)["mailboxes"] == ["ana@luna.test", "luis@luna.test"]
    assert "mailboxes" not in found(person().client, q=q)
