"""Before MX are switched: the checks, the steps, and what their buttons do."""

from __future__ import annotations

import datetime as dt

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from dnszone.models import Draft, Record, Zone, ZoneVersion
from mailboxes.models import MailDomain
from panel.switching import here, situation, steps
from panel.switching.checks import checks
from panel.switching.situation import Seen, Situation
from provision.models import Node
from tests.factories import MailboxFactory
from tests.fakedns import FakeDns
from tests.panel.switching.house import NAME, Kept, apply, choose, served, text_of, url

pytestmark = pytest.mark.django_db


def test_the_page_is_there_before_anybody_is_asked(web: Client, world: FakeDns) -> None:
    answer = web.get(url("zone-switch"), {"to": "google"})
    assert answer.status_code == 200
    assert not world.asked
    assert "Looking…" in text_of(answer)
    assert f"{url('zone-switch')}?to=google&amp;look=1" in answer.content.decode()


def test_what_is_seen_is_said(web: Client, zone: Zone, mail: MailDomain, world: FakeDns) -> None:
    MailboxFactory.create(mail_domain=mail, local="ana", messages=7)
    world.records[NAME, "MX"] = ["10 mail1.postroom.test."]
    world.records["smtp.google.com", "A"] = ["10.1.2.3"]
    world.zone("test")
    world.delegations[NAME] = ["ns1.else.test"]
    page = web.get(url("zone-switch"), {"to": "google", "look": "1"}, headers={"hx-request": "true"})
    text = text_of(page)
    assert "<html" not in page.content.decode()
    assert "1 mailbox here holds mail." in text
    assert "ana@example.test (7)" in text
    assert "Has A; not asked on port 25." in text
    assert "Does not cover the new place yet." in text
    assert "v=spf1 include:_spf.postroom.test include:_spf.google.com ~all" in text
    assert "Others keep the MX for up to 1 hour" in text


def test_no_mailbox_here_is_not_ready(web: Client, zone: Zone, mail: MailDomain, world: FakeDns) -> None:
    page = web.get(url("zone-switch"), {"to": "here", "look": "1"})
    assert "There is no mailbox here yet" in text_of(page)
    assert url("mailbox-new") in page.content.decode()
    MailboxFactory.create(mail_domain=mail)
    assert "1 mailbox is ready here." in text_of(web.get(url("zone-switch"), {"to": "here", "look": "1"}))


def test_look_ups_are_bounded(web: Client, world: FakeDns, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(situation, "LOOK_SECONDS", 0.5)
    world.silent |= {NAME, "test", "", "smtp.google.com"}
    page = web.get(url("zone-switch"), {"to": "google", "look": "1"})
    assert "Not known" in text_of(page)


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ({"to": "other", "hosts": "mx1.else.test\nmx2.else.test"}, 200),
        ({"to": "other", "hosts": ""}, 422),
        ({"to": "other", "hosts": "192.0.2.1"}, 422),
        ({"to": "other", "hosts": "a b c d e f g h i j k"}, 422),
        ({"to": "other", "hosts": "x" * 300}, 422),
        ({"to": "other", "hosts": "<script>"}, 422),
        ({"to": "nothing"}, 422),
        ({}, 200),
    ],
)
def test_the_choice(web: Client, query: dict[str, str], status: int) -> None:
    answer = web.get(url("zone-switch"), query)
    assert answer.status_code == status
    assert "<script>" not in answer.content.decode().split("</head>")[1].replace('<script type="module"', "")


def test_the_steps_follow_what_is_seen(web: Client, zone: Zone, alice: User, keeper: Kept) -> None:
    def marks(seen: Seen | None = None) -> list[str]:
        return [step.state for step in steps.steps(Situation(zone, "google"), seen)]

    assert marks() == ["now", *["later"] * 5]
    answer = web.post(url("zone-switch-draft"), {"to": "google", "act": "lower"})
    assert answer["Location"] == url("zone-preview")
    apply(zone, alice)
    assert {record.ttl for record in zone.records.filter(type="MX")} == {300}
    assert zone.records.get(type="MX").managed == "mx"
    assert marks() == ["done", "now", *["later"] * 4]
    forget(zone)
    assert marks() == ["done", "done", "now", *["later"] * 3]
    choose(web, "google")
    apply(zone, alice)
    assert marks() == ["done", "done", "done", "now", "later", "later"]
    forget(zone)
    assert marks() == [*["done"] * 4, "now", "later"]
    assert marks(Seen(world=["smtp.google.com."])) == [*["done"] * 5, "now"]
    web.post(url("zone-switch-draft"), {"to": "google", "act": "raise"})
    apply(zone, alice)
    forget(zone)
    assert marks(Seen(world=["smtp.google.com."])) == ["done"] * 6
    page = text_of(web.get(url("zone-switch"), {"to": "google"}))
    assert "The MX records point there already" in page
    assert "Google Workspace , " in page


def forget(zone: Zone) -> None:
    """As if the last change were long ago."""
    ZoneVersion.objects.filter(zone=zone).update(at=timezone.now() - dt.timedelta(hours=3))


def test_servers_that_a_person_names(web: Client, zone: Zone, alice: User, keeper: Kept) -> None:
    data = {"to": "other", "hosts": "mx1.else.test\nmx2.else.test", "act": "move"}
    assert web.post(url("zone-switch-draft"), data)["Location"] == url("zone-preview")
    apply(zone, alice)
    assert served(zone, "@", "MX") == ["10 mx1.else.test.", "20 mx2.else.test."]
    assert served(zone, "@", "TXT") == ['"v=spf1 include:_spf.postroom.test ~all"']
    assert keeper.mode == "remote"


@pytest.mark.parametrize(
    ("hosts", "mode"),
    [
        (["mail1.postroom.test."], "local"),
        (["mail1.postroom.test.", "mx.else.test."], "local"),
        (["mx.else.test.", "mail1.postroom.test."], "backup"),
        (["mx.else.test."], "remote"),
    ],
)
def test_the_routing_of_named_servers(node: Node, hosts: list[str], mode: str) -> None:
    assert situation.other(hosts, here.ours()).preset.routing == mode


def test_extra_fields_and_no_act_change_nothing(web: Client) -> None:
    for data in ({}, {"to": "google"}, {"to": "google", "act": "drop"}, {"act": "lower"}):
        answer = web.post(url("zone-switch-draft"), data)
        assert answer.status_code == 302
        assert answer["Location"].startswith(url("zone-switch"))
    assert not Draft.objects.exists()


def test_the_hosts_that_a_provider_gave_are_checked(web: Client, zone: Zone, world: FakeDns) -> None:
    query = {"to": "microsoft", "hosts": "example-test.a-v1.mx.microsoft", "look": "1"}
    page = text_of(web.get(url("zone-switch"), query))
    assert "example-test.a-v1.mx.microsoft" in page
    assert "mail.protection.outlook.com" not in page


def test_dns_elsewhere_lists_what_to_change_there(zone: Zone, node: Node) -> None:
    found = checks(Situation(zone, "google"), Seen(servers=["ns1.else.test"]))
    told = next(check for check in found if check.subject.startswith("Where the domain"))
    assert told.level == "wait"
    assert told.more == [
        "@ MX 1 smtp.google.com",
        "@ TXT v=spf1 include:_spf.postroom.test include:_spf.google.com ~all",
    ]
    ours = checks(Situation(zone, "google"), Seen(servers=["ns1.postroom.test", "ns2.postroom.test"]))
    assert next(check for check in ours if check.subject.startswith("Where the domain")).level == "ok"


def test_a_policy_that_names_the_old_servers_is_said(zone: Zone) -> None:
    Record.objects.create(zone=zone, owner="_mta-sts", type="TXT", rdata='"v=STSv1; id=1"')
    assert "MTA-STS" in {check.subject for check in checks(Situation(zone, "google"), None)}


def test_too_many_look_ups_are_bad(zone: Zone) -> None:
    found = checks(Situation(zone, "google"), Seen(spf_cost=12))
    assert [check.subject for check in found if check.level == "bad"] == ["SPF"]
