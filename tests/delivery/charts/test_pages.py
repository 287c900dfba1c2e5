"""What the charts say is what the rows say, to those who may read them."""

from __future__ import annotations

import csv
import html
import re
from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client, override_settings
from django.urls import reverse
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import Domain, User
from delivery import services
from delivery.charts import selectors
from delivery.charts.selectors import Scope
from delivery.charts.spans import span
from delivery.explain import BY_SLUG
from delivery.models import DestinationPart, Direction, Entry, Status, TrafficDay, TrafficPart
from delivery.views.charts import week
from tests import factories
from tests.delivery.rows import entry_make

pytestmark = pytest.mark.django_db
SLUG = next(iter(BY_SLUG))
FRAME = 6  # session, person, memberships, the frame of every signed-in page
BACKEND = "accounts.backends.PersonBackend"


def owner(domain: Domain) -> User:
    return factories.MembershipFactory.create(account=domain.account).user


def over(key: str = "7d") -> Any:
    return span(key, timezone.now(), timezone.get_current_timezone())


ROWS = st.lists(
    st.tuples(
        st.sampled_from(list(Direction)),
        st.sampled_from(list(Status)),
        st.integers(0, 100),
        st.integers(0, 10**9),
    ),
    max_size=10,
)


@settings(deadline=None, max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=ROWS)
def test_the_numbers_are_those_of_the_rows(rows: list[tuple[Direction, Status, int, int]]) -> None:
    domain = factories.DomainFactory.create()
    scope = Scope(user=owner(domain), domain=domain)
    for direction, status, hours, size in rows:
        at = timezone.now() - timedelta(hours=hours)
        entry_make(domain.pk, at, direction=direction, status=status, size=size)
    for key in ("24h", "7d"):
        found = selectors.parts(scope, over(key))
        since = over(key).since
        there = Entry.objects.filter(domain_id=domain.pk, at__gte=since)
        assert {key: n for key, n in selectors.whole(found).items() if n} == Counter(
            there.values_list("status", flat=True)
        )
        for way in Direction:
            sizes = there.filter(direction=way).values_list("size", flat=True)
            assert sum(part.ways[way] for part in found) == len(sizes)
            assert sum(part.sizes[way] for part in found) == sum(size or 0 for size in sizes)


def test_mail_between_two_domains_of_a_scope_counts_once() -> None:
    account = factories.AccountFactory.create()
    one, other = factories.DomainFactory.create_batch(2, account=account)
    user = owner(one)
    entry_make(one.pk, direction=Direction.OUT)
    entry_make(other.pk, direction=Direction.IN, peer_domain_id=one.pk)
    staff = factories.UserFactory.create(is_staff=True, is_superuser=True)
    for scope in (Scope(user=user), Scope(user=user, account=account), Scope(user=staff)):
        assert sum(part.total for part in selectors.parts(scope, over())) == 1
    alone = Scope(user=user, domain=other)
    assert sum(part.total for part in selectors.parts(alone, over())) == 1


def test_a_reseller_sees_its_clients_and_nobody_elses() -> None:
    reseller = factories.ResellerFactory.create()
    user = factories.MembershipFactory.create(account=reseller).user
    client = factories.AccountFactory.create(reseller=reseller)
    for account in (reseller, client, factories.AccountFactory.create()):
        entry_make(factories.DomainFactory.create(account=account).pk, cause="quota", status=Status.FAILED)
    assert sum(part.total for part in selectors.parts(Scope(user=user), over())) == 2
    assert selectors.numbers(Scope(user=user, account=client), over()).causes == [("quota", Status.FAILED, 1)]
    stranger = factories.MembershipFactory.create().user
    assert sum(part.total for part in selectors.parts(Scope(user=stranger, account=client), over())) == 0


def test_slow_destinations_of_enough_mails() -> None:
    domain = factories.DomainFactory.create()
    scope = Scope(user=owner(domain), domain=domain)
    for name, mails, deferred, delay in [
        ("slow.test", 10, 5, 50.0),
        ("quick.test", 10, 0, 1.0),
        ("rare.test", 1, 1, 0.0),
        ("late.test", 10, 0, 900.0),
    ]:
        DestinationPart.objects.create(
            day=timezone.now().date(),
            domain_id=domain.pk,
            destination=name,
            mails=mails,
            deferred=deferred,
            delivered=mails - deferred,
            failed=0,
            delay=delay,
        )
    found = selectors.slowest(scope, over())
    assert [(one.destination, one.waits, one.delay) for one in found] == [
        ("slow.test", 50, 10.0),
        ("late.test", 0, 90.0),
    ]


@pytest.mark.parametrize("asked", ["", "?range=24h", "?range=90d&way=out", "?range=%00&way=x"])
def test_a_page(client: Client, asked: str, django_assert_max_num_queries: Any) -> None:
    domain = factories.DomainFactory.create()
    url = reverse("track-charts", args=[domain.name])
    client.force_login(owner(domain), backend=BACKEND)
    assert "No mail in this time" in client.get(url + asked).text
    for status in Status:
        entry_make(
            domain.pk, direction=Direction.OUT, status=status, address="x@far.test", size=5000, cause=SLUG
        )
    with django_assert_max_num_queries(8 + FRAME):
        page = client.get(url + asked)
    assert page.status_code == 200
    assert 'role="img"' in page.text
    assert "style=" not in page.text
    assert f"cause={SLUG}" in page.text
    assert '<table class="chart-numbers">' in page.text
    if not asked:
        lines = list(csv.reader(client.get(f"{url}export/").getvalue().decode().splitlines()))
        assert len(lines) == 8
        assert [int(cell) for cell in lines[-1][1:13]] == [1, 1, 1, 1, 1, 1, 0, 6, 0, 0, 30_000, 0]


def test_a_small_chart_is_one_query(django_assert_num_queries: Any) -> None:
    domain = factories.DomainFactory.create()
    user = owner(domain)
    assert week(Scope(user=user, domain=domain)) is None
    entry_make(domain.pk, status=Status.FAILED)
    fresh = User.objects.get(pk=user.pk)
    with django_assert_num_queries(2):  # and the person's memberships, once a request
        found = week(Scope(user=fresh, domain=domain))
    assert found is not None
    assert found.bars.top == 1


DEEDS = st.lists(
    st.tuples(
        st.sampled_from(["make", "status", "time", "delete", "fold", "zone"]),
        st.sampled_from(list(Direction)),
        st.sampled_from(list(Status)),
        st.integers(0, 150),
    ),
    max_size=14,
)


@settings(deadline=None, max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(deeds=DEEDS)
def test_days_are_exact_whatever_happens_to_rows_that_were_folded(
    deeds: list[tuple[str, Direction, Status, int]],
) -> None:
    Entry.objects.all().delete()
    TrafficPart.objects.all().delete()
    TrafficDay.objects.all().delete()
    account = factories.AccountFactory.create()
    one, other = factories.DomainFactory.create_batch(2, account=account)
    user, staff = owner(one), factories.UserFactory.create(is_staff=True, is_superuser=True)
    zone = "UTC"
    for deed, way, status, hours in deeds:
        at, rows = timezone.now() - timedelta(hours=hours), Entry.objects.filter(direction=way)
        if deed == "make":
            peer = other.pk if hours % 2 else None
            entry_make(one.pk, at, direction=way, status=status, size=hours, peer_domain_id=peer)
        elif deed == "status":
            rows.update(status=status, cause=SLUG)
        elif deed == "time":
            rows.update(at=at)
        elif deed == "delete":
            rows.filter(status=status).delete()
        elif deed == "zone":
            zone = "Asia/Tokyo" if zone == "UTC" else "UTC"
        with override_settings(TIME_ZONE=zone):
            if deed in {"fold", "zone"}:
                services.traffic_fold()
            asked = over()
            for scope in (Scope(user=user, domain=one), Scope(user=user, account=account), Scope(user=staff)):
                for part, end in zip(
                    selectors.parts(scope, asked), [*asked.starts[1:], timezone.now()], strict=True
                ):
                    there = Entry.objects.filter(at__gte=part.start, at__lte=end)
                    if scope.domain is None:
                        there = there.exclude(direction=Direction.IN, peer_domain_id=other.pk)
                    assert part.total == there.count()
                    assert sum(part.sizes.values()) == sum(
                        size or 0 for size in there.values_list("size", flat=True)
                    )


def test_a_status_that_changes_long_after_the_day_was_folded() -> None:
    domain = factories.DomainFactory.create()
    scope = Scope(user=owner(domain), domain=domain)
    made = entry_make(domain.pk, timezone.now() - timedelta(days=3), status=Status.DEFERRED, cause=SLUG)
    services.traffic_fold()
    Entry.objects.filter(pk=made.pk).update(status=Status.DELIVERED, cause="")
    for _ in range(2):
        found = selectors.numbers(scope, over())
        assert {key: n for key, n in selectors.whole(found.parts).items() if n} == {Status.DELIVERED: 1}
        assert found.causes == []
        services.traffic_fold()
    assert TrafficPart.objects.count() == 1  # nothing is kept of what became nought
    assert TrafficDay.objects.count() == 2  # the domain's and the provider's


@pytest.mark.parametrize("asked", ["24h", "7d", "90d"])
def test_a_clients_page(client: Client, asked: str, django_assert_max_num_queries: Any) -> None:
    reseller = factories.ResellerFactory.create()
    account = factories.AccountFactory.create(reseller=reseller, sends_per_hour=2)
    domains = factories.DomainFactory.create_batch(5, account=account)
    for domain in domains:
        entry_make(domain.pk, direction=Direction.OUT, status=Status.FAILED, cause=SLUG)
    user = factories.MembershipFactory.create(account=reseller).user
    client.force_login(user, backend=BACKEND)
    url = reverse("client-charts", args=[account.pk])
    with django_assert_max_num_queries(8 + FRAME):
        page = client.get(url, {"range": asked})
    assert "Used up. The next mail may go at" in page.text
    link = re.search(rf'href="([^"]*cause={SLUG}[^"]*)"', page.text)
    assert link is not None
    assert "client=" in link[1]
    listed = client.get(html.unescape(link[1]))
    assert len(listed.context["rows"]) == 5
    stranger = factories.MembershipFactory.create().user
    client.force_login(stranger, backend=BACKEND)
    assert client.get(url).status_code == client.get(f"{url}0/").status_code == 404


def test_what_the_server_counts_is_asked_for_beside_the_page(client: Client) -> None:
    domain = factories.MailDomainFactory.create().domain
    client.force_login(owner(domain), backend=BACKEND)
    page = client.get(reverse("track-charts", args=[domain.name]))
    assert 'hx-select="#sending-use"' in page.text
    assert reverse("domain-sending", args=[domain.name]) in page.text
