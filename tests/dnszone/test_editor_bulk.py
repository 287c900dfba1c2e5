"""Many records at once: deleted, given another TTL; and finding them in a list."""

from __future__ import annotations

import pytest
from django.test import Client

from dnszone import services
from dnszone.models import Draft, Record, Zone
from dnszone.services import Change, RecordSpec
from tests.dnszone.test_pages import PAGE, apply, post, text


@pytest.fixture
def some(zone: Zone) -> list[int]:
    changes = [
        Change(spec=RecordSpec(owner=f"n{n}", type="A", rdata=f"192.0.2.{n}", comment=f"desk {n}"))
        for n in range(5)
    ]
    services.zone_apply(actor=None, zone=zone, changes=changes)
    return list(Record.objects.filter(zone=zone, owner__startswith="n").values_list("pk", flat=True))


def test_many_are_deleted_at_once(zone: Zone, some: list[int], browser: Client) -> None:
    assert post(browser, f"{PAGE}delete/", record=some[:3]).status_code == 302
    assert "3 changes, not applied" in text(browser.get(PAGE))
    apply(browser)
    assert not Record.objects.filter(pk__in=some[:3]).exists()
    assert Record.objects.filter(pk__in=some[3:]).count() == 2


def test_many_get_another_ttl(zone: Zone, some: list[int], browser: Client) -> None:
    asked = post(browser, f"{PAGE}ttl/", record=some[:2], ttl="")
    assert asked.status_code == 422
    page = browser.get(f"{PAGE}ttl/?record={some[0]}&record={some[1]}")
    assert "Of 2 records" in text(page)
    wrong = post(browser, f"{PAGE}ttl/", record=some[:2], ttl="other", ttl_other="x")
    assert "whole number of seconds" in text(wrong)
    assert post(browser, f"{PAGE}ttl/", record=some[:2], ttl="300").status_code == 302
    assert text(browser.get(PAGE)).count("Was TTL 3600") == 2
    apply(browser)
    assert set(Record.objects.filter(pk__in=some[:2]).values_list("ttl", flat=True)) == {300}


def test_the_list_leads_to_the_ttl_page(zone: Zone, some: list[int], browser: Client) -> None:
    page = browser.post(f"{PAGE}ttl/", {"record": some, "base_serial": zone.serial})
    assert page.status_code == 200
    assert "Of 5 records" in text(page)


@pytest.mark.parametrize("field", ["", "x", "99999999999999999999", "-1", "0", "٣"])
@pytest.mark.parametrize("page", ["delete", "ttl"])
def test_nothing_chosen_is_said(zone: Zone, browser: Client, page: str, field: str) -> None:
    told = browser.post(f"{PAGE}{page}/", {"record": field, "ttl": "300"}, follow=True)
    assert "No record was chosen" in text(told)


def test_what_changed_meanwhile_is_said(zone: Zone, some: list[int], browser: Client) -> None:
    seen = Zone.objects.get(pk=zone.pk).serial
    spec = RecordSpec(owner="n0", type="A", rdata="198.51.100.1")
    services.zone_apply(actor=None, zone=zone, changes=[Change(record=some[0], spec=spec)])
    told = browser.post(f"{PAGE}delete/", {"record": some, "base_serial": seen}, follow=True)
    assert "Somebody changed these records" in text(told)
    assert not Draft.objects.exists()


def owners(browser: Client, query: str) -> list[str]:
    return [line.row.owner for line in browser.get(PAGE + query).context["lines"]]


def test_found_by_comment_kind_and_keeper(zone: Zone, some: list[int], browser: Client) -> None:
    assert owners(browser, "?q=Desk+3") == ["n3"]
    assert owners(browser, "?q=192.0.2.4") == ["n4"]
    assert owners(browser, "?q=n2.example.test") == ["n2"]
    assert owners(browser, "?kept=own") == [f"n{n}" for n in range(5)]
    assert not set(owners(browser, "?kept=panel")) & {f"n{n}" for n in range(5)}
    assert owners(browser, "?kept=own&type=TXT") == []
    assert owners(browser, "?kept=own&sort=-value") == [f"n{n}" for n in reversed(range(5))]
