"""The buttons of a message's page: only what this person may do, and what makes sense now."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import Domain, Membership, User
from delivery.actions import Action, action_of
from delivery.explain import explain
from delivery.models import Direction, Entry, Status
from mailboxes.models import Alias, Mailbox
from tests.delivery.rows import entry_make
from tests.factories import (
    AccountFactory,
    DomainFactory,
    MailboxFactory,
    MailDomainFactory,
    MembershipFactory,
    UserFactory,
)

ANA, LIST = "ana@luna.test", "list@luna.test"


@pytest.fixture
def luna(db: None) -> Domain:
    account = AccountFactory.create()
    MembershipFactory.create(account=account, user=UserFactory.create())
    domain = DomainFactory.create(name="luna.test", account=account)
    mail_domain = MailDomainFactory.create(domain=domain)
    MailboxFactory.create(mail_domain=mail_domain, address=ANA, local="ana")
    Alias.objects.create(
        mail_domain=mail_domain, address=LIST, local="list", targets=["x@far.test"], home="l/list"
    )
    return domain


@pytest.fixture
def owner(luna: Domain) -> User:
    user = luna.account.members.first()
    assert user is not None
    return user


def button(actor: User, entry: Entry, action: Any, **more: Any) -> Action | None:
    """``more``: of the outcome."""
    return action_of(actor, entry, replace(explain(entry), action=action, **more))


def url(actor: User, entry: Entry, action: str, **more: Any) -> str:
    found = button(actor, entry, action, **more)
    return found.url if found else ""


def made(luna: Domain, **more: Any) -> Entry:
    values: dict[str, Any] = {
        "status": Status.DEFERRED,
        "address": ANA,
        "sender": "s@far.test",
        "agent": "lmtp",
    }
    return entry_make(luna.pk, **(values | more))


def test_full_mailbox_gets_more_room(luna: Domain, owner: User) -> None:
    assert url(owner, made(luna), "raise-quota") == "/domains/luna.test/mailboxes/ana/quota/"
    assert url(owner, made(luna, address="gone@luna.test"), "raise-quota") == ""
    assert url(owner, made(luna, address="ana@other.test"), "raise-quota") == ""


def test_only_who_may(luna: Domain) -> None:
    reader, stranger = UserFactory.create(), UserFactory.create()
    MembershipFactory.create(account=luna.account, user=reader, role=Membership.Role.READER)
    for person in (reader, stranger):
        for slug in ("raise-quota", "unblock-sender", "open-routing", "add-spf", "create-mailbox"):
            assert url(person, made(luna, sender=ANA), slug) == ""


def test_resume_only_what_is_suspended(luna: Domain, owner: User) -> None:
    row = made(luna, status=Status.REJECTED)
    assert url(owner, row, "resume", slug="receiving-suspended") == ""
    Mailbox.objects.update(suspended_at=timezone.now(), no_receive=True)
    found = url(owner, row, "resume", slug="receiving-suspended")
    assert found == "/domains/luna.test/mailboxes/ana/resume/"


def test_missing_mailbox_is_made(luna: Domain, owner: User) -> None:
    row = made(luna, status=Status.REJECTED, address="new@luna.test")
    assert url(owner, row, "create-mailbox") == "/domains/luna.test/mailboxes/new/?local=new"
    assert url(owner, made(luna), "create-mailbox") == ""


def test_sender_is_let_in_with_its_name_filled_in(luna: Domain, owner: User) -> None:
    found = url(owner, made(luna, sender="a&b@far.test"), "unblock-sender")
    assert found == "/domains/luna.test/mailboxes/ana/spam/?sender=a%26b%40far.test"
    assert url(owner, made(luna, sender=""), "unblock-sender") == ""


def test_records_are_for_the_senders_domain(luna: Domain, owner: User) -> None:
    ours = made(luna, direction=Direction.OUT, sender=ANA, address="x@far.test")
    for slug in ("add-spf", "sign-dkim", "set-dmarc"):
        assert url(owner, ours, slug) == "/domains/luna.test/zone/presets/here/"
        assert url(owner, made(luna), slug) == ""


def test_forwarder_is_opened(luna: Domain, owner: User) -> None:
    by_alias = made(luna, address="x@far.test", via=LIST)
    assert url(owner, by_alias, "open-forwarder") == "/domains/luna.test/forwarders/list/"
    assert url(owner, by_alias, "fix-address") == "/domains/luna.test/forwarders/list/"
    by_box = made(luna, direction=Direction.OUT, address="x@far.test", login=ANA)
    assert url(owner, by_box, "open-forwarder") == "/domains/luna.test/mailboxes/ana/forwarding/"
    assert url(owner, by_box, "fix-address") == ""


def test_delisting_is_the_providers_to_ask(luna: Domain, owner: User) -> None:
    admin = UserFactory.create(is_staff=True, is_superuser=True)
    row = made(luna, direction=Direction.OUT, reply="550 blocked 192.0.2.1")
    theirs = button(admin, row, "ask-delisting", link="https://check.example/")
    assert theirs is not None
    assert (theirs.url, theirs.away, theirs.copy) == ("https://check.example/", True, row.reply)
    mine = button(owner, row, "ask-delisting", link="https://check.example/")
    assert mine is not None
    assert (mine.url, mine.copy) == ("", row.reply)


def test_what_waits_is_found_in_the_queue(luna: Domain, owner: User) -> None:
    waits = made(luna, direction=Direction.OUT)
    assert url(owner, waits, "retry-now") == f"/domains/luna.test/queue/?id={waits.queue_id}"
    assert url(owner, made(luna, direction=Direction.OUT, status=Status.FAILED), "retry-now") == ""
    assert url(owner, made(luna), "retry-now") == ""  # coming in: not theirs to touch


def test_limits_identities_and_routing(luna: Domain, owner: User) -> None:
    row = made(luna, direction=Direction.OUT, login=ANA, sender=ANA, status=Status.REJECTED)
    mailbox = "/domains/luna.test/mailboxes/ana"
    assert url(owner, row, "raise-limit", slug="limit-mailbox") == f"{mailbox}/sending/"
    assert url(owner, row, "raise-limit", slug="limit-domain") == "/domains/luna.test/sending/"
    assert url(owner, row, "open-identities") == f"{mailbox}/identities/"
    assert url(owner, made(luna), "open-routing") == "/domains/luna.test/routing/"
