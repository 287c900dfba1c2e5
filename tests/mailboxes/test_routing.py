"""Email Routing: what a person chooses, what looks decide, what goes to the node."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.models import Membership
from dnszone.models import Zone
from dnszone.routing import AUTOMATIC, BACKUP, LOCAL, OFF, REMOTE
from dnszone.services import RecordSpec
from lib.errors import Denied, Refused
from mailboxes import services as mailbox_services
from mailboxes.models import MailDomain
from mailboxes.routing import looking, services
from mailboxes.routing.deciding import AGAIN, Answer, Finding
from provision.models import Push
from tests import factories
from tests.fakedns import FakeDns
from tests.mailboxes.conftest import World
from tests.mailboxes.routings import (
    ELSEWHERE,
    HERE,
    KEY,
    Pushed,
    add,
    now,
    replace_mx,
    sent,
    store,
    switch,
)
from tests.racing import race

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
