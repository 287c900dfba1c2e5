"""Filters and the autoresponder: what the services push, and whom they refuse."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from lib.errors import Denied, Refused
from mailboxes.addresses.services import alias_create, aliases_delete, forwarding_set
from mailboxes.autoresponder.services import autoresponder_set, autoresponder_switch
from mailboxes.filters import rules, services
from mailboxes.filters.rules import Action, Condition
from mailboxes.models import Consent, Mailbox, MailboxFilter
from tests import factories
from tests.mailboxes.conftest import World, signed_in

Pushed = Callable[[str], Any]


@pytest.fixture
def ana(world: World) -> Mailbox:
    return factories.MailboxFactory.create(mail_domain=world.mail, local="ana")


def save(world: World, owner: Any, *actions: Action, name: str = "One") -> Any:
    return services.filter_save(
        actor=world.owner,
        owner=owner,
        row=None,
        name=name,
        match="all",
        conditions=[Condition(field=rules.SUBJECT, operator=rules.CONTAINS, value=name)],
        actions=actions or [Action(do=rules.FOLDER, value="Work")],
    )


def test_a_filter_is_pushed_and_gone_again(world: World, ana: Mailbox, pushed: Pushed) -> None:
    row = save(world, ana)
    assert 'fileinto :create "Work"' in pushed(f"script/{ana.address}")["text"]
    services.filter_delete(actor=world.owner, row=row)
    assert "Work" not in str(pushed(f"script/{ana.address}"))


def test_the_order_is_that_of_the_script(world: World, ana: Mailbox, pushed: Pushed) -> None:
    rows = [save(world, ana, name=name) for name in ("First", "Second", "Third")]
    services.filter_move(actor=world.owner, row=rows[2], up=True)
    services.filter_move(actor=world.owner, row=rows[0], up=True)
    assert [row.name for row in services.filters_of(ana)] == ["First", "Third", "Second"]
    text = pushed(f"script/{ana.address}")["text"]
    assert text.index("First") < text.index("Third") < text.index("Second")


def test_a_filter_that_forwards_to_its_own_mailbox_is_refused(world: World, ana: Mailbox) -> None:
    with pytest.raises(Refused):
        save(world, ana, Action(do=rules.FORWARD, value=ana.address))


def test_a_circle_of_filters_and_forwarding_is_refused(world: World, ana: Mailbox) -> None:
    ben = factories.MailboxFactory.create(mail_domain=world.mail, local="ben")
    save(world, ana, Action(do=rules.FORWARD, value=ben.address))
    with pytest.raises(Refused) as caught:
        save(world, ben, Action(do=rules.FORWARD, value=ana.address))
    assert "circle" in caught.value.message
    with pytest.raises(Refused, match="circle"):
        forwarding_set(actor=world.owner, mailbox=ben, targets=[ana.address], keep=True)
    alias_create(actor=world.owner, mail_domain=world.mail, local="ring", targets=[ana.address])
    with pytest.raises(Refused, match="circle"):
        save(world, ben, Action(do=rules.FORWARD, value="ring@example.test"))


def test_what_a_filter_forwards_to_keeps_its_yes(world: World, ana: Mailbox) -> None:
    save(world, ana, Action(do=rules.FORWARD, value="cy@outside.example"))
    Consent.objects.update(confirmed_at=timezone.now())
    for targets in (["dora@outside.example"], []):
        forwarding_set(actor=world.owner, mailbox=ana, targets=targets, keep=True)
        assert Consent.objects.filter(target="cy@outside.example", confirmed_at__isnull=False).exists()


def test_a_hundred_redirects_are_refused(world: World, ana: Mailbox) -> None:
    many = [Action(do=rules.FORWARD, value=f"x{number}@example.test") for number in range(100)]
    with pytest.raises(Refused):
        save(world, ana, *many)
    assert not MailboxFilter.objects.exists()


@pytest.mark.parametrize("target", ["|/bin/sh", "/etc/passwd", ":include:/etc/passwd", "root", 'a"b@x.test'])
def test_targets_that_are_no_addresses(world: World, ana: Mailbox, target: str) -> None:
    with pytest.raises(Refused) as caught:
        save(world, ana, Action(do=rules.FORWARD, value=target))
    assert caught.value.field == "actions.0.value"


def test_a_domains_filter_is_its_own_script(world: World, pushed: Pushed) -> None:
    save(world, world.mail)
    assert "Work" in pushed("script/example.test")["text"]
    with pytest.raises(Refused):
        save(world, world.mail, Action(do=rules.FORWARD, value="x@outside.example"))


def test_an_alias_made_later_is_answered_too(world: World, ana: Mailbox, pushed: Pushed) -> None:
    autoresponder_set(actor=world.owner, mailbox=ana, enabled=True, subject="Away", text="Back")
    alias = alias_create(actor=world.owner, mail_domain=world.mail, local="hello", targets=[ana.address])
    assert "hello@example.test" in pushed(f"script/{ana.address}")["text"]
    aliases_delete(actor=world.owner, mail_domain=world.mail, aliases=[alias])
    assert "hello@example.test" not in pushed(f"script/{ana.address}")["text"]


def test_a_stranger_may_not(world: World, ana: Mailbox) -> None:
    row = save(world, ana)
    with pytest.raises(Denied):
        services.filter_delete(actor=world.stranger, row=row)
    outsider = signed_in(world.stranger)
    for name, args in (("filters", []), ("filter", [row.pk]), ("autoresponder", [])):
        url = reverse(f"mailbox-{name}", args=["example.test", "ana", *args])
        assert outsider.get(url).status_code == outsider.post(url).status_code == 404


def test_the_autoresponder_is_pushed(world: World, ana: Mailbox, pushed: Pushed) -> None:
    autoresponder_set(actor=world.owner, mailbox=ana, enabled=True, subject="Away", text="a\r\nb")
    assert "vacation" in pushed(f"script/{ana.address}")["text"]
    autoresponder_switch(actor=world.owner, mailbox=ana, enabled=False)
    assert "vacation" not in str(pushed(f"script/{ana.address}"))


@pytest.mark.parametrize("text", ["a\0b", "x" * 1_000_000, ""])
def test_the_page_refuses_what_cannot_be_sent(owner_client: Client, ana: Mailbox, text: str) -> None:
    url = reverse("mailbox-autoresponder", args=["example.test", "ana"])
    answer = owner_client.post(url, {"subject": "Away", "text": text, "zone": "UTC", "days": "7"})
    assert answer.status_code == 422


def test_the_page_previews_and_saves(owner_client: Client, ana: Mailbox) -> None:
    url = reverse("mailbox-autoresponder", args=["example.test", "ana"])
    sent = {"enabled": "on", "subject": "Away", "text": "<b>x</b>", "zone": "Europe/Madrid", "days": "7"}
    shown = owner_client.post(url, sent | {"do": "preview", "starts": "2030-07-01T08:00"})
    assert "&lt;b&gt;x&lt;/b&gt;" in shown.content.decode()
    assert owner_client.post(url, sent | {"starts": "2030-07-01T08:00"}).status_code == 302
    ana.refresh_from_db()
    assert ana.autoresponder.starts
    assert ana.autoresponder.starts.isoformat() == "2030-07-01T06:00:00+00:00"


def test_the_builder_adds_a_row_without_saving(owner_client: Client, ana: Mailbox) -> None:
    url = reverse("mailbox-filter-new", args=["example.test", "ana"])
    sent = {"name": "x", "match": "all", "conditions-0-field": "subject", "conditions-0-operator": "contains"}
    shown = owner_client.post(url, sent | {"do": "add-condition"}).content.decode()
    assert "conditions-1-field" in shown
    assert owner_client.post(url, sent).status_code == 422
    assert not MailboxFilter.objects.exists()
