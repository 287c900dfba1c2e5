"""The page of Email Routing, and what the overview says of it."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Membership
from dnszone.models import Zone
from dnszone.routing import AUTOMATIC, BACKUP, LOCAL, MODES, OFF, REMOTE
from mailboxes.models import MailDomain
from mailboxes.routing import words
from mailboxes.routing.deciding import Answer, Finding, Host, Whose
from panel.overview.drawing import Mark, Station
from panel.overview.routed import routed
from tests import factories
from tests.mailboxes.conftest import World, signed_in
from tests.mailboxes.routings import (
    ELSEWHERE,
    HERE,
    mx_of,
    now,
    store,
    switch,
    text_of,
)


def url(name: str = "routing", domain: str = "example.test") -> str:
    return reverse(name, args=[domain])


def test_the_page_says_what_was_decided_and_why(world: World, owner_client: Client) -> None:
    page = text_of(owner_client.get(url()))
    assert "nobody has looked yet" in page
    store(world, HERE)
    page = text_of(owner_client.get(url()))
    assert "because mail1.postroom.test is the first MX, and it is this server" in page
    assert "10 mail1.postroom.test" in page
    store(world, ELSEWHERE)
    assert "a second look a minute later has to say so too" in text_of(owner_client.get(url()))
    store(world, Finding(Answer.AWAY))
    MailDomain.objects.update(pending="", pending_at=None)
    assert "no name server gave an answer. So it stays Local" in text_of(owner_client.get(url()))


@pytest.mark.parametrize("mode", [LOCAL, BACKUP, REMOTE, OFF])
@pytest.mark.parametrize("finding", [HERE, ELSEWHERE, Finding(Answer.NULL)], ids=["here", "away", "null"])
def test_the_page_warns_where_the_live_mx_says_something_else(
    world: World, owner_client: Client, mode: str, finding: Finding
) -> None:
    switch(world, mode)
    store(world, finding)
    page = text_of(owner_client.get(url()))
    assert ("the live MX says" in page) == (finding.mode != mode)
    assert ("Set to Automatic" in page) == (finding.mode != mode)


def test_any_case_of_the_name_leads_to_the_page(world: World, owner_client: Client) -> None:
    assert owner_client.get(url(domain="EXAMPLE.Test")).status_code == 200
    assert owner_client.get(url(domain="example.test.")).status_code == 200


def test_hostile_names_in_mx_are_text(world: World, owner_client: Client) -> None:
    name = r"<script>alert(1)</script>.\000\010.xn--a.test"
    store(world, Finding(Answer.MX, (Host(1, name, Whose.OTHER),)))
    page = owner_client.get(url()).content.decode()
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page


def test_it_is_saved_at_once_when_nobody_loses_mail(world: World, owner_client: Client) -> None:
    response = owner_client.post(url("routing-set"), {"mode": REMOTE})
    assert response.status_code == 302
    assert now(world.mail).routing == REMOTE


def test_mailboxes_that_get_no_mail_are_asked_about_first(world: World, owner_client: Client) -> None:
    factories.MailboxFactory.create_batch(2, mail_domain=world.mail)
    page = owner_client.post(url("routing-set"), {"mode": REMOTE})
    assert "2 mailboxes get no new mail" in text_of(page)
    assert now(world.mail).routing == AUTOMATIC
    owner_client.post(url("routing-set"), {"mode": REMOTE, "sure": "1"})
    assert now(world.mail).routing == REMOTE
    owner_client.post(url("routing-set"), {"mode": LOCAL})
    assert now(world.mail).routing == LOCAL


def test_off_asks_and_shows_the_null_mx(world: World, zone: Zone, owner_client: Client) -> None:
    page = text_of(owner_client.post(url("routing-set"), {"mode": OFF}))
    assert "example.test MX 0 ." in page
    assert mx_of(zone) == ["10 mail1.postroom.test."]
    owner_client.post(url("routing-set"), {"mode": OFF, "sure": "1"})
    assert mx_of(zone) == ["0 ."]
    page = text_of(owner_client.post(url("routing-set"), {"mode": AUTOMATIC}))
    assert "example.test MX 10 mail1.postroom.test" in page
    owner_client.post(url("routing-set"), {"mode": AUTOMATIC, "sure": "1"})
    assert mx_of(zone) == ["10 mail1.postroom.test."]


@pytest.mark.parametrize("mode", ["", "nearby", "\0", "a" * 10_000, "OFF"])
def test_anything_else_is_an_error_at_its_field(world: World, owner_client: Client, mode: str) -> None:
    response = owner_client.post(url("routing-set"), {"mode": mode})
    assert response.status_code == 422
    assert "Choose one of these" in text_of(response)


def test_looking_again_is_not_asked_for_all_the_time(world: World, owner_client: Client) -> None:
    store(world, HERE)
    page = owner_client.post(url("routing-look"), follow=True)
    assert "We looked a moment ago" in text_of(page)
    MailDomain.objects.update(looked_at=timezone.now() - dt.timedelta(minutes=1))
    owner_client.post(url("routing-look"))
    assert now(world.mail).next_look_at <= timezone.now()


@pytest.mark.parametrize("verb", ["get", "post", "put", "delete"])
@pytest.mark.parametrize("name", ["routing", "routing-set", "routing-look"])
def test_an_outsider_finds_nothing(world: World, name: str, verb: str) -> None:
    client = signed_in(world.stranger)
    assert getattr(client, verb)(url(name), {"mode": OFF}).status_code == 404
    assert getattr(client, verb)(url(name, "nowhere.test"), {"mode": OFF}).status_code == 404


def test_a_reader_sees_and_is_not_offered_a_change(world: World) -> None:
    reader = factories.MembershipFactory.create(account=world.domain.account, role=Membership.Role.READER)
    client = signed_in(reader.user)
    page = client.get(url())
    assert page.status_code == 200
    assert b"/routing/set/" not in page.content
    assert b"/routing/look/" not in page.content
    assert client.post(url("routing-set"), {"mode": OFF}).status_code == 403


def test_few_queries_however_long_the_mx_is(
    world: World, owner_client: Client, django_assert_max_num_queries: Any
) -> None:
    hosts = tuple(Host(number, f"h{number}.elsewhere.test", Whose.OTHER) for number in range(20))
    store(world, Finding(Answer.MX, hosts))
    owner_client.get(url())
    with django_assert_max_num_queries(12):
        owner_client.get(url())


def test_every_mode_has_its_words(world: World, owner_client: Client) -> None:
    page = text_of(owner_client.get(url()))
    assert "Automatic (recommended)" in page
    assert all(words.does(mode) in page for mode in MODES)


# The overview.


def test_the_overview_says_what_the_server_does_instead(world: World, owner_client: Client) -> None:
    overview = reverse("domain-overview", args=["example.test"])
    assert "Email Routing: " not in text_of(owner_client.get(overview))
    MailDomain.objects.update(decided=REMOTE)
    mail_domain = now(world.mail)
    works = Station(
        key="incoming", title="", host="", mark=Mark("ok", "check", "Live"), url="", link="", icon="office"
    )
    assert routed(mail_domain, works).note == "Email Routing: Remote"
    switch(world, LOCAL)
    store(world, ELSEWHERE)
    wrong = routed(now(world.mail), works)
    assert wrong.waits_for_a_person
    assert "the live MX says Remote" in wrong.why
    silent = replace(works, mark=Mark("bad", "cross", "No answer"))
    assert routed(now(world.mail), silent) == silent
