"""Home: every domain at a glance, in eight queries however many there are."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django.fixtures import DjangoAssertNumQueries

from accounts.models import Account, Domain, DomainClaim, Membership
from panel.home import PAGE
from provision.models import Push
from tests.factories import (
    AccountFactory,
    DomainFactory,
    MailboxFactory,
    MailDomainFactory,
    NodeFactory,
    UserFactory,
)
from tests.panel.people import Person, person

pytestmark = pytest.mark.django_db


@pytest.fixture
def ines() -> Person:
    return person()


def page(who: Person, query: str = "") -> str:
    return who.client.get(reverse("home") + query).content.decode()


def push(domain: Domain, key: str, **more: Any) -> Push:
    return Push.objects.create(
        node=NodeFactory.create(),
        domain=domain,
        key=key,
        kind="mailbox",
        payload={},
        next_try_at=timezone.now(),
        **more,
    )


def names(html: str) -> list[str]:
    rows = html.split("<tbody>")[1].split("</tbody>", maxsplit=1)[0] if "<tbody>" in html else ""
    return [part.split("/")[0] for part in rows.split('href="/domains/')[1:]]


def test_the_first_visit_says_what_to_do(ines: Person) -> None:
    html = page(ines)

    assert reverse("domain-add") in html
    assert "<table" not in html
    assert "Needs you" not in html


def test_each_domain_shows_its_numbers(ines: Person) -> None:
    Account.objects.filter(pk=ines.account.pk).update(storage_mb=10_240, max_mailboxes=7)
    mail = MailDomainFactory.create(domain__account=ines.account, domain__name="luna.test")
    MailboxFactory.create(mail_domain=mail, used_mb=600)
    MailboxFactory.create(mail_domain=mail, used_mb=424)
    MailboxFactory.create(mail_domain=mail, used_mb=999, deleted_at=timezone.now())

    html = page(ines)

    assert names(html) == ["luna.test"]
    assert "1 GB</td>" in html  # its own numbers; the limits are the account's, below
    assert "2 of 7" in html
    assert "1 of 10 GB" in html
    assert "Needs you" not in html
    assert 'class="st ok"' in html


def test_a_reseller_sees_whose_each_domain_is(ines: Person) -> None:
    Account.objects.filter(pk=ines.account.pk).update(kind=Account.Kind.RESELLER)
    client = AccountFactory.create(name="Taller Sol", reseller=ines.account)
    DomainFactory.create(account=client, name="sol.test")
    DomainFactory.create(account=ines.account, name="luna.test")

    html = page(ines)

    assert "Your domains and your clients’ domains" in html
    assert "2 accounts," in html
    assert html.index("luna.test") < html.index("Taller Sol")


def test_somebody_in_two_accounts_has_no_clients(ines: Person) -> None:
    other = AccountFactory.create()
    Membership.objects.create(account=other, user=ines.user, role="owner")
    for account in (ines.account, other):
        DomainFactory.create(account=account)
    assert "clients’" not in page(ines)


def test_the_providers_staff_see_all_and_the_way_to_their_desk(ines: Person, client: Client) -> None:
    client.force_login(UserFactory.create(is_staff=True, is_superuser=True))
    DomainFactory.create(account=ines.account, name="luna.test")

    html = client.get(reverse("home")).content.decode()

    assert "All domains" in html
    assert "Your domains" not in html
    assert reverse("admin:index") in html


def test_staff_without_a_customer_are_led_to_make_one(client: Client, db: None) -> None:
    client.force_login(UserFactory.create(is_staff=True, is_superuser=True))

    html = client.get(reverse("home")).content.decode()

    assert reverse("admin:accounts_account_add") in html
    assert 'class="btn primary" href="/domains/new/"' not in html


def test_what_needs_a_person_comes_first_and_only_then(ines: Person) -> None:
    mail = MailDomainFactory.create(domain__account=ines.account, domain__name="luna.test")
    MailboxFactory.create(mail_domain=mail, quota_mb=10, used_mb=10)
    push(mail.domain, "mailbox/x@luna.test", last_error="disk full")

    html = page(ines)

    assert "Needs you: 2" in html
    assert "1 mailbox of luna.test is full." in html
    assert 'class="st bad"' in html


def test_what_is_under_way_is_said_and_is_no_alarm(ines: Person) -> None:
    domain = DomainFactory.create(account=ines.account)
    push(domain, "zone/x")

    html = page(ines)

    assert 'class="st move"' in html
    assert "Needs you" not in html


def test_others_domains_and_troubles_are_not_there(ines: Person) -> None:
    other = MailDomainFactory.create(domain__name="secret.test")
    MailboxFactory.create(mail_domain=other, quota_mb=10, used_mb=10)
    push(other.domain, "mailbox/x@secret.test", last_error="disk full")
    DomainFactory.create(account=ines.account, name="luna.test")

    html = page(ines)

    assert "secret" not in html
    assert names(html) == ["luna.test"]


def test_search_finds_a_name_as_people_read_it(ines: Person) -> None:
    DomainFactory.create(account=ines.account, name="xn--panadera-i2a.test", display_name="panadería.test")
    DomainFactory.create(account=ines.account, name="luna.test")

    assert names(page(ines, "?q=panadería")) == ["xn--panadera-i2a.test"]
    assert names(page(ines, "?q=LUNA")) == ["luna.test"]
    assert "No domain has" in page(ines, "?q=%22%3E%3Cscript%3E")
    assert "<script>" not in page(ines, "?q=%22%3E%3Cscript%3E").split("<body", 1)[1]


@pytest.mark.parametrize("sort", ["", "-name"])
def test_pages_follow_each_other_and_lead_back(ines: Person, sort: str) -> None:
    all_names = [f"d{number:03}.test" for number in range(2 * PAGE + 3)]
    DomainFactory.create_batch(len(all_names), account=ines.account)
    for domain, name in zip(Domain.objects.order_by("pk"), all_names, strict=True):
        Domain.objects.filter(pk=domain.pk).update(name=name, display_name=name)
    order = all_names[::-1] if sort else all_names

    first = names(page(ines, f"?sort={sort}"))
    second = names(page(ines, f"?sort={sort}&after={first[-1]}"))
    third = names(page(ines, f"?sort={sort}&after={second[-1]}"))

    assert first + second + third == order
    assert names(page(ines, f"?sort={sort}&before={second[0]}")) == first


@pytest.mark.parametrize("sort", ["-boxes", "boxes", "-used", "used"])
def test_amounts_are_sorted_and_paged_with_ties(ines: Person, sort: str) -> None:
    amounts = {}
    for number in range(PAGE + 4):
        mail = MailDomainFactory.create(domain__account=ines.account, domain__name=f"d{number:03}.test")
        for _ in range(number % 3):
            MailboxFactory.create(mail_domain=mail, used_mb=number % 2)
        used = (number % 3) * (number % 2)
        amounts[mail.domain.name] = used if "used" in sort else number % 3
    wanted = sorted(amounts, key=lambda name: (amounts[name], name), reverse=sort.startswith("-"))

    first = ines.client.get(reverse("home"), {"sort": sort})
    second = ines.client.get(reverse("home") + first.context["home"].next)
    back = ines.client.get(reverse("home") + second.context["home"].previous)

    found = [names(answer.content.decode()) for answer in (first, second, back)]
    assert found[0] + found[1] == wanted
    assert found[2] == found[0]


def test_a_resellers_meters_are_its_pool(ines: Person) -> None:
    Account.objects.filter(pk=ines.account.pk).update(kind=Account.Kind.RESELLER, max_mailboxes=10)
    client = AccountFactory.create(reseller=ines.account, max_mailboxes=7)
    for account in (ines.account, client):
        MailboxFactory.create(mail_domain=MailDomainFactory.create(domain__account=account))
    MailboxFactory.create(mail_domain=MailDomainFactory.create())  # somebody else's

    assert "2 of 10" in page(ines)


def test_a_domain_that_waits_for_proof_is_named_with_the_way_to_prove_it(ines: Person) -> None:
    other = AccountFactory.create()
    for account, name in ((ines.account, "waits.test"), (other, "secret.test")):
        DomainClaim.objects.create(account=account, name=name, display_name=name, token=name)

    html = page(ines)

    assert "waits.test waits for proof" in html
    assert reverse("domain-proof", args=["waits.test"]) in html
    assert "1 domain waits for proof." in html
    assert "secret" not in html


def test_that_all_else_works_is_said_only_when_everything_else_does(ines: Person) -> None:
    for number in range(4):
        push(DomainFactory.create(account=ines.account), f"mailbox/{number}", last_error="disk full")
    assert "Nothing else needs you." not in page(ines)
    Push.objects.exclude(key="mailbox/0").delete()
    assert "Nothing else needs you." in page(ines)


def test_a_suspended_domain_says_so_with_its_reason(ines: Person) -> None:
    DomainFactory.create(account=ines.account, name="luna.test")
    Domain.objects.update(no_send=True, suspended_at=timezone.now(), suspended_reason="unpaid since May")

    html = page(ines)

    assert "Suspended" in html
    assert "unpaid since May" in html


def test_a_mailbox_creator_is_led_to_the_mailboxes(ines: Person) -> None:
    DomainFactory.create(account=ines.account, name="luna.test")
    Membership.objects.update(role=Membership.Role.CREATOR)

    html = page(ines)

    rows = html.split("<tbody>")[1].split("</tbody>", maxsplit=1)[0]
    assert f'href="{reverse("mailboxes", args=["luna.test"])}"' in rows
    assert "–</td>" in rows


@pytest.mark.parametrize(
    "query", ["?after=%F0%9F%93%AE", "?sort=password", "?before=a&after=b", "?q=" + "x" * 5000]
)
def test_nonsense_in_the_address_is_no_error(ines: Person, query: str) -> None:
    DomainFactory.create(account=ines.account)

    assert ines.client.get(reverse("home") + query).status_code == 200


@pytest.mark.parametrize("count", [1, 60])
def test_eight_queries_for_any_number_of_domains(
    ines: Person, count: int, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for domain in DomainFactory.create_batch(count, account=ines.account):
        MailboxFactory.create(mail_domain=MailDomainFactory.create(domain=domain), quota_mb=1, used_mb=2)

    with django_assert_max_num_queries(8):
        page(ines)
