"""Presets as a person meets them: page, draft, preview, applied, taken back."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Account, User
from dnszone import services
from dnszone.models import Draft, Zone, ZoneVersion
from mailboxes.models import DkimKey, MailDomain
from tests.factories import AccountFactory, MembershipFactory, UserFactory
from tests.panel.switching.house import Kept, apply, choose, served, text_of, url

pytestmark = pytest.mark.django_db


def test_google_goes_through_the_preview_and_comes_back_in_one_go(
    web: Client, zone: Zone, alice: User, keeper: Kept
) -> None:
    before = set(zone.records.values_list("owner", "type", "rdata", "ttl", "managed"))
    answer = choose(web, "google", proof="google-site-verification=abc")
    assert (answer.status_code, answer["Location"]) == (302, url("zone-preview"))
    assert served(zone, "@", "MX") == ["10 mail1.postroom.test."]  # a draft changes nothing
    assert keeper.mode == "automatic"
    page = text_of(web.get(answer["Location"]))
    assert "smtp.google.com" in page
    assert "Left empty, and so missing: DKIM key" in page
    version = apply(zone, alice)
    assert (version.title, version.origin, keeper.mode) == ("Google Workspace", "preset", "remote")
    assert served(zone, "@", "MX") == ["1 smtp.google.com."]
    assert served(zone, "@", "TXT") == [
        '"google-site-verification=abc"',
        '"v=spf1 include:_spf.google.com ~all"',
    ]
    assert not served(zone, "_imaps._tcp", "SRV")
    services.version_undo(actor=alice, zone=zone, version=version)
    assert keeper.mode == "automatic"
    assert set(zone.records.values_list("owner", "type", "rdata", "ttl", "managed")) == before


def test_a_domain_without_mail_uses_none_of_them(web: Client, zone: Zone, alice: User) -> None:
    mx = zone.records.get(owner="@", type="MX")
    spec = services.RecordSpec(owner="@", type="MX", rdata="0 .")
    services.zone_apply(actor=alice, zone=zone, changes=[services.Change(record=mx.pk, spec=spec)])
    page = text_of(web.get(url("zone-presets")))
    assert "None of these is in use: there is no MX record that takes mail." in page


def test_applied_twice_nothing_is_new(web: Client, zone: Zone, alice: User, keeper: Kept) -> None:
    choose(web, "fastmail")
    apply(zone, alice)
    answer = choose(web, "fastmail")
    assert (answer.status_code, answer["Location"]) == (302, url("zone-presets"))
    assert not Draft.objects.exists()
    page = text_of(web.get(answer["Location"]))
    assert "Everything is as Fastmail needs it already." in page
    assert "Fastmail with your own domain. Nothing has to be typed. In use" in page


def test_mail_here_takes_it_all_home(
    web: Client, zone: Zone, alice: User, mail: MailDomain, keeper: Kept
) -> None:
    key = DkimKey.objects.create(mail_domain=mail, node=mail.node, selector="pr1-mail1", public_key="A" * 60)
    before = set(zone.records.values_list("owner", "type", "rdata", "managed"))
    choose(web, "microsoft", host="example-test.mail.protection.outlook.com")
    apply(zone, alice)
    assert served(zone, "autodiscover", "CNAME") == ["autodiscover.outlook.com."]
    answer = choose(web, "here")
    assert answer["Location"] == url("zone-preview")
    apply(zone, alice)
    assert keeper.mode == "local"
    after = set(zone.records.values_list("owner", "type", "rdata", "managed"))
    assert {row[0] for row in after - before} == {f"{key.selector}._domainkey"}
    assert before <= after


def test_a_waiting_draft_is_given_up_only_when_said_so(web: Client, zone: Zone, alice: User) -> None:
    spec = services.RecordSpec(owner="www", type="A", rdata="192.0.2.9")
    services.draft_change(actor=alice, zone=zone, changes=[services.Change(spec=spec)])
    assert "not applied yet" in text_of(web.get(url("zone-presets")))
    answer = choose(web, "google")
    assert answer.status_code == 422
    assert "Tick this, or apply those changes first." in text_of(answer)
    assert Draft.objects.get().title == ""
    assert choose(web, "google", replace="on").status_code == 302
    assert Draft.objects.get().title == "Google Workspace"


@pytest.mark.parametrize(
    ("slug", "data", "said"),
    [
        ("microsoft", {"host": "192.0.2.1"}, "not a host name"),
        ("microsoft", {"host": ""}, "This field is required"),
        ("microsoft", {"host": "x.mx.microsoft", "dkim1": "a b"}, "no spaces"),
        ("zoho", {"region": "zoho.evil"}, "Select a valid choice"),
        ("zoho", {"region": "zoho.eu", "selector": "a b", "dkim": "v=DKIM1; p=A"}, "no spaces"),
        ("google", {"dkim": "x" * 9000}, "at most"),
        ("google", {"dkim": "a\x01b"}, "control characters"),
    ],
)
def test_a_wrong_answer_stands_at_its_field(web: Client, slug: str, data: dict[str, str], said: str) -> None:
    answer = web.post(url("zone-preset", slug), data)
    assert answer.status_code == 422
    assert said in text_of(answer)
    assert not Draft.objects.exists()


@pytest.mark.parametrize("slug", ["nope", "other"])
def test_no_such_preset(web: Client, slug: str) -> None:
    assert web.get(url("zone-preset", slug)).status_code == 404


def test_every_preset_has_its_page(web: Client) -> None:
    for slug in re.findall(r"/zone/presets/([a-z-]+)/", web.get(url("zone-presets")).content.decode()):
        assert web.get(url("zone-preset", slug)).status_code == 200


def test_a_stranger_finds_none_of_it(web: Client, zone: Zone) -> None:
    user = UserFactory.create()
    MembershipFactory.create(account=AccountFactory.create(), user=user)
    other = Client()
    other.defaults["wsgi.url_scheme"] = "https"
    other.force_login(user, backend="accounts.backends.PersonBackend")
    for name in ("zone-presets", "zone-switch", "zone-mx-states"):
        assert other.get(url(name)).status_code == 404
    assert choose(other, "google").status_code == 404
    assert other.post(url("zone-switch-draft"), {"to": "google", "act": "lower"}).status_code == 404


def test_a_plan_without_the_editor_is_told_so(web: Client, zone: Zone) -> None:
    assert zone.domain is not None
    Account.objects.filter(pk=zone.domain.account_id).update(dns_editing=False)
    answer = choose(web, "google")
    assert answer.status_code == 422
    assert not Draft.objects.exists()
    assert "/zone/presets/google/" not in web.get(url("zone-presets")).content.decode()


def test_mail_may_come_here_until_the_old_mx_is_forgotten(
    web: Client, zone: Zone, alice: User, keeper: Kept
) -> None:
    assert "For up to 1 hour some servers still bring mail here" in text_of(
        web.get(url("zone-preset", "google"))
    )
    choose(web, "google", keep="on")
    apply(zone, alice)
    assert keeper.mode == "local"
    page = text_of(web.get(url("zone-switch"), {"to": "google"}))
    assert "Local, so that nothing is lost while old answers live. Choose Remote after that." in page
    ZoneVersion.objects.filter(zone=zone).update(at=timezone.now() - dt.timedelta(hours=3))
    page = text_of(web.get(url("zone-switch"), {"to": "google"}))
    assert "Local, and with these MX it has to be Remote." in page
    assert "Email Routing can follow the MX now." in page
