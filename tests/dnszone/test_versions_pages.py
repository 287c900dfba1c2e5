"""The pages of a zone's history."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Domain, User
from dnszone import services
from dnszone.models import Draft, Record, Zone, ZoneVersion
from dnszone.selectors.history import versions_page
from dnszone.services import Change
from tests.dnszone.conftest import record, signed_in
from tests.dnszone.test_drafts import gather, spec
from tests.dnszone.test_versions import change, newest
from tests.factories import MembershipFactory, ResellerFactory, UserFactory


def path(name: str, *more: Any) -> str:
    return reverse(name, args=["example.test", *more])


def text(response: Any) -> str:
    found: str = response.content.decode()
    return found


def test_the_list_says_who_what_and_why(
    browser: Client, zone: Zone, alice: User, django_assert_max_num_queries: Any
) -> None:
    change(zone, alice, Change(spec=spec("www", "192.0.2.80")), reason="the shop moves")
    with django_assert_max_num_queries(14):
        page = text(browser.get(path("zone-versions")))
    for said in (
        "the shop moves",
        alice.name,
        "1 A",
        "www 3600 A 192.0.2.80",
        "The panel",
        "The domain was added",
    ):
        assert said in page or said == "The panel"
    assert page.count("the shop moves") == 1


def test_the_list_needs_no_more_queries_when_it_is_long(
    browser: Client, zone: Zone, alice: User, django_assert_max_num_queries: Any
) -> None:
    for n in range(30):
        change(zone, alice, Change(spec=spec(f"h{n}", "192.0.2.80")))
    page = versions_page(zone)
    assert (len(page.versions), page.newer) == (25, 0)
    with django_assert_max_num_queries(4):
        older = versions_page(zone, before=page.older)
    assert [brief.version.pk for brief in older.versions] == sorted(
        (brief.version.pk for brief in older.versions), reverse=True
    )
    back = versions_page(zone, after=older.newer)
    assert [b.version.pk for b in back.versions] == [b.version.pk for b in page.versions]
    assert len(older.versions) == 6


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("q=shop", 1),
        ("q=SHOP+moves", 1),
        ("q=alice", 2),
        ("q=nothing-like-it", 0),
        ("q=%00", 3),
        ("q=www", 1),
        ("origin=new", 1),
        ("origin=undo", 0),
        ("origin=odd", 3),
        ("q=%25", 0),
        ("before=x&after=99999999999999999999", 3),
    ],
)
def test_search_and_filter(browser: Client, zone: Zone, alice: User, query: str, found: int) -> None:
    change(zone, alice, Change(spec=spec("www", "192.0.2.80")), reason="the shop moves")
    services.managed_records_set(actor=None, zone=zone, managed="srv", records=[])
    ZoneVersion.objects.filter(zone=zone, origin="new").update(actor=alice, who="alice@people.test")
    response = browser.get(path("zone-versions") + "?" + query)
    assert text(response).count("<tr>") - (1 if found else 0) == found


def test_one_version_shows_its_diff_and_is_taken_back(browser: Client, zone: Zone, alice: User) -> None:
    version = change(
        zone, alice, Change(record=record(zone, "@", "MX").pk, spec=spec("@", "5 mx.example.net", "MX"))
    )
    page = text(browser.get(path("zone-version", version.pk)))
    assert "@ 3600 MX 10 mail1.postroom.test." in page
    assert "Mail goes to mx.example.net." in page
    response = browser.post(path("zone-version-undo", version.pk), {"back": "versions"}, follow=True)
    assert "Taken back" in text(response)
    assert response.request["PATH_INFO"] == path("zone-versions")
    again = browser.post(path("zone-version-undo", version.pk), follow=True)
    assert "changed again since" in text(again)
    assert "Compare with now" in text(again)


def test_any_two_are_compared_in_their_order(browser: Client, zone: Zone, alice: User) -> None:
    one = change(zone, alice, Change(spec=spec("one", "192.0.2.80")))
    two = change(zone, alice, Change(spec=spec("two", "192.0.2.80")))
    change(zone, alice, Change(spec=spec("three", "192.0.2.80")))
    for a, b in ((str(one.pk), str(two.pk)), (str(two.pk), str(one.pk))):
        page = text(browser.get(path("zone-versions-compare"), {"a": a, "b": b}))
        assert "two is added" in page
        assert "three is added" not in page
    assert "three is added" in text(
        browser.get(path("zone-versions-compare"), {"a": str(two.pk), "b": "now"})
    )
    same = browser.get(path("zone-versions-compare"), {"a": str(newest(zone).pk), "b": "now"})
    assert "no difference" in text(same)


@pytest.mark.parametrize("query", ["", "a=now&b=now", "a=1", "a=x&b=now", "a=99999999999999999999&b=now"])
def test_odd_comparisons_lead_back_to_the_list(browser: Client, zone: Zone, query: str) -> None:
    response = browser.get(path("zone-versions-compare") + "?" + query)
    assert (response.status_code, response.headers["Location"]) == (302, path("zone-versions"))


def test_bringing_back_asks_before_a_draft_is_given_up(browser: Client, zone: Zone, alice: User) -> None:
    first = change(zone, alice, Change(spec=spec("one", "192.0.2.80")))
    change(zone, alice, Change(spec=spec("two", "192.0.2.80")))
    gather(alice, zone, Change(spec=spec("mine", "192.0.2.80")))
    asked = browser.post(path("zone-version-restore", first.pk))
    assert "Give up the changes" in text(asked)
    assert Draft.objects.get().items[0]["spec"][0] == "mine"
    done = browser.post(path("zone-version-restore", first.pk), {"replace": "1"})
    assert done.headers["Location"] == path("zone-preview")
    assert "two is deleted" in text(browser.get(path("zone-preview")))
    same = browser.post(path("zone-version-restore", newest(zone).pk), {"replace": "1"}, follow=True)
    assert "already as it was" in text(same)


def test_versions_of_another_zone_are_not_found(browser: Client, stranger: Client, zone: Zone) -> None:
    theirs = ZoneVersion.objects.get(zone__name="other.test")
    for name in ("zone-version", "zone-version-restore", "zone-version-undo"):
        for method in ("get", "post"):
            assert getattr(browser, method)(path(name, theirs.pk)).status_code in {404, 405}
            assert getattr(stranger, method)(path(name, newest(zone).pk)).status_code == 404
    assert stranger.get(path("zone-versions")).status_code == 404
    assert stranger.get(path("zone-versions-compare")).status_code == 404


def test_readers_look_and_change_nothing(zone: Zone, domain: Domain) -> None:
    reader = UserFactory.create()
    MembershipFactory.create(account=domain.account, user=reader, role="reader")
    client, version = signed_in(reader), newest(zone)
    page = text(client.get(path("zone-versions")))
    assert "Bring back" not in page
    assert client.get(path("zone-version", version.pk)).status_code == 200
    assert client.post(path("zone-version-undo", version.pk)).status_code == 403
    assert client.post(path("zone-version-restore", version.pk)).status_code == 403


def test_who_acted_from_above_is_named_with_whom_they_work_for(
    zone: Zone, domain: Domain, alice: User
) -> None:
    reseller = ResellerFactory.create(name="Nube Hosting")
    domain.account.reseller = reseller
    domain.account.save()
    boss = UserFactory.create(name="Rosa")
    MembershipFactory.create(account=reseller, user=boss)
    change(zone, alice, Change(spec=spec("one", "192.0.2.80")))
    change(zone, boss, Change(spec=spec("two", "192.0.2.80")))
    admin = UserFactory.create(name="Root", is_superuser=True)
    change(zone, admin, Change(spec=spec("three", "192.0.2.80")))
    services.managed_records_set(actor=None, zone=zone, managed="srv", records=[])
    zone = Zone.objects.get(pk=zone.pk)
    said = [brief.who for brief in versions_page(zone).versions[:4]]
    assert said[0] == "The panel"
    assert said[1].startswith("Root of ")
    assert said[2:] == ["Rosa of Nube Hosting", alice.name]


def test_a_version_of_a_person_who_is_gone_keeps_the_address(zone: Zone, domain: Domain) -> None:
    user = UserFactory.create(email="gone@people.test")
    MembershipFactory.create(account=domain.account, user=user)
    change(zone, user, Change(spec=spec("www", "192.0.2.80")))
    user.memberships.all().delete()
    user.delete()
    assert versions_page(zone).versions[0].who == "gone@people.test"
    assert Record.objects.filter(owner="www").exists()
