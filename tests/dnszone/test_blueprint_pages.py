"""The pages of zone templates: a reseller's, the provider's, nobody else's."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Account, User
from dnszone import services as zones
from dnszone.blueprints import rollouts, services
from dnszone.models import Record, Zone, ZoneRollout, ZoneTemplate
from dnszone.tasks import rollouts_go_on
from provision.models import Node
from tests.dnszone.conftest import signed_in
from tests.factories import AccountFactory, DomainFactory, MembershipFactory, ResellerFactory, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def reseller() -> Account:
    return ResellerFactory.create()


@pytest.fixture
def boss(reseller: Account) -> User:
    user: User = UserFactory.create()
    MembershipFactory.create(account=reseller, user=user)
    return user


@pytest.fixture
def page(boss: User) -> Client:
    return signed_in(boss)


@pytest.fixture
def template(boss: User, reseller: Account) -> ZoneTemplate:
    return services.template_create(
        actor=boss, owner=reseller, name="Web", text="www A 192.0.2.1", is_default=True
    )


def many(boss: User, reseller: Account, node: Node, count: int) -> list[Zone]:
    account = AccountFactory.create(reseller=reseller, max_domains=1000)
    return [
        zones.zone_create(
            actor=boss, domain=DomainFactory.create(account=account, name=f"z{n:03}.test"), mail_node=node
        )
        for n in range(count)
    ]


def text_of(response: Any) -> str:
    text: str = response.content.decode()
    return text


def newer(boss: User, template: ZoneTemplate, text: str = "www A 192.0.2.2") -> ZoneTemplate:
    return services.template_set(actor=boss, template=template, name="Web", text=text, is_default=True)


def test_the_first_template(page: Client, reseller: Account) -> None:
    assert "No templates yet" in text_of(page.get(reverse("zone-templates")))
    form = {"name": "Web", "text": "www A {ipv4}\r\nshop CNAME www", "is_default": "on"}
    assert page.post(reverse("zone-template-new"), form).status_code == 302
    found = ZoneTemplate.objects.get()
    assert (found.owner, found.text, found.is_default) == (reseller, "www A {ipv4}\nshop CNAME www", True)
    assert "Web" in text_of(page.get(reverse("zone-templates")))
    assert "shop" in text_of(page.get(reverse("zone-template", args=[found.pk])))


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("www A banana\nok A 192.0.2.1\nx A {nix}", ["Line 1", "Line 3", "{nix} is no placeholder"]),
        ("", ["Write at least one record"]),
        ("www A 192.0.2.1\x00", ["Null characters"]),
        ("w A 192.0.2.1\n" * 5000, ["characters"]),
        ('<script>alert("x")</script> A 192.0.2.1', ["Line 1", "&lt;script&gt;"]),
    ],
)
def test_what_is_wrong_comes_back_at_the_field(page: Client, text: str, says: list[str]) -> None:
    answer = page.post(reverse("zone-template-new"), {"name": "Web", "text": text})
    assert answer.status_code == 422
    shown = text_of(answer)
    assert "<script>alert" not in shown
    for words in says:
        assert words in shown
    assert not ZoneTemplate.objects.exists()


def test_saving_leads_to_the_zones_that_are_behind(
    page: Client, boss: User, reseller: Account, node: Node, template: ZoneTemplate
) -> None:
    many(boss, reseller, node, 2)
    form = {"name": "Web", "text": "www A 192.0.2.2", "is_default": "on"}
    answer = page.post(reverse("zone-template", args=[template.pk]), form, follow=True)
    assert answer.redirect_chain == [(reverse("zone-template-zones", args=[template.pk]), 302)]
    assert "z000.test" in text_of(answer)
    assert "State 1 of 2" in text_of(answer)


def test_a_roll_out_by_the_pages(
    page: Client, boss: User, reseller: Account, node: Node, template: ZoneTemplate
) -> None:
    one, two = many(boss, reseller, node, 2)
    newer(boss, template)
    path = reverse("zone-template-zones", args=[template.pk])
    chosen = page.post(path, {"zone": [one.pk, "x", 10**30, 10**12]})
    rollout = ZoneRollout.objects.get()
    assert chosen.headers["Location"] == reverse("zone-rollout", args=[rollout.pk])
    preview = text_of(page.get(chosen.headers["Location"]))
    assert "Changed:" in preview
    assert "192.0.2.2" in preview
    assert not Record.objects.filter(rdata="192.0.2.2").exists()
    done = text_of(page.post(chosen.headers["Location"], follow=True))
    assert "z000.test" in done
    assert Record.objects.filter(zone=one, rdata="192.0.2.2").exists()
    assert not Record.objects.filter(zone=two, rdata="192.0.2.2").exists()


def test_nothing_chosen_is_said(page: Client, template: ZoneTemplate) -> None:
    answer = page.post(reverse("zone-template-zones", args=[template.pk]), follow=True)
    assert "No zone was chosen" in text_of(answer)


def test_many_zones_are_a_tasks_work_that_can_be_left(
    page: Client, boss: User, reseller: Account, node: Node, template: ZoneTemplate, monkeypatch: Any
) -> None:
    monkeypatch.setattr(rollouts, "rollout_soon", lambda: None)
    many(boss, reseller, node, 22)
    newer(boss, template)
    page.post(reverse("zone-template-zones", args=[template.pk]), {"all": "1", "q": "", "which": "behind"})
    rollout = ZoneRollout.objects.get()
    path = reverse("zone-rollout", args=[rollout.pk])
    running = text_of(page.post(path, follow=True))
    assert "0 of 22 zones are done" in running
    assert 'hx-trigger="every 2s"' in running
    rollouts_go_on()
    finished = page.get(path, headers={"hx-request": "true"})
    assert "All 22 zones are through" in text_of(finished)
    assert "<html" not in text_of(finished)
    assert Record.objects.filter(owner="www", rdata="192.0.2.2").count() == 22


@pytest.mark.parametrize("which", ["behind", "current", "others"])
def test_lists_cost_the_same_however_long(
    page: Client, boss: User, reseller: Account, node: Node, template: ZoneTemplate, which: str
) -> None:
    many(boss, reseller, node, 3)
    path = reverse("zone-template-zones", args=[template.pk]) + f"?which={which}&q=z"
    page.get(path)
    with CaptureQueriesContext(
        connection,
    ) as few:
        page.get(path)
    for n in range(3, 12):
        account = AccountFactory.create(reseller=reseller)
        zones.zone_create(
            actor=boss, domain=DomainFactory.create(account=account, name=f"z{n:03}.test"), mail_node=node
        )
    with CaptureQueriesContext(connection) as many_:
        page.get(path)
    assert len(many_) == len(few)
    ours = [query for query in many_ if "dnszone" in query["sql"]]
    assert len(ours) <= 8


def test_the_preview_costs_the_same_however_long(
    page: Client, boss: User, reseller: Account, node: Node, template: ZoneTemplate
) -> None:
    found = many(boss, reseller, node, 15)
    newer(boss, template)
    counts = []
    for chosen in (found[:1], found):
        rollout = rollouts.rollout_create(actor=boss, template=template, zones=[zone.pk for zone in chosen])
        with CaptureQueriesContext(connection) as queries:
            page.get(reverse("zone-rollout", args=[rollout.pk]))
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_pages_of_the_list_follow_each_other(
    page: Client, boss: User, reseller: Account, node: Node, template: ZoneTemplate, monkeypatch: Any
) -> None:
    monkeypatch.setattr("dnszone.blueprints.selectors.PAGE", 2)
    many(boss, reseller, node, 5)
    path = reverse("zone-template-zones", args=[template.pk]) + "?which=current"

    def listed(query: str = "") -> list[str]:
        return re.findall(r'class="strong addr" href="/domains/(z[0-9]+)', text_of(page.get(path + query)))

    assert listed() == ["z000", "z001"]
    assert listed("&after=z001.test") == ["z002", "z003"]
    assert listed("&after=z003.test") == ["z004"]
    assert listed("&before=z002.test") == ["z000", "z001"]
    assert listed("&after=%00") == ["z000", "z001"]


def test_deleting_asks_first_and_leaves_the_records(
    page: Client, boss: User, reseller: Account, node: Node, template: ZoneTemplate
) -> None:
    (zone,) = many(boss, reseller, node, 1)
    path = reverse("zone-template-delete", args=[template.pk])
    assert "keeps its records" in text_of(page.get(path))
    page.post(path)
    assert not ZoneTemplate.objects.exists()
    assert Record.objects.filter(zone=zone, owner="www").exists()


def test_other_resellers_and_customers_see_nothing(template: ZoneTemplate, browser: Client) -> None:
    other = UserFactory.create()
    MembershipFactory.create(account=ResellerFactory.create(), user=other)
    rollout = template.rollouts.create(revision=1)
    for client in (signed_in(other), browser):
        for name in ("zone-template", "zone-template-delete", "zone-template-zones"):
            path = reverse(name, args=[template.pk])
            assert client.get(path).status_code == 404
            assert client.post(path, {"name": "x", "text": "a A 192.0.2.1"}).status_code == 404
        assert client.post(reverse("zone-template-default", args=[template.pk])).status_code == 404
        assert client.get(reverse("zone-rollout", args=[rollout.pk])).status_code == 404
        assert client.post(reverse("zone-rollout", args=[rollout.pk])).status_code == 404
        assert client.post(reverse("zone-rollout-again", args=[rollout.pk])).status_code == 404
    assert ZoneTemplate.objects.get().text == "www A 192.0.2.1"


def test_the_provider_keeps_its_own(template: ZoneTemplate) -> None:
    staff = signed_in(UserFactory.create(is_superuser=True, is_staff=True))
    staff.post(reverse("zone-template-new"), {"name": "All", "text": "www A 192.0.2.9", "is_default": "on"})
    own = ZoneTemplate.objects.get(owner=None)
    assert own.is_default
    mine = text_of(staff.get(reverse("zone-templates")))
    assert "All" in mine
    theirs = text_of(staff.get(reverse("zone-templates") + f"?account={template.owner_id}"))
    assert "Web" in theirs
    for query in ("?account=x", "?account=999999", "?account=" + "9" * 40):
        assert staff.get(reverse("zone-templates") + query).status_code == 404
