"""Email Routing: what a person chooses, what looks decide, what goes to the node and into the zone."""

from __future__ import annotations

import datetime as dt
import html
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Membership
from dnszone import routing as zone_routing
from dnszone.models import Record, Zone, ZoneVersion
from dnszone.routing import AUTOMATIC, BACKUP, LOCAL, MODES, OFF, REMOTE
from dnszone.services import Change, Note, RecordSpec, version_undo, zone_apply, zone_create
from lib.errors import Denied, Refused
from mailboxes import services as mailbox_services
from mailboxes.models import MailDomain
from mailboxes.routing import looking, services, words
from mailboxes.routing.deciding import AGAIN, Answer, Finding, Host, Whose
from panel.overview.drawing import Mark, Station
from panel.overview.routed import routed
from provision.models import Push
from tests import factories
from tests.fakedns import FakeDns, serving
from tests.mailboxes.conftest import World, signed_in
from tests.racing import race

Pushed = Callable[[str], Any]
KEY = "mail_domain/example.test"
HERE = Finding(Answer.MX, (Host(10, "mail1.postroom.test", Whose.OURS),))
ELSEWHERE = Finding(Answer.MX, (Host(1, "aspmx.elsewhere.test", Whose.OTHER),))


def now(mail: MailDomain) -> MailDomain:
    return MailDomain.objects.select_related("domain__account", "node").get(pk=mail.pk)


def switch(world: World, mode: str, actor: Any = None) -> MailDomain:
    return services.routing_switch(actor=actor or world.owner, mail_domain=world.mail, mode=mode)


def store(world: World, finding: Finding) -> MailDomain:
    found = services.look_store(mail_domain=world.mail, finding=finding)
    assert found is not None
    return found


def sent(name: str) -> str:
    """What the node shall do."""
    payload = Push.objects.get(key=f"mail_domain/{name}").payload
    assert payload is not None
    return str(payload["routing"])


def mx_of(zone: Zone) -> list[str]:
    return sorted(Record.objects.filter(zone=zone, owner="@", type="MX").values_list("rdata", flat=True))


def text_of(response: Any) -> str:
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", response.content.decode())))


@pytest.fixture
def zone(world: World) -> Zone:
    return zone_create(actor=world.owner, domain=world.domain, mail_node=world.mail.node)


@pytest.fixture
def dns(settings: Any) -> Iterator[FakeDns]:
    with serving(FakeDns()) as server:
        settings.RESOLVERS = [server.place]
        yield server


# Chosen by a person.


def test_a_domain_begins_automatic_and_local(world: World) -> None:
    assert (now(world.mail).routing, now(world.mail).decided) == (AUTOMATIC, LOCAL)


@pytest.mark.parametrize("mode", [BACKUP, REMOTE, OFF])
def test_what_is_chosen_holds_and_goes_to_the_node(world: World, pushed: Pushed, mode: str) -> None:
    row = switch(world, mode)
    assert (row.routing, row.decided, row.pending) == (mode, mode, "")
    assert pushed(KEY)["routing"] == mode
    assert Push.objects.get(key=KEY).actor == world.owner


def test_what_held_already_is_not_sent_again(world: World) -> None:
    switch(world, LOCAL)
    assert not Push.objects.filter(key=KEY).exists()


def test_no_other_mode_is_there(world: World) -> None:
    with pytest.raises(Refused) as refused:
        switch(world, "nearby")
    assert refused.value.field == "mode"


def test_the_database_keeps_what_was_chosen_and_what_holds_together(world: World) -> None:
    rows = MailDomain.objects.filter(pk=world.mail.pk)
    with pytest.raises(IntegrityError), transaction.atomic():
        rows.update(routing=LOCAL, decided=REMOTE)
    with pytest.raises(IntegrityError), transaction.atomic():
        rows.update(decided=AUTOMATIC)


def test_strangers_and_readers_are_denied(world: World) -> None:
    reader = factories.MembershipFactory.create(account=world.domain.account, role=Membership.Role.READER)
    for person in (world.stranger, reader.user):
        with pytest.raises(Denied):
            switch(world, REMOTE, person)
        with pytest.raises(Denied):
            services.look_wanted(actor=person, mail_domain=world.mail)
    assert now(world.mail).routing == AUTOMATIC


def test_whoever_stands_above_keeps_the_mail_of_the_address_they_sign_in_with(world: World) -> None:
    manager = factories.MembershipFactory.create(account=world.domain.account, role=Membership.Role.MANAGER)
    world.owner.email = "boss@example.test"
    world.owner.save()
    with pytest.raises(Denied, match="stands above you"):
        switch(world, REMOTE, manager.user)
    switch(world, REMOTE)


def test_automatic_goes_on_from_what_held_but_off_takes_mail_again(world: World) -> None:
    switch(world, REMOTE)
    assert switch(world, AUTOMATIC).decided == REMOTE
    switch(world, OFF)
    assert switch(world, AUTOMATIC).decided == LOCAL


def test_what_else_is_told_to_the_node_keeps_the_routing(world: World, pushed: Pushed) -> None:
    switch(world, BACKUP)
    mailbox_services.mail_domains_push(None, [world.domain.pk])
    assert pushed(KEY)["routing"] == BACKUP


def test_nodes_hear_what_an_older_panel_did_not_say(world: World, pushed: Pushed) -> None:
    mailbox_services.mail_domains_push(None, [world.domain.pk])
    payload = pushed(KEY)
    del payload["routing"]
    Push.objects.filter(key=KEY).update(payload=payload)
    mailbox_services.mail_domains_renew(world.mail.node)
    assert pushed(KEY)["routing"] == LOCAL


# Decided by looks.


def test_elsewhere_twice_a_minute_apart_is_remote(world: World, pushed: Pushed) -> None:
    assert (store(world, ELSEWHERE).decided, now(world.mail).pending) == (LOCAL, REMOTE)
    assert now(world.mail).next_look_at <= timezone.now() + AGAIN
    assert store(world, ELSEWHERE).decided == LOCAL
    MailDomain.objects.update(pending_at=timezone.now() - AGAIN)
    row = store(world, ELSEWHERE)
    assert (row.decided, row.routing, row.pending) == (REMOTE, AUTOMATIC, "")
    assert Finding.of(row.decided_why) == ELSEWHERE
    assert pushed(KEY)["routing"] == REMOTE
    assert store(world, HERE).decided == LOCAL
    assert pushed(KEY)["routing"] == LOCAL


def test_what_a_person_chose_is_looked_at_and_left(world: World) -> None:
    switch(world, LOCAL)
    row = store(world, Finding(Answer.MX, ELSEWHERE.hosts, sure=True))
    assert (row.routing, row.decided, row.pending) == (LOCAL, LOCAL, "")
    assert Finding.of(row.found) is not None


def test_a_domain_that_is_gone_is_nobody_s(world: World) -> None:
    gone = now(world.mail)
    world.mail.delete()
    assert services.look_store(mail_domain=gone, finding=HERE) is None
    assert looking.look_at_one(gone.pk)  # nothing to wait for


@pytest.mark.django_db(transaction=True)
def test_a_person_s_word_wins_over_a_look_at_the_same_time() -> None:
    mail = factories.MailDomainFactory.create(domain__name="race.test")
    away = Finding(Answer.NULL, sure=True)

    def work(number: int) -> None:
        if number == 0:
            services.routing_switch(actor=None, mail_domain=mail, mode=BACKUP)
        else:
            services.look_store(mail_domain=mail, finding=away)

    for _ in range(10):
        services.routing_switch(actor=None, mail_domain=mail, mode=AUTOMATIC)
        assert race(4, work) == [""] * 4
        row = now(mail)
        assert (row.routing, row.decided) == (BACKUP, BACKUP)
        assert sent("race.test") == BACKUP


@pytest.mark.django_db(transaction=True)
def test_a_suspension_at_the_same_time_keeps_the_routing() -> None:
    mail = factories.MailDomainFactory.create(domain__name="race.test")

    def work(number: int) -> None:
        if number == 0:
            services.routing_switch(actor=None, mail_domain=mail, mode=REMOTE)
        else:
            mailbox_services.mail_domains_push(None, [mail.domain_id])

    for _ in range(10):
        services.routing_switch(actor=None, mail_domain=mail, mode=LOCAL)
        assert race(4, work) == [""] * 4
        assert sent("race.test") == REMOTE


def serve(zone: Zone) -> None:
    """Our name servers are proven to have it."""
    for push in Push.objects.filter(key=f"zone/{zone.name}"):
        push.applied_rev = push.desired_rev
        push.save()


def test_all_that_are_due_are_looked_at_once(world: World, zone: Zone, dns: FakeDns) -> None:
    serve(zone)
    dns.records["example.test", "MX"] = ["10 mail1.postroom.test."]
    for number in range(40):
        factories.MailDomainFactory.create(domain__name=f"d{number}.test")
        dns.records[f"d{number}.test", "MX"] = ["0 ."]
    assert looking.look_at_due() == 41
    assert looking.look_at_due() == 0
    assert Finding.of(now(world.mail).decided_why) == Finding(Answer.MX, HERE.hosts, sure=True)
    assert MailDomain.objects.filter(pending=OFF).count() == 40


def test_a_run_ends_and_leaves_the_rest_due(
    world: World, dns: FakeDns, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(looking, "ALL_LOOKS", 0.0)
    assert looking.look_at_due() == 0
    assert now(world.mail).next_look_at <= timezone.now()


def test_a_look_that_stumbles_leaves_the_others_theirs(
    world: World, dns: FakeDns, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("mailboxes.routing.live.look", lambda *_words: 1 / 0)
    assert looking.look_at_due() == 1
    assert Finding.of(now(world.mail).found) == Finding(Answer.AWAY)
    assert "failed" in caplog.text


def test_a_zone_on_its_way_is_looked_at_once_it_is_there(world: World, zone: Zone, dns: FakeDns) -> None:
    dns.records["example.test", "MX"] = ["10 mail1.postroom.test."]
    assert not looking.look_at_one(world.mail.pk)
    serve(zone)
    assert looking.look_at_one(world.mail.pk)
    assert now(world.mail).looked_at is not None


def test_other_mx_in_the_zone_decide_at_once_when_they_are_served(
    world: World, zone: Zone, dns: FakeDns, pushed: Pushed, django_capture_on_commit_callbacks: Any
) -> None:
    asked: list[int] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(services, "_send_look", asked.append)
        with django_capture_on_commit_callbacks(execute=True):
            replace_mx(world, zone, "10 mx.elsewhere.test.")
        with django_capture_on_commit_callbacks(execute=True):
            add(world, zone, RecordSpec(owner="www", type="A", rdata="192.0.2.9"))
    assert asked == [world.mail.pk]
    serve(zone)
    dns.records["example.test", "MX"] = ["10 mx.elsewhere.test."]
    dns.records["mx.elsewhere.test", "A"] = ["198.51.100.7"]
    assert looking.look_at_one(world.mail.pk)
    assert pushed(KEY)["routing"] == REMOTE


def replace_mx(world: World, zone: Zone, rdata: str, **note: str) -> None:
    old = Record.objects.get(zone=zone, owner="@", type="MX")
    spec = RecordSpec(owner="@", type="MX", rdata=rdata)
    change = Change(record=old.pk, spec=spec)
    zone_apply(actor=world.owner, zone=zone, changes=[change], note=Note(**note))


def add(world: World, zone: Zone, spec: RecordSpec) -> None:
    zone_apply(actor=world.owner, zone=zone, changes=[Change(spec=spec)])


# Together with the zone.


def test_a_change_of_the_zone_brings_its_routing_and_takes_it_back(
    world: World, zone: Zone, pushed: Pushed
) -> None:
    replace_mx(world, zone, "1 aspmx.elsewhere.test.", title="Elsewhere", routing=REMOTE)
    assert (now(world.mail).routing, pushed(KEY)["routing"]) == (REMOTE, REMOTE)
    version_undo(actor=world.owner, zone=zone, version=ZoneVersion.objects.filter(zone=zone)[0])
    assert now(world.mail).routing == AUTOMATIC
    assert mx_of(zone) == ["10 mail1.postroom.test."]


def test_a_domain_without_mail_has_no_routing(world: World, zone: Zone) -> None:
    world.mail.delete()
    assert zone_routing.current(world.domain) == ""
    zone_routing.switch(actor=world.owner, domain=world.domain, mode=REMOTE)
    replace_mx(world, zone, "1 aspmx.elsewhere.test.", routing=REMOTE)
    assert ZoneVersion.objects.filter(zone=zone)[0].routing_after == ""


def test_off_puts_the_null_mx_into_the_zone_and_takes_it_out_again(
    world: World, zone: Zone, pushed: Pushed
) -> None:
    replace_mx(world, zone, "10 first.elsewhere.test.")
    add(world, zone, RecordSpec(owner="@", type="MX", rdata="20 mail1.postroom.test."))
    services.routing_set(actor=world.owner, mail_domain=now(world.mail), mode=OFF)
    assert (mx_of(zone), pushed(KEY)["routing"]) == (["0 ."], OFF)
    version = ZoneVersion.objects.filter(zone=zone)[0]
    assert (version.routing_before, version.routing_after) == (AUTOMATIC, OFF)
    services.routing_set(actor=world.owner, mail_domain=now(world.mail), mode=LOCAL)
    assert mx_of(zone) == ["10 first.elsewhere.test.", "20 mail1.postroom.test."]
    assert (now(world.mail).routing, pushed(KEY)["routing"]) == (LOCAL, LOCAL)


def test_off_is_one_version_to_take_back(world: World, zone: Zone) -> None:
    services.routing_set(actor=world.owner, mail_domain=world.mail, mode=OFF)
    version_undo(actor=world.owner, zone=zone, version=ZoneVersion.objects.filter(zone=zone)[0])
    assert (mx_of(zone), now(world.mail).routing) == (["10 mail1.postroom.test."], AUTOMATIC)


def test_nothing_to_put_back_so_the_panel_s_own_mx_comes(world: World, zone: Zone) -> None:
    replace_mx(world, zone, "0 .")
    switch(world, OFF)
    services.routing_set(actor=world.owner, mail_domain=now(world.mail), mode=AUTOMATIC)
    (record,) = Record.objects.filter(zone=zone, owner="@", type="MX")
    assert (record.rdata, record.managed) == ("10 mail1.postroom.test.", "mx")


def test_what_somebody_wrote_instead_of_the_null_mx_stays(world: World, zone: Zone) -> None:
    services.routing_set(actor=world.owner, mail_domain=world.mail, mode=OFF)
    replace_mx(world, zone, "5 mx.elsewhere.test.")
    services.routing_set(actor=world.owner, mail_domain=now(world.mail), mode=REMOTE)
    assert mx_of(zone) == ["5 mx.elsewhere.test."]


def test_off_is_all_or_nothing(world: World, zone: Zone, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(**_words: Any) -> None:
        raise Refused("no")

    monkeypatch.setattr(services, "push_enqueue", fails)
    with pytest.raises(Refused):
        services.routing_set(actor=world.owner, mail_domain=world.mail, mode=OFF)
    assert (mx_of(zone), now(world.mail).routing) == (["10 mail1.postroom.test."], AUTOMATIC)


def test_off_without_a_zone_here_switches_the_server(world: World, pushed: Pushed) -> None:
    services.routing_set(actor=world.owner, mail_domain=world.mail, mode=OFF)
    assert pushed(KEY)["routing"] == OFF


# The page.


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
