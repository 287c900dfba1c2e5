"""What each service makes of the database and of the state that nodes shall have."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from typing import Any

import pytest
from argon2 import PasswordHasher
from django.apps import apps
from django.utils import timezone

from lib.errors import Refused
from mailboxes import services
from mailboxes.models import GRACE, Mailbox
from nodeagent import contract
from provision import kinds
from provision.models import Push
from tests import factories
from tests.mailboxes.conftest import World

PASSWORD = "harbor-violet-train-91"
Pushed = Callable[[str], Any]


def make(world: World, local: str = "ana", *, password: str = PASSWORD, quota_mb: int = 1024) -> Mailbox:
    return services.mailbox_create(
        actor=world.owner, mail_domain=world.mail, local=local, password=password, quota_mb=quota_mb
    )


def opens(payload: dict[str, Any], password: str) -> bool:
    scheme, _brace, hashed = payload["password_hash"].partition("}")
    assert scheme == "{ARGON2ID"
    try:
        return PasswordHasher().verify(hashed, password)
    except Exception:
        return False


def test_a_mail_domain_is_pushed_with_an_inactive_key(world: World, pushed: Pushed) -> None:
    domain = factories.DomainFactory.create(account=world.domain.account, name="second.test")
    node = factories.NodeFactory.create()
    services.mail_domain_create(actor=world.owner, domain=domain, node=node)
    assert pushed("mail_domain/second.test") == {
        "name": "second.test",
        "active": True,
        "sign_in": True,
        "receive": True,
        "send": True,
        "pop3": True,
        "reason": "",
        "account": f"a{world.domain.account_id}",
        "sends_per_hour": 500,
        "routing": "local",
        "catch_all": "",
        "plus": True,
        "alias_of": "",
    }
    key = pushed("dkim_key/second.test/pr1-mail1")
    assert key == {"domain": "second.test", "selector": "pr1-mail1", "active": False}


def test_a_node_without_the_mail_role_takes_no_domain(world: World) -> None:
    domain = factories.DomainFactory.create(account=world.domain.account)
    node = factories.NodeFactory.create(name="ns1", roles=["dns"])
    with pytest.raises(Refused, match="ns1 takes no mail"):
        services.mail_domain_create(actor=world.owner, domain=domain, node=node)


@pytest.mark.parametrize(
    ("name", "label"), [("Mail_2.eu", "pr1-mail-2-eu"), ("x" * 32, "pr1-" + "x" * 32), ("-a-", "pr1-a")]
)
def test_a_selector_is_always_a_dns_label(world: World, name: str, label: str) -> None:
    domain = factories.DomainFactory.create(account=world.domain.account)
    mail = services.mail_domain_create(
        actor=world.owner, domain=domain, node=factories.NodeFactory.create(name=name)
    )
    selector = mail.dkim_keys.get().selector
    assert selector == label
    assert re.fullmatch(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?", selector)


def test_a_domain_made_again_gets_the_next_generation_of_keys_and_none_of_the_mailboxes(
    world: World, pushed: Pushed
) -> None:
    domain = factories.DomainFactory.create(account=world.domain.account, name="again.test")
    mail = services.mail_domain_create(actor=world.owner, domain=domain, node=world.mail.node)
    services.mailbox_create(actor=world.owner, mail_domain=mail, local="ana", password=PASSWORD, quota_mb=10)
    services.mail_domain_delete(actor=world.owner, mail_domain=mail)
    for key in ("mail_domain/again.test", "mailbox/ana@again.test", "dkim_key/again.test/pr1-mail1"):
        assert pushed(key) is None
    mail = services.mail_domain_create(actor=world.owner, domain=domain, node=world.mail.node)
    assert pushed("dkim_key/again.test/pr2-mail1")["active"] is False
    assert not mail.mailboxes.exists()


def test_a_mailbox_is_pushed_whole(world: World, pushed: Pushed) -> None:
    mailbox = make(world, "Ana ")
    payload = pushed("mailbox/ana@example.test")
    assert opens(payload, PASSWORD)
    assert not opens(payload, PASSWORD + " ")
    del payload["password_hash"]
    assert payload == {
        "address": "ana@example.test",
        "home": mailbox.home,
        "quota_mb": 1024,
        "sign_in": True,
        "receive": True,
        "send": True,
        "reason": "",
        "imap": True,
        "pop3": True,
        "smtp": True,
        "sieve": True,
    }
    assert re.fullmatch(r"example\.test/ana\.[0-9a-f]{12}", mailbox.home)


def test_the_push_belongs_to_the_domain_and_the_actor(world: World) -> None:
    make(world)
    push = Push.objects.get(key="mailbox/ana@example.test")
    assert (push.domain, push.actor, push.node) == (world.domain, world.owner, world.mail.node)


def test_an_address_is_there_once(world: World) -> None:
    make(world)
    with pytest.raises(Refused, match="is there already") as refused:
        make(world, "ANA")
    assert refused.value.field == "local"


def test_an_address_too_long_for_smtp_is_refused(world: World) -> None:
    long = ".".join(["a" * 60] * 4)
    mail = factories.MailDomainFactory.create(
        domain=factories.DomainFactory.create(account=world.domain.account, name=f"{long}.test")
    )
    with pytest.raises(Refused) as refused:
        services.mailbox_create(
            actor=world.owner, mail_domain=mail, local="anabella", password=PASSWORD, quota_mb=1
        )
    assert refused.value.field == "local"


def test_a_new_password_replaces_the_old_one(world: World, pushed: Pushed) -> None:
    mailbox = make(world)
    services.mailbox_set_password(actor=world.owner, mailbox=mailbox, password="another-good-one-7")
    payload = pushed("mailbox/ana@example.test")
    assert opens(payload, "another-good-one-7")
    assert not opens(payload, PASSWORD)


@pytest.mark.parametrize(
    "password",
    ["{PLAIN}secret-12", "a:b:c:d:e:f:g", "%u%d%n'\"\\;--", "two words and 3", "x" * 10 + "Q7!" + "y" * 115],
)
def test_a_strange_password_is_hashed_exactly(world: World, pushed: Pushed, password: str) -> None:
    make(world, password=password)
    assert opens(pushed("mailbox/ana@example.test"), password)


def test_a_new_quota_is_pushed(world: World, pushed: Pushed) -> None:
    services.mailbox_set_quota(actor=world.owner, mailbox=make(world), quota_mb=10_240)
    assert pushed("mailbox/ana@example.test")["quota_mb"] == 10_240


def test_suspended_means_no_sign_in_and_no_sending_but_mail_goes_on_arriving(
    world: World, pushed: Pushed
) -> None:
    mailbox = make(world)
    services.mailbox_suspend(actor=world.owner, mailbox=mailbox, reason="  unpaid\n bill ")
    payload = pushed("mailbox/ana@example.test")
    assert (payload["sign_in"], payload["send"], payload["receive"], payload["reason"]) == (
        False,
        False,
        True,
        "unpaid bill",
    )
    services.mailbox_resume(actor=world.owner, mailbox=mailbox)
    payload = pushed("mailbox/ana@example.test")
    assert (payload["sign_in"], payload["send"], payload["reason"]) == (True, True, "")


def test_a_suspension_needs_a_reason_and_something_that_stops(world: World) -> None:
    mailbox = make(world)
    with pytest.raises(Refused, match="why"):
        services.mailbox_suspend(actor=world.owner, mailbox=mailbox, reason=" ")
    with pytest.raises(Refused, match="at most 200"):
        services.mailbox_suspend(actor=world.owner, mailbox=mailbox, reason="x" * 201)
    with pytest.raises(Refused, match="at least one"):
        services.mailbox_suspend(actor=world.owner, mailbox=mailbox, reason="x", sign_in=False, send=False)
    assert not mailbox.is_suspended


@pytest.mark.parametrize(
    ("stops", "works"),
    [
        ({"sign_in": True, "receive": False, "send": False}, (False, True, True)),
        ({"sign_in": False, "receive": True, "send": False}, (True, False, True)),
        ({"sign_in": False, "receive": False, "send": True}, (True, True, False)),
        ({"sign_in": True, "receive": True, "send": True}, (False, False, False)),
    ],
)
def test_each_switch_is_one_of_its_own(
    world: World, pushed: Pushed, stops: dict[str, bool], works: tuple[bool, bool, bool]
) -> None:
    mailbox = make(world)
    services.mailbox_suspend(actor=world.owner, mailbox=mailbox, reason="x", **stops)
    payload = pushed("mailbox/ana@example.test")
    assert (payload["sign_in"], payload["receive"], payload["send"]) == works


def test_suspended_again_it_is_changed_and_the_same_again_is_nothing(world: World) -> None:
    mailbox = make(world)
    services.mailbox_suspend(actor=world.owner, mailbox=mailbox, reason="first")
    since, rev = mailbox.suspended_at, Push.objects.get(key="mailbox/ana@example.test").desired_rev
    assert services.mailboxes_suspend(actor=world.owner, mailboxes=[mailbox], reason="first") == []
    assert Push.objects.get(key="mailbox/ana@example.test").desired_rev == rev
    services.mailbox_suspend(actor=world.owner, mailbox=mailbox, reason="second", receive=True)
    assert (mailbox.suspended_reason, mailbox.no_receive) == ("second", True)
    assert mailbox.suspended_at is not None
    assert since is not None
    assert mailbox.suspended_at > since
    assert (mailbox.suspended_by, mailbox.suspended_from) == (world.owner, "Panadería Luna")


def test_a_reason_holds_nothing_that_moves_a_terminal(world: World, pushed: Pushed) -> None:
    mailbox = make(world)
    services.mailbox_suspend(actor=world.owner, mailbox=mailbox, reason="\x1b[31mun\u202epaid\x00\r\nbill ñ")
    assert pushed("mailbox/ana@example.test")["reason"] == "[31mun paid bill ñ"
    awake = services.mailbox_resume(actor=world.owner, mailbox=mailbox)
    with pytest.raises(Refused):
        services.mailbox_suspend(actor=world.owner, mailbox=awake, reason="\x1b\u200b")


def test_deleted_is_absent_on_the_node_and_kept_here(world: World, pushed: Pushed) -> None:
    mailbox = services.mailbox_delete(actor=world.owner, mailbox=make(world))
    assert pushed("mailbox/ana@example.test") is None
    assert mailbox.kept_until is not None
    assert mailbox.kept_until > timezone.now() + dt.timedelta(days=13)


def test_a_deleted_mailbox_takes_no_more_changes(world: World) -> None:
    mailbox = services.mailbox_delete(actor=world.owner, mailbox=make(world))
    with pytest.raises(Refused, match="deleted meanwhile"):
        services.mailbox_set_password(actor=world.owner, mailbox=mailbox, password=PASSWORD)
    with pytest.raises(Refused, match="deleted meanwhile"):
        services.mailbox_set_quota(actor=world.owner, mailbox=mailbox, quota_mb=1)


def test_restored_is_what_it_was(world: World, pushed: Pushed) -> None:
    mailbox = make(world)
    before = pushed("mailbox/ana@example.test")
    services.mailbox_delete(actor=world.owner, mailbox=mailbox)
    services.mailbox_restore(actor=world.owner, mailbox=mailbox)
    assert pushed("mailbox/ana@example.test") == before


def test_made_again_inherits_nothing(world: World, pushed: Pushed) -> None:
    first = services.mailbox_delete(actor=world.owner, mailbox=make(world))
    second = make(world, password="the-second-one-88")
    assert second.home != first.home
    payload = pushed("mailbox/ana@example.test")
    assert payload["home"] == second.home
    assert opens(payload, "the-second-one-88")
    assert not opens(payload, PASSWORD)
    with pytest.raises(Refused, match="made again meanwhile"):
        services.mailbox_restore(actor=world.owner, mailbox=first)


def test_the_same_password_has_another_hash(world: World) -> None:
    assert make(world, "ana").password_hash != make(world, "ben").password_hash


def test_restoring_needs_room_and_time(world: World) -> None:
    mailbox = services.mailbox_delete(actor=world.owner, mailbox=make(world, quota_mb=6000))
    other = make(world, "ben", quota_mb=6000)
    with pytest.raises(Refused, match=r"10 GB of storage and has given out 5\.86 GB"):
        services.mailbox_restore(actor=world.owner, mailbox=mailbox)
    services.mailbox_delete(actor=world.owner, mailbox=other)
    Mailbox.objects.filter(pk=mailbox.pk).update(deleted_at=timezone.now() - GRACE)
    with pytest.raises(Refused, match="no longer kept"):
        services.mailbox_restore(actor=world.owner, mailbox=mailbox)


def test_a_limit_names_itself_the_use_and_who_can_raise_it(world: World, settings: Any) -> None:
    settings.PROVIDER_NAME = "Nube Hosting"
    account = world.domain.account
    account.max_mailboxes = 1
    account.save()
    make(world, "ana", quota_mb=10_000)
    with pytest.raises(Refused) as refused:
        make(world, "ben")
    assert "may have 1 mailbox and has 1" in refused.value.message
    assert "Nube Hosting" in refused.value.message
    account.max_mailboxes = 5
    account.reseller = factories.ResellerFactory.create(name="Rosa Resells")
    account.save()
    world.domain.refresh_from_db()
    with pytest.raises(Refused) as refused:
        make(world, "ben", quota_mb=241)
    assert "10 GB" in refused.value.message
    assert "240 MB is left" in refused.value.message
    assert "Rosa Resells" in refused.value.message
    assert refused.value.field == "quota_mb"
    assert make(world, "ben", quota_mb=240)


def test_many_at_once(world: World, pushed: Pushed) -> None:
    rows = [make(world, name, quota_mb=1) for name in ("a", "b", "c")]
    services.mailboxes_suspend(actor=world.owner, mailboxes=rows, reason="holiday")
    assert [pushed(f"mailbox/{name}@example.test")["sign_in"] for name in "abc"] == [False] * 3
    services.mailboxes_resume(actor=world.owner, mailboxes=rows[:2])
    assert [pushed(f"mailbox/{name}@example.test")["sign_in"] for name in "abc"] == [True, True, False]
    services.mailboxes_delete(actor=world.owner, mailboxes=rows)
    assert [pushed(f"mailbox/{name}@example.test") for name in "abc"] == [None] * 3


def test_what_is_desired_is_what_was_pushed(world: World) -> None:
    domain = factories.DomainFactory.create(account=world.domain.account, name="second.test")
    mail = services.mail_domain_create(actor=world.owner, domain=domain, node=world.mail.node)
    mailbox = services.mailbox_create(
        actor=world.owner, mail_domain=mail, local="ana", password=PASSWORD, quota_mb=7
    )
    keys = ["mail_domain/second.test", "mailbox/ana@second.test", "dkim_key/second.test/pr1-mail1"]
    for push in Push.objects.filter(key__in=keys):
        state = kinds.get(push.kind).desired(push.key)
        assert state is not None
        assert push.payload == contract.to_payload(state)
    services.mailbox_delete(actor=world.owner, mailbox=mailbox)
    assert kinds.get("mailbox").desired("mailbox/ana@second.test") is None
    assert kinds.get("dkim_key").desired("dkim_key/second.test/pr9-mail1") is None
    assert kinds.get("mail_domain").desired("mail_domain/other.test") is None


def events_of(mailbox: Mailbox) -> list[dict[str, Any]]:
    return list(
        apps.get_model("mailboxes", "MailboxEvent")
        .objects.filter(pgh_obj=mailbox)
        .order_by("pgh_id")
        .values()
    )


def test_the_history_has_no_secret(world: World) -> None:
    mailbox = make(world)
    services.mailbox_set_password(actor=world.owner, mailbox=mailbox, password="another-good-one-7")
    events = events_of(mailbox)
    assert [event["pgh_label"] for event in events] == ["insert", "update"]
    assert "argon2" not in str(events)


def test_usage_is_stored_in_one_statement_and_only_from_the_node_it_lives_on(
    world: World, django_assert_num_queries: Any
) -> None:
    ana, ben = make(world, "ana"), make(world, "ben")
    usage = [
        {"address": "ana@example.test", "used_bytes": 3 * 1024**2 // 2, "messages": 12},
        {"address": "ben@example.test", "used_bytes": 2**63, "messages": 2**40},
        {"address": "nobody@example.test", "used_bytes": 1, "messages": 1},
    ]
    elsewhere = factories.NodeFactory.create(name="mail2")
    services.usage_store(elsewhere, usage)  # type: ignore[arg-type]
    ana.refresh_from_db()
    assert ana.used_at is None
    with django_assert_num_queries(1):
        services.usage_store(world.mail.node, usage)  # type: ignore[arg-type]
    ana.refresh_from_db()
    ben.refresh_from_db()
    assert (ana.used_mb, ana.messages) == (1.5, 12)
    assert ben.messages == 2**31 - 1
    assert ana.used_at is not None
    assert len(events_of(ana)) == 1
