"""The preview: what is shown, what applying does, what a stale page gets, what is taken out or given up."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Domain, User
from dnszone import services
from dnszone.models import Draft, Record, Zone, ZoneVersion
from dnszone.services import Change
from tests.dnszone.conftest import record, signed_in
from tests.dnszone.test_drafts import apply, gather, spec
from tests.factories import MembershipFactory, UserFactory

PREVIEW = "/domains/example.test/zone/preview/"


@pytest.fixture
def carmen(domain: Domain) -> User:
    user = UserFactory.create(email="carmen@people.test", name="Carmen")
    MembershipFactory.create(account=domain.account, user=user)
    return user


def hidden(text: str) -> dict[str, str]:
    return {name: re.findall(rf'name="{name}" value="(\d+)"', text)[0] for name in ("rev", "serial")}


def words(response: Any) -> str:
    found: str = response.content.decode()
    return found


def test_without_changes_it_says_what_to_do(browser: Client, zone: Zone) -> None:
    response = browser.get(PREVIEW)
    assert response.status_code == 200
    assert "There are no changes to apply" in words(response)


def test_it_tells_what_each_change_does_and_applies_them(browser: Client, zone: Zone, alice: User) -> None:
    mx = record(zone, "@", "MX")
    gather(
        alice,
        zone,
        Change(record=mx.pk, spec=spec("@", "10 mx.example.net", "MX")),
        Change(spec=spec("www", "192.0.2.80")),
    )
    text = words(browser.get(PREVIEW))
    assert "Mail goes to mx.example.net." in text
    assert "@ 3600 MX 10 mail1.postroom.test." in text
    assert "www is added" in text
    assert "Kept by the panel until now" in text
    response = browser.post(PREVIEW, hidden(text) | {"reason": "we move"})
    assert (response.status_code, response.headers["Location"]) == (302, "/domains/example.test/zone/")
    assert record(zone, "@", "MX").rdata == "10 mx.example.net."
    assert ZoneVersion.objects.filter(zone=zone)[0].reason == "we move"


def test_looking_changes_nothing(browser: Client, zone: Zone, alice: User) -> None:
    draft = gather(alice, zone, Change(spec=spec("www", "192.0.2.80")))
    for _n in range(2):
        browser.get(PREVIEW)
    assert Draft.objects.get().rev == draft.rev


def test_a_stale_preview_shows_what_others_did_and_applies_nothing(
    browser: Client, zone: Zone, alice: User, carmen: User
) -> None:
    gather(alice, zone, Change(spec=spec("www", "192.0.2.80")))
    seen = hidden(words(browser.get(PREVIEW)))
    apply(carmen, zone, gather(carmen, zone, Change(spec=spec("ftp", "192.0.2.81"))))
    response = browser.post(PREVIEW, seen | {"reason": "kept?"})
    assert response.status_code == 422
    text = words(response)
    assert "Carmen: A," in text
    assert 'value="kept?"' in text
    assert not Record.objects.filter(owner="www").exists()
    assert browser.post(PREVIEW, hidden(text)).status_code == 302
    assert Record.objects.filter(owner="www").exists()


def test_a_conflict_shows_both_and_merges(browser: Client, zone: Zone, alice: User, carmen: User) -> None:
    mx = record(zone, "@", "MX")
    draft = gather(alice, zone, Change(record=mx.pk, spec=spec("@", "10 a.example.net", "MX")))
    apply(carmen, zone, gather(carmen, zone, Change(record=mx.pk, spec=spec("@", "10 b.example.net", "MX"))))
    text = words(browser.get(PREVIEW))
    assert "Carmen changed this" in text
    for target in ("mail1.postroom.test", "a.example.net", "b.example.net"):
        assert f"@ 3600 MX 10 {target}." in text
    assert 'form="apply"' not in text
    item = draft.items[0]["id"]
    response = browser.post(reverse("zone-rebase", args=["example.test"]), {f"item-{item}": "mine"})
    assert response.headers["Location"] == PREVIEW
    text = words(browser.get(PREVIEW))
    assert browser.post(PREVIEW, hidden(text)).status_code == 302
    assert record(zone, "@", "MX").rdata == "10 a.example.net."


@pytest.mark.parametrize("field", ["drop", "item"])
def test_taking_theirs_ends_the_conflict(
    browser: Client, zone: Zone, alice: User, carmen: User, field: str
) -> None:
    mx = record(zone, "@", "MX")
    draft = gather(alice, zone, Change(record=mx.pk, spec=spec("@", "10 a.example.net", "MX")))
    apply(carmen, zone, gather(carmen, zone, Change(record=mx.pk, spec=spec("@", "10 b.example.net", "MX"))))
    item = draft.items[0]["id"]
    data: dict[str, Any] = {"drop": [item, "x", "9" * 40]} if field == "drop" else {f"item-{item}": "theirs"}
    browser.post(reverse("zone-rebase", args=["example.test"]), data)
    assert not Draft.objects.exists()
    assert record(zone, "@", "MX").rdata == "10 b.example.net."


def test_what_does_not_fit_can_be_taken_out(browser: Client, zone: Zone, alice: User) -> None:
    gather(alice, zone, Change(record=record(zone, "mail", "A").pk))
    draft = gather(alice, zone, Change(spec=spec("mail", "shop.example.net", "CNAME")))
    drop = reverse("zone-draft-drop", args=["example.test", draft.items[0]["id"]])
    assert browser.post(drop, {"back": "preview"}).headers["Location"] == PREVIEW
    text = words(browser.get(PREVIEW))
    assert "do not fit together" in text
    assert "disabled" in text
    assert browser.post(PREVIEW, hidden(text)).status_code == 422
    drop = reverse("zone-draft-drop", args=["example.test", draft.items[1]["id"]])
    assert drop in text
    assert (
        browser.post(drop, {"back": "https://evil.test/"}).headers["Location"]
        == "/domains/example.test/zone/"
    )
    assert not Draft.objects.exists()
    assert browser.post(drop).status_code == 302


def test_discard_says_what_was_given_up(browser: Client, zone: Zone, alice: User) -> None:
    gather(alice, zone, Change(spec=spec("www", "192.0.2.80")))
    response = browser.post(reverse("zone-discard", args=["example.test"]), follow=True)
    assert "1 change discarded (A)" in words(response)
    assert not Draft.objects.exists()
    assert "nothing to discard" in words(
        browser.post(reverse("zone-discard", args=["example.test"]), follow=True)
    )


def test_discarding_is_asked_first(browser: Client, zone: Zone, alice: User) -> None:
    for n in range(10):
        gather(alice, zone, Change(spec=spec(f"w{n}", "192.0.2.80")))
    path = reverse("zone-discard", args=["example.test"])
    assert path in words(browser.get(PREVIEW))
    text = words(browser.get(path))
    assert "Discard 10 changes?" in text
    assert "w0 3600 A 192.0.2.80" in text
    assert "and 2 more" in text
    assert len(Draft.objects.get().items) == 10
    browser.post(path)
    assert not Draft.objects.exists()
    assert browser.get(path).status_code == 302


def test_saved_again_on_top_of_what_others_did_is_no_conflict(
    browser: Client, zone: Zone, alice: User, carmen: User
) -> None:
    mx = record(zone, "@", "MX")
    gather(alice, zone, Change(record=mx.pk, spec=spec("@", "20 mine.example.net", "MX")))
    gather(alice, zone, Change(spec=spec("www", "192.0.2.80")))
    other = Change(record=mx.pk, spec=spec("@", "30 theirs.example.net", "MX"))
    apply(carmen, zone, gather(carmen, zone, other, Change(spec=spec("www", "192.0.2.81"))))
    zone.refresh_from_db()
    page = "/domains/example.test/zone/"
    assert "Somebody else changed records" in words(browser.get(page))
    seen = {"owner": "@", "base_serial": zone.serial, "ttl": "3600"}
    browser.post(f"{page}{mx.pk}/", seen | {"priority": "25", "target": "mine.example.net."})
    item = Draft.objects.get(user=alice).items[0]["id"]
    again = seen | {"owner": "www", "address": "192.0.2.82"}
    assert browser.post(f"{page}draft/{item}/", again).status_code == 302
    assert "Somebody else changed records" not in words(browser.get(page))
    was = next(item["was"] for item in Draft.objects.get(user=alice).items if item["was"])
    assert was[2] == "30 theirs.example.net."


def test_a_second_click_is_no_error(browser: Client, zone: Zone, alice: User) -> None:
    gather(alice, zone, Change(spec=spec("www", "192.0.2.80")))
    data = hidden(words(browser.get(PREVIEW)))
    assert browser.post(PREVIEW, data).status_code == 302
    assert browser.post(PREVIEW, data).status_code == 302
    assert Record.objects.filter(owner="www").count() == 1


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"rev": "x", "serial": "1"},
        {"rev": "9" * 30, "serial": "-1"},
        {"rev": "1", "serial": "1", "reason": "a\x00"},
    ],
)
def test_odd_forms_are_refused_and_apply_nothing(
    browser: Client, zone: Zone, alice: User, data: dict[str, str]
) -> None:
    gather(alice, zone, Change(spec=spec("www", "192.0.2.80")))
    response = browser.post(PREVIEW, data)
    assert response.status_code == 422
    assert not Record.objects.filter(owner="www").exists()
    assert browser.post(PREVIEW, hidden(words(response))).status_code == 302


def test_hostile_text_stays_text(browser: Client, zone: Zone, alice: User) -> None:
    gather(alice, zone, Change(spec=spec("www", '<script>alert("x")</script>', "TXT", comment="<b>hm</b>")))
    text = words(browser.get(PREVIEW))
    assert "<script>alert" not in text
    assert "<b>hm" not in text
    assert "&lt;script&gt;" in text


def test_a_draft_of_another_person_is_theirs(browser: Client, zone: Zone, carmen: User) -> None:
    draft = gather(carmen, zone, Change(spec=spec("www", "192.0.2.80")))
    assert "There are no changes to apply" in words(browser.get(PREVIEW))
    browser.post(reverse("zone-draft-drop", args=["example.test", draft.items[0]["id"]]))
    browser.post(reverse("zone-discard", args=["example.test"]))
    assert Draft.objects.get().items == draft.items


def test_a_stranger_finds_nothing(stranger: Client, zone: Zone) -> None:
    names = [("zone-preview", []), ("zone-discard", []), ("zone-rebase", []), ("zone-draft-drop", [1])]
    for name, more in names:
        path = reverse(name, args=["example.test", *more])
        assert stranger.get(path).status_code == 404
        assert stranger.post(path).status_code == 404


def test_a_reader_may_not_apply(zone: Zone, domain: Domain) -> None:
    reader = UserFactory.create()
    MembershipFactory.create(account=domain.account, user=reader, role="reader")
    assert signed_in(reader).get(PREVIEW).status_code == 403


def test_a_large_draft_shows_counts_and_its_first_part(
    browser: Client, zone: Zone, alice: User, django_assert_max_num_queries: Any
) -> None:
    services.draft_change(
        actor=alice, zone=zone, changes=[Change(spec=spec(f"h{n}", "192.0.2.80")) for n in range(400)]
    )
    with django_assert_max_num_queries(20):
        text = words(browser.get(PREVIEW))
    assert "Apply 400 changes" in text
    assert "200 more names are changed" in text
    assert text.count('class="what"') == 200
