"""DNSSEC of a zone: what the page says, and looks at the zone above."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from activity.models import Entry
from activity.sentences import sentence
from dnszone.dnssec import ds, live, services, status
from dnszone.models import SigningKey, SigningWatch, Zone, ZonePlace, ZoneSigning
from dnszone.models.places import Verdict
from lib import delegation, resolver
from tests.dnszone.signing import PAGE, above, ds_of, report, spread


@pytest.fixture
def parent(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What the zone above has; ``away``: it does not answer."""
    world: dict[str, Any] = {"ds": [], "ttl": 3600, "away": False, "looks": 0}

    def ds_above(name: str, *, until: float) -> tuple[list[str], int]:
        world["looks"] += 1
        if world["away"]:
            raise resolver.ResolverAway
        return list(world["ds"]), world["ttl"]

    monkeypatch.setattr(delegation, "ds", ds_above)
    monkeypatch.setattr("dnszone.dnssec.views.BREATHER", timedelta(0))
    return world


def test_the_page_shows_the_ds_in_every_form(browser: Client, zone: Zone) -> None:
    page = browser.get(PAGE).content.decode()
    assert "Switch DNSSEC on" in page
    assert browser.post(f"{PAGE}on/").status_code == 302
    assert "The name servers are making the key" in browser.get(PAGE).content.decode()
    report(zone)
    page = browser.get(PAGE).content.decode()
    key = SigningKey.objects.get()
    for one in ds.records(zone.name, key.dnskey):
        assert f"example.test. IN DS {one.tag} 13 {one.digest_type} {one.digest.upper()}" in page
        assert f'data-copy="{one.digest.upper()}"' in page
    assert f'data-copy="{key.key_tag}"' in page
    assert "ECDSAP256SHA256" in page
    assert "SHA-256" in page
    assert f'data-copy="{key.dnskey.split()[-1]}"' in page


def test_look_now_says_what_is_there(browser: Client, signed: Zone, parent: dict[str, Any]) -> None:
    spread(signed)
    browser.post(f"{PAGE}look/")
    assert "Not there yet" in browser.get(PAGE).content.decode()
    parent["ds"] = [ds_of(signed, 1)[0].upper()]
    browser.post(f"{PAGE}look/")
    page = browser.get(PAGE).content.decode()
    assert "Matches" in page
    assert "Protected by DNSSEC" in page
    parent["ds"] = ["12345 13 2 " + "AB" * 32]
    browser.post(f"{PAGE}look/")
    page = browser.get(PAGE).content.decode()
    assert "Another one is there" in page
    assert "validating resolvers cannot find this domain" in page
    parent["away"] = True
    browser.post(f"{PAGE}look/")
    assert "Could not ask" in browser.get(PAGE).content.decode()


def test_one_look_is_enough_for_impatient_hands(
    browser: Client, signed: Zone, parent: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dnszone.dnssec.views.BREATHER", timedelta(minutes=1))
    for _time in range(3):
        browser.post(f"{PAGE}look/")
    assert parent["looks"] == 1


def test_switching_off_in_two_steps(browser: Client, signed: Zone, parent: dict[str, Any]) -> None:
    parent["ds"] = ds_of(signed, 1)
    assert browser.get(f"{PAGE}off/").status_code == 200
    answer = browser.post(f"{PAGE}off/")
    assert answer.status_code == 422
    assert "I know, switch it off anyway" in answer.content.decode()
    assert ZoneSigning.objects.get().generations == [1]
    assert browser.post(f"{PAGE}off/", {"anyway": "1"}).status_code == 302
    assert ZoneSigning.objects.get().generations == []


def test_switching_off_at_once_when_nobody_ever_knew(
    browser: Client, signed: Zone, parent: dict[str, Any]
) -> None:
    assert browser.post(f"{PAGE}off/").status_code == 302
    assert ZoneSigning.objects.get().generations == []


def test_an_exchange_on_the_page(browser: Client, signed: Zone, parent: dict[str, Any]) -> None:
    browser.post(f"{PAGE}roll/")
    report(signed)
    spread(signed)
    page = browser.get(PAGE).content.decode()
    assert "add it" in page
    assert "remove it after the new one is there" in page
    answer = browser.post(f"{PAGE}finish/", follow=True).content.decode()
    assert "does not show the new DS record yet" in answer
    parent["ds"] = ds_of(signed, 2)
    browser.post(f"{PAGE}finish/")
    assert ZoneSigning.objects.get().generations == [2]


def test_an_exchange_given_up_on_the_page(browser: Client, signed: Zone, parent: dict[str, Any]) -> None:
    browser.post(f"{PAGE}roll/")
    browser.post(f"{PAGE}cancel/")
    assert ZoneSigning.objects.get().generations == [1]


def test_a_domain_whose_dns_is_elsewhere_is_told_first(browser: Client, zone: Zone) -> None:
    ZonePlace.objects.update_or_create(zone=zone, defaults={"verdict": Verdict.ELSEWHERE})
    assert "The DNS of this domain is not (only) here" in browser.get(PAGE).content.decode()


def test_hostile_ds_records_are_shown_as_text(browser: Client, signed: Zone) -> None:
    SigningWatch.objects.filter(zone=signed).update(
        ds=["<script>alert(1)</script>"], seen_at=timezone.now(), asked_at=timezone.now()
    )
    assert "<script>alert" not in browser.get(PAGE).content.decode()


def test_the_page_asks_few_questions(
    browser: Client, signed: Zone, django_assert_max_num_queries: Any
) -> None:
    with django_assert_max_num_queries(30):
        browser.get(PAGE)


# looks and activity


def test_beat_looks_at_what_is_due(signed: Zone, parent: dict[str, Any]) -> None:
    spread(signed)
    parent["ds"] = ds_of(signed, 1)
    SigningWatch.objects.update(next_check_at=timezone.now())
    assert live.look_at_all() == 1
    assert live.look_at_all() == 0
    watch = SigningWatch.objects.get()
    assert watch.next_check_at - watch.seen_at == status.HOUR  # type: ignore[operator]
    parent["ds"] = []
    SigningWatch.objects.update(next_check_at=timezone.now())
    live.look_at_all()
    watch.refresh_from_db()
    assert watch.next_check_at - watch.seen_at == status.SOON  # type: ignore[operator]


def test_what_is_off_and_clean_is_left_alone(alice: User, signed: Zone, parent: dict[str, Any]) -> None:
    services.dnssec_off(actor=alice, zone=signed, anyway=True)
    assert live.look_at_all() == 0


def test_a_look_that_was_overtaken_changes_nothing(signed: Zone) -> None:
    above(signed, *ds_of(signed, 1))
    above(signed, minutes=3)
    assert SigningKey.objects.get().shown


def test_a_name_server_that_nobody_can_parse_is_no_answer(
    signed: Zone, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fall(name: str, *, until: float) -> Any:
        raise RuntimeError("a bug")

    monkeypatch.setattr(delegation, "ds", fall)
    assert live.look(signed).texts is None


def test_activity_says_what_was_done(alice: User, rolling: Zone) -> None:
    above(rolling)
    services.rollover_cancel(actor=alice, zone=rolling)
    services.dnssec_off(actor=alice, zone=rolling, anyway=True)
    entries = Entry.objects.filter(model="dnszone.zonesigning").order_by("pk")
    wanted = ["switched DNSSEC on", "began to exchange", "gave up the exchange", "switched DNSSEC off"]
    for entry, words in zip(entries, wanted, strict=True):
        assert words in sentence(entry, where=False)


def test_names_lead_to_the_pages(zone: Zone) -> None:
    assert reverse("zone-dnssec", args=[zone.name]) == PAGE
