"""What a mailbox's page says is set, and the pages it leads to."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Membership
from mailboxes.access.services import app_password_create, identity_add, protocols_set
from mailboxes.addresses.services import forwarding_set
from mailboxes.autoresponder.services import autoresponder_set
from mailboxes.filters.rules import Action, Condition
from mailboxes.filters.services import filter_save
from mailboxes.glance import glance
from mailboxes.models import AppPassword, Consent, Mailbox
from mailboxes.spam.services import spam_set
from mailboxes.templatetags.mailbox_pages import GROUPS, SELF
from tests import factories
from tests.mailboxes.conftest import World, signed_in

OPEN = {"imap": True, "pop3": True, "smtp": True, "sieve": True}


@pytest.fixture
def box(world: World) -> Mailbox:
    return factories.MailboxFactory.create(mail_domain=world.mail, local="ana")


def said(box: Mailbox) -> dict[str, tuple[str, str]]:
    return {one.tab: (one.word, one.css) for one in glance(box)}


def fill(world: World, box: Mailbox) -> None:
    who: dict[str, Any] = {"actor": world.owner, "mailbox": box}
    forwarding_set(**who, targets=["ben@outside.example", "me@outside.example"], keep=False)
    autoresponder_set(**who, enabled=True, subject="Away", text="Until Monday.")
    conditions, actions = [Condition(field="spam", operator="yes")], [Action(do="discard")]
    for name, enabled in (("One", True), ("Two", True), ("Three", False)):
        filter_save(
            actor=world.owner,
            owner=box,
            row=None,
            name=name,
            match="all",
            conditions=conditions,
            actions=actions,
            enabled=enabled,
        )
    spam_set(actor=world.owner, owner=box, threshold=4, does="quarantine", quarantine_from=None)
    for label in ("Phone", "Old phone"):
        app_password_create(**who, label=label, protocols=OPEN, networks=[], expires=None)
    AppPassword.objects.filter(label="Old phone").update(expires=timezone.now() - dt.timedelta(days=1))
    identity_add(**who, address="info@example.test")
    protocols_set(**who, protocols=OPEN | {"pop3": False})


def test_nothing_is_set(box: Mailbox) -> None:
    assert said(box) == {
        "forwarding": ("Off", "off"),
        "autoresponder": ("Off", "off"),
        "filters": ("None", "off"),
        "spam": ("Into Junk", "ok"),
        "app-passwords": ("None", "off"),
        "protocols": ("All ways in are open", "ok"),
        "identities": ("None", "off"),
    }


def test_everything_is_set(world: World, box: Mailbox) -> None:
    fill(world, box)
    assert said(box) == {
        "forwarding": ("To 2 addresses", "wait"),
        "autoresponder": ("Answering now", "ok"),
        "filters": ("2 on", "ok"),
        "spam": ("Into quarantine", "ok"),
        "app-passwords": ("1 valid", "ok"),
        "protocols": ("POP3 off", "wait"),
        "identities": ("1 more than its own", "ok"),
    }


def test_a_target_that_said_yes_is_not_waited_for(world: World, box: Mailbox) -> None:
    fill(world, box)
    Consent.objects.filter(target="ben@outside.example").update(confirmed_at=timezone.now())
    assert "1 has not said yes yet." in glance(box)[0].why

    Consent.objects.update(confirmed_at=timezone.now())
    assert said(box)["forwarding"] == ("To 2 addresses", "ok")


def test_without_settings_of_its_own_the_domains_count(world: World, box: Mailbox) -> None:
    spam_set(actor=world.owner, owner=world.mail, threshold=9, does="mark", quarantine_from=None)
    spam = next(one for one in glance(box) if one.tab == "spam")
    assert (spam.word, spam.why) == ("Only marked", "From a score of 9 on. As the whole domain.")


def test_it_takes_few_queries_however_much_is_set(
    world: World, box: Mailbox, django_assert_max_num_queries: Any
) -> None:
    fill(world, box)
    with django_assert_max_num_queries(3):
        glance(box)


def test_the_page_leads_to_every_page_of_the_mailbox(
    world: World, box: Mailbox, owner_client: Client
) -> None:
    fill(world, box)
    page = owner_client.get(reverse("mailbox", args=["example.test", "ana"])).content.decode()
    for each in (page for group in GROUPS for page in group.pages if page.right != SELF):
        name = "mailbox" if each.tab == "mailbox" else f"mailbox-{each.tab}"
        assert f'href="{reverse(name, args=["example.test", "ana"])}"' in page, each.tab
    assert "Answering now" in page
    assert page.count('aria-current="page"') == 3  # the crumb, the domain's page, and the mailbox's


def test_a_stranger_gets_nothing_of_it(world: World, box: Mailbox) -> None:
    assert signed_in(world.stranger).get(reverse("mailbox", args=["example.test", "ana"])).status_code == 404


@pytest.mark.parametrize("role", [role for role in Membership.Role.values if role != "owner"])
def test_nobody_is_led_to_what_is_refused(world: World, box: Mailbox, role: str) -> None:
    """Each link of the page opens for whoever is given it."""
    from_below = factories.UserFactory.create()
    factories.MembershipFactory.create(
        account=world.domain.account, user=from_below, role=role, all_domains=True
    )
    client = signed_in(from_below)
    page = client.get(reverse("mailbox", args=["example.test", "ana"])).content.decode()
    for each in (page for group in GROUPS for page in group.pages if page.right != SELF):
        name = "mailbox" if each.tab == "mailbox" else f"mailbox-{each.tab}"
        url = reverse(name, args=["example.test", "ana"])
        if f'href="{url}"' in page:
            assert client.get(url).status_code == 200, each.tab
