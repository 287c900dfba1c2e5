"""Open alerts where people begin: the provider's desk, Home, and a domain's overview."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Domain, User
from delivery.models import Alert
from panel.totals import needs
from tests import factories
from tests.delivery.conftest import owned_domain, owner
from tests.delivery.rows import alert_make

pytestmark = pytest.mark.django_db


@pytest.fixture
def luna() -> Domain:
    return owned_domain("luna.test")


def page(client: Client, user: User, path: str) -> str:
    client.force_login(user)
    return str(client.get(path).content.decode())


def test_home_says_it_with_one_button(luna: Domain, client: Client) -> None:
    alert_make(luna)
    alert_make(luna, "bo@luna.test")
    (need,) = needs(owner(luna))
    assert need.what == "2 alerts about the mail of luna.test are open."
    assert need.url == reverse("alerts", args=["luna.test"])
    assert need.url in page(client, owner(luna), "/")


def test_not_of_others_nor_what_is_over_or_muted(luna: Domain) -> None:
    alert_make(owned_domain("sol.test"))
    Alert.objects.filter(pk=alert_make(luna).pk).update(resolved_at=timezone.now())
    Alert.objects.filter(pk=alert_make(luna, "muted").pk).update(told_at=None)
    assert needs(owner(luna)) == []


def test_one_query_at_home(luna: Domain, django_assert_num_queries: object) -> None:
    for n in range(5):
        alert_make(luna, f"b{n}@luna.test")
    user = owner(luna)
    needs(user)
    with django_assert_num_queries(1):  # type: ignore[operator]
        needs(user)


def test_the_overview_says_what_it_is(luna: Domain, client: Client) -> None:
    factories.MailDomainFactory.create(domain=luna)
    alert_make(luna, "ana@luna.test")
    html = page(client, owner(luna), "/domains/luna.test/")
    assert "Many wrong passwords for ana@luna.test." in html
    assert reverse("alerts", args=["luna.test"]) in html
    alert_make(luna, "bo@luna.test")
    assert "2 alerts about the mail of luna.test are open." in page(
        client, owner(luna), "/domains/luna.test/"
    )


def test_the_desk_shows_the_providers_and_where_most_are(luna: Domain, client: Client) -> None:
    ada = factories.UserFactory.create(is_staff=True, is_superuser=True)
    html = page(client, ada, "/admin/")
    assert "nothing of the whole house stands out" in html
    now = timezone.now()
    Alert.objects.create(kind="node", subject="mail1", facts={"behind": 900}, began_at=now, seen_at=now)
    sol = owned_domain("sol.test")
    alert_make(sol)
    for n in range(3):
        alert_make(luna, f"b{n}@luna.test")
    Alert.objects.filter(pk=alert_make(sol, "over").pk).update(resolved_at=now - timedelta(hours=1))
    html = page(client, ada, "/admin/")
    assert "mail1 is behind with its log" in html
    assert reverse("admin:delivery_logfile_changelist") in html
    assert html.index(reverse("alerts", args=["luna.test"])) < html.index(
        reverse("alerts", args=["sol.test"])
    )
    assert "3 alerts" in html
    assert "1 alert\n" in html or "1 alert<" in html or "1 alert " in html


def test_the_desk_without_the_right_to_alerts(client: Client) -> None:
    now = timezone.now()
    Alert.objects.create(kind="node", subject="mail1", facts={"behind": 900}, began_at=now, seen_at=now)
    assert "mail1 is behind" not in page(client, factories.UserFactory.create(is_staff=True), "/admin/")
