"""Counts by the hour are those of the entries; what is older than the account may look back is not seen."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import Account, Domain
from delivery import selectors, services, traffic
from delivery.models import Direction, Entry, Status, TrafficPart
from tests import factories
from tests.delivery.rows import entry_make

pytestmark = pytest.mark.django_db


def entry(domain: Domain | None, at: datetime | None = None, **more: Any) -> Entry:
    values: dict[str, Any] = {"direction": Direction.OUT} | more
    return entry_make(domain.pk if domain else None, at, **values)


def counted() -> dict[tuple[Any, ...], int]:
    """The hard way: entries of the last days by hour."""
    found: dict[tuple[Any, ...], int] = {}
    for row in Entry.objects.filter(domain_id__isnull=False):
        hour = row.at.replace(minute=0, second=0, microsecond=0)
        key = (hour, row.domain_id, row.peer_domain_id, row.direction, row.status)
        found[key] = found.get(key, 0) + 1
    return found


def kept() -> dict[tuple[Any, ...], int]:
    found: dict[tuple[Any, ...], int] = {}
    for part in TrafficPart.objects.all():
        key = (part.hour, part.domain_id, part.peer_domain_id, part.direction, part.status)
        found[key] = found.get(key, 0) + part.entries
    return {key: number for key, number in found.items() if number}


DEEDS = st.lists(
    st.tuples(
        st.sampled_from(["make", "status", "time", "whose", "delete", "fold"]),
        st.integers(0, 2),
        st.sampled_from(list(Status)),
        st.integers(0, 40),
    ),
    max_size=14,
)


@settings(deadline=None, max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(deeds=DEEDS)
def test_counts_follow_the_entries(deeds: list[tuple[str, int, Status, int]]) -> None:
    Entry.objects.all().delete()
    domains = [None, *factories.DomainFactory.create_batch(2)]
    for deed, which, status, hours in deeds:
        rows, domain = Entry.objects.all(), domains[which]
        at = timezone.now() - timedelta(hours=hours)
        if deed == "make":
            entry(domain, at, status=status, peer_domain_id=hours % 3 or None)
        elif deed == "status":
            rows.update(status=status)
        elif deed == "time":
            rows.update(at=at)
        elif deed == "whose":
            rows.filter(status=status).update(domain_id=domain.pk if domain else None)
        elif deed == "delete":
            rows.filter(status=status).delete()
        else:
            services.traffic_fold()
        assert kept() == counted()


def test_folding_leaves_one_part_each_and_drops_what_is_old() -> None:
    domain = factories.DomainFactory.create()
    for _ in range(3):
        entry(domain)
    TrafficPart.objects.create(
        hour=timezone.now() - TrafficPart.KEPT - timedelta(days=1),
        domain_id=domain.pk,
        direction=1,
        status=2,
        entries=5,
    )
    # By hour and by destination, and the old one; the hour may turn between two of them.
    assert services.traffic_fold() in {3, 4}
    assert services.traffic_fold() == 0
    assert sum(part.entries for part in TrafficPart.objects.all()) == 3


def test_what_was_sent_by_whom() -> None:
    mine, theirs = factories.DomainFactory.create_batch(2)
    for status in (Status.DELIVERED, Status.FAILED, Status.REJECTED):
        entry(mine, status=status)
    entry(mine, direction=Direction.IN)
    entry(mine, timezone.now() - timedelta(days=2))
    entry(theirs)
    found = traffic.sent([mine.account_id, theirs.account_id, 10**9])
    assert found == {mine.account_id: 2, theirs.account_id: 1, 10**9: 0}
    rows = Account.objects.annotate(n=traffic.sent_by_account()).values_list("pk", "n")
    assert dict(rows) == {mine.account_id: 2, theirs.account_id: 1}
    top = [(one.domain, one.sent, one.bad) for one in traffic.top_senders(5)]
    assert top == [(mine, 2, 1), (theirs, 1, 0)]
    assert len(traffic.top_senders(1)) == 1


def test_the_last_day_of_all_that_a_person_reads_counts_mail_between_their_domains_once() -> None:
    account = factories.AccountFactory.create()
    one, other = factories.DomainFactory.create_batch(2, account=account)
    user = factories.MembershipFactory.create(account=account).user
    entry(one, peer_domain_id=None)
    entry(other, direction=Direction.IN, peer_domain_id=one.pk)
    entry(other, direction=Direction.IN, status=Status.FAILED)
    entry(factories.DomainFactory.create())
    assert traffic.fates(user) == {Status.DELIVERED: 1, Status.FAILED: 1}
    reader = factories.MembershipFactory.create(account=account, role="creator").user
    assert traffic.fates(reader) == {}


@pytest.mark.parametrize(("age", "seen"), [(6, True), (8, False)])
def test_rows_older_than_the_plan_allows_are_out_of_sight(client: Client, age: int, seen: bool) -> None:
    membership = factories.MembershipFactory.create(account=factories.AccountFactory.create(log_days=7))
    domain = factories.DomainFactory.create(account=membership.account)
    row = entry(domain, timezone.now() - timedelta(days=age))
    query = selectors.TrackQuery()
    for where in (domain, None):
        assert list(selectors.entries(membership.user, where, query)) == ([row] if seen else [])
    assert selectors.recent(domain=domain) == ([row] if seen else [])
    client.force_login(membership.user, backend="accounts.backends.PersonBackend")
    page = client.get(reverse("track-message", args=[domain.name, row.pk]))
    assert page.status_code == (200 if seen else 404)
    provider = factories.UserFactory.create(is_staff=True, is_superuser=True)
    assert list(selectors.entries(provider, domain, query)) == [row]
