"""What a person has changed and not applied, as the list and the bar at its foot show it."""

from __future__ import annotations

import datetime as dt

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from dnszone import services
from dnszone.models import Draft, Record, Zone, ZoneVersion
from dnszone.services import Change, RecordSpec
from tests.dnszone.conftest import record
from tests.dnszone.test_pages import PAGE, apply, post, text


@pytest.fixture
def www(zone: Zone) -> Record:
    spec = RecordSpec(owner="www", type="A", rdata="192.0.2.80", comment="the shop")
    services.zone_apply(actor=None, zone=zone, changes=[Change(spec=spec)])
    return record(zone, "www", "A")


def items() -> list[object]:
    return [item for draft in Draft.objects.all() for item in draft.items]


def test_nothing_pending_has_no_bar(zone: Zone, browser: Client) -> None:
    page = browser.get(PAGE)
    assert "not applied" not in text(page)
    assert 'class="btn primary"' in page.content.decode()


def test_a_changed_record_says_what_it_was_and_nothing_is_applied(
    zone: Zone, www: Record, browser: Client
) -> None:
    fields = {"owner": "www", "address": "192.0.2.81", "comment": "the new shop"}
    assert post(browser, f"{PAGE}{www.pk}/", **fields).status_code == 302
    page = text(browser.get(PAGE))
    assert "192.0.2.81" in page
    assert "Changed, not applied Was 192.0.2.80" in page
    assert "the new shop" in page
    assert "One change, not applied Others see the new answers within 1 hour" in page
    assert Record.objects.get(pk=www.pk).rdata == "192.0.2.80"
    assert browser.get(f"{PAGE}{www.pk}/").context["form"]["address"].value() == "192.0.2.81"
    apply(browser)
    www.refresh_from_db()
    assert (www.rdata, www.comment) == ("192.0.2.81", "the new shop")


def test_a_deleted_record_stays_in_the_list_and_can_be_kept(zone: Zone, www: Record, browser: Client) -> None:
    assert post(browser, f"{PAGE}delete/", record=www.pk).status_code == 302
    page = browser.get(PAGE)
    assert "Deleted, not applied" in text(page)
    keep = reverse("zone-draft-drop", args=["example.test", 1])
    assert f'formaction="{keep}"' in page.content.decode()
    browser.post(keep)
    assert "not applied" not in text(browser.get(PAGE))
    assert Record.objects.filter(pk=www.pk).exists()


def test_saving_a_deleted_record_keeps_it(zone: Zone, www: Record, browser: Client) -> None:
    post(browser, f"{PAGE}delete/", record=www.pk)
    assert "to be deleted" in text(browser.get(f"{PAGE}{www.pk}/"))
    post(browser, f"{PAGE}{www.pk}/", owner="www", address="192.0.2.80", comment="the shop")
    assert items() == []


def test_new_records_stand_above_and_can_be_edited(zone: Zone, browser: Client) -> None:
    post(browser, f"{PAGE}add/?type=A", owner="shop", address="192.0.2.1")
    page = browser.get(PAGE)
    assert "New records" in text(page)
    assert "shop A" in text(page)
    url = f"{PAGE}draft/1/"
    assert url in page.content.decode()
    form = browser.get(url).context["form"]
    assert (form["owner"].value(), form["address"].value()) == ("shop", "192.0.2.1")
    assert "from 0 to 255" in text(post(browser, url, owner="shop", address="192.0.2.999"))
    assert post(browser, url, owner="shop", address="192.0.2.2").status_code == 302
    shown = text(browser.get(PAGE))
    assert "192.0.2.2" in shown
    assert "192.0.2.1 " not in shown
    assert "no longer in your draft" in text(browser.get(f"{PAGE}draft/7/", follow=True))


def test_only_the_first_of_many_new_records_are_shown(zone: Zone, alice: User, browser: Client) -> None:
    changes = [Change(spec=RecordSpec(owner=f"n{n}", type="A", rdata="192.0.2.1")) for n in range(60)]
    services.draft_change(actor=alice, zone=zone, changes=changes)
    page = text(browser.get(PAGE))
    assert "10 more new records are in the preview" in page
    assert "60 changes, not applied" in page


def test_the_ttl_of_one_is_the_ttl_of_its_neighbours(zone: Zone, www: Record, browser: Client) -> None:
    spec = RecordSpec(owner="www", type="A", rdata="192.0.2.90")
    services.zone_apply(actor=None, zone=zone, changes=[Change(spec=spec)])
    post(browser, f"{PAGE}{www.pk}/", owner="www", address="192.0.2.80", ttl="300", comment="the shop")
    assert text(browser.get(f"{PAGE}?q=www")).count("Was TTL 3600") == 2


def test_what_was_just_applied_can_be_taken_back(zone: Zone, www: Record, browser: Client) -> None:
    post(browser, f"{PAGE}delete/", record=www.pk)
    apply(browser)
    page = browser.get(PAGE)
    assert "You applied one change at" in text(page)
    version = ZoneVersion.objects.first()
    assert version is not None
    undo = reverse("zone-version-undo", args=["example.test", version.pk])
    assert f'action="{undo}"' in page.content.decode()
    browser.post(undo)
    assert "You took your changes back at" in text(browser.get(PAGE))
    assert record(zone, "www", "A").rdata == "192.0.2.80"
    ZoneVersion.objects.update(at=dt.datetime(2026, 1, 1, tzinfo=dt.UTC))
    assert "You applied" not in text(browser.get(PAGE))


def test_somebody_elses_set_is_not_offered(zone: Zone, www: Record, browser: Client) -> None:
    assert "You applied" not in text(browser.get(PAGE))


def test_a_conflict_leads_to_the_preview(zone: Zone, www: Record, browser: Client) -> None:
    post(browser, f"{PAGE}{www.pk}/", owner="www", address="192.0.2.81")
    spec = RecordSpec(owner="www", type="A", rdata="192.0.2.99")
    services.zone_apply(actor=None, zone=zone, changes=[Change(record=www.pk, spec=spec)])
    assert "Somebody else changed records that you are changing too" in text(browser.get(PAGE))


def test_a_draft_is_its_persons_own(zone: Zone, www: Record, browser: Client, stranger: Client) -> None:
    post(browser, f"{PAGE}{www.pk}/", owner="www", address="192.0.2.81")
    assert "not applied" not in text(stranger.get("/domains/other.test/zone/"))
