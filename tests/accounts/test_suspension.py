"""Suspension of accounts and domains: what nodes hear, what lifting forgets, and who may do what."""

from __future__ import annotations

import contextlib
from typing import Any

import pytest
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.utils import timezone
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis
from hypothesis import strategies as st

from accounts import events
from accounts.models import Account, Brand, Domain
from accounts.suspension import resume, stops_check, suspend
from accounts.suspension.inforce import in_force, may_sign_in, suspension_of
from lib.errors import Denied, Refused
from mailboxes import services as mailboxes
from mailboxes.models import Mailbox
from nodeagent import contract
from nodeagent.payload import parse
from panel import lifecycle
from provision.kinds import get
from provision.models import Push
from tests import factories
from tests.accounts.house import House, browser
from tests.accounts.house import house as make_house

ALL = {"sign_in": True, "receive": True, "send": True}


@pytest.fixture
def house(db: None) -> House:
    return make_house()


def told(name: str = "one.test") -> dict[str, Any]:
    """What the node of this domain shall have."""
    payload = Push.objects.get(key=f"mail_domain/{name}").payload
    assert payload is not None
    return dict(payload)


def works(name: str = "one.test") -> tuple[bool, bool, bool]:
    payload = told(name)
    return payload["sign_in"], payload["receive"], payload["send"]


def test_a_domain_s_switches_reach_the_node(house: House) -> None:
    owner = house.person("owner")
    suspend(actor=owner, target=house.domain, sign_in=False, receive=True, send=True, reason="moving")
    assert works() == (True, False, False)
    suspend(actor=owner, target=house.domain, sign_in=True, receive=False, send=False, reason="moving")
    assert works() == (False, True, True)
    assert told()["reason"] == "moving"
    resume(actor=owner, target=house.domain)
    assert works() == (True, True, True)
    assert not Push.objects.filter(key="mail_domain/two.test").exists()


def test_a_client_is_one_state_for_each_domain_and_none_for_its_mailboxes(house: House) -> None:
    Push.objects.all().delete()
    suspend(actor=house.person("reseller owner"), target=house.account, **ALL, reason="unpaid")
    assert set(Push.objects.values_list("key", flat=True)) == {"mail_domain/one.test", "mail_domain/two.test"}
    assert works() == works("two.test") == (False, False, False)


def test_lifting_one_level_forgets_nothing_on_another(house: House) -> None:
    staff = factories.UserFactory.create(is_staff=True, is_superuser=True)
    reseller, owner = house.accounts["reseller"], house.person("owner")
    mailboxes.mailbox_suspend(actor=owner, mailbox=house.box, reason="lost phone")
    suspend(actor=owner, target=house.domain, sign_in=False, receive=False, send=True, reason="holiday")
    reseller_owner = house.person("reseller owner")
    suspend(
        actor=reseller_owner, target=house.account, sign_in=False, receive=True, send=False, reason="bill"
    )
    suspend(actor=staff, target=reseller, sign_in=True, receive=False, send=False, reason="fraud")
    assert works() == (False, False, False)
    assert works("two.test") == (False, False, True)
    resume(actor=staff, target=reseller)
    assert works() == (True, False, False)
    resume(actor=reseller_owner, target=house.account)
    assert works() == (True, True, False)
    assert works("two.test") == (True, True, True)
    resume(actor=owner, target=house.domain)
    assert works() == (True, True, True)
    assert Mailbox.objects.get(pk=house.box.pk).no_sign_in


def test_what_is_in_force_is_told_lowest_first(house: House) -> None:
    staff = factories.UserFactory.create(is_staff=True, is_superuser=True)
    mailboxes.mailbox_suspend(actor=house.person("owner"), mailbox=house.box, reason="lost phone")
    suspend(actor=staff, target=house.accounts["reseller"], **ALL, reason="fraud")
    box = Mailbox.objects.get(pk=house.box.pk)
    levels = suspension_of(box)
    assert [(level.word, level.reason, level.who) for level in levels] == [
        ("mailbox", "lost phone", house.account.name),
        ("reseller", "fraud", settings.PROVIDER_NAME),
    ]
    assert in_force(levels).reason == "fraud"
    assert not may_sign_in(box)
    assert suspension_of(house.accounts["stranger"]) == []


def test_a_deleted_account_sleeps_on_the_nodes(house: House) -> None:
    house.account.deleted_at = timezone.now()
    house.account.save()
    state = get("mail_domain").desired("mail_domain/one.test")
    assert isinstance(state, contract.MailDomain)
    assert (state.sign_in, state.receive, state.send) == (False, False, False)


def test_limits_and_features_travel_with_the_domain(house: House) -> None:
    Account.objects.filter(pk=house.account.pk).update(sends_per_hour=77)
    Account.objects.filter(pk=house.accounts["reseller"].pk).update(pop3=False)
    state = get("mail_domain").desired("mail_domain/one.test")
    assert isinstance(state, contract.MailDomain)
    assert (state.sends_per_hour, state.account, state.pop3) == (77, f"a{house.account.pk}", False)


# Who may.


@pytest.mark.parametrize("who", ["owner", "manager", "manager here", "reseller owner", "reseller manager"])
def test_who_manages_a_domain_may_suspend_it(house: House, who: str) -> None:
    suspend(actor=house.person(who), target=house.domain, **ALL, reason="x")
    resume(actor=house.person(who), target=Domain.objects.get(pk=house.domain.pk))
    assert works() == (True, True, True)


@pytest.mark.parametrize(
    "who",
    ["creator", "reader", "creator here", "creator there", "reseller reader", "stranger", "other reseller"],
)
def test_who_does_not_may_not(house: House, who: str) -> None:
    with pytest.raises(PermissionDenied):
        suspend(actor=house.person(who), target=house.domain, **ALL, reason="x")
    suspend(actor=None, target=house.domain, **ALL, reason="x")
    with pytest.raises(PermissionDenied):
        resume(actor=house.person(who), target=house.domain)
    assert Domain.objects.get(pk=house.domain.pk).is_suspended


@pytest.mark.parametrize("who", ["reseller owner", "reseller manager"])
def test_a_reseller_suspends_its_client(house: House, who: str) -> None:
    suspend(actor=house.person(who), target=house.account, **ALL, reason="unpaid")
    assert Account.objects.get(pk=house.account.pk).suspended_from == house.accounts["reseller"].name


@pytest.mark.parametrize(
    "who", ["owner", "manager", "reseller creator", "reseller reader", "stranger", "other reseller"]
)
def test_nobody_else_suspends_an_account(house: House, who: str) -> None:
    with pytest.raises(PermissionDenied):
        suspend(actor=house.person(who), target=house.account, **ALL, reason="x")
    suspend(actor=None, target=house.account, **ALL, reason="x")
    with pytest.raises(PermissionDenied):
        resume(actor=house.person(who), target=house.account)


@pytest.mark.parametrize("who", ["reseller owner", "other reseller", "owner"])
def test_only_the_provider_suspends_a_reseller(house: House, who: str) -> None:
    reseller = house.accounts["reseller"]
    with pytest.raises(PermissionDenied):
        suspend(actor=house.person(who), target=reseller, **ALL, reason="x")
    suspend(actor=factories.UserFactory.create(is_staff=True), target=reseller, **ALL, reason="x")
    assert Account.objects.get(pk=reseller.pk).suspended_from == settings.PROVIDER_NAME


def test_who_acts_for_a_client_does_not_suspend_it(house: House) -> None:
    actor = house.person("reseller owner")
    actor.acting_for = house.account
    with pytest.raises(PermissionDenied):
        suspend(actor=actor, target=house.account, **ALL, reason="x")


# From below nobody lifts what was set above.

LADDER = ["manager", "owner", "reseller owner", "staff"]


@pytest.mark.parametrize("low", range(4))
@pytest.mark.parametrize("high", range(4))
@pytest.mark.parametrize("what", ["domain", "mailbox"])
def test_the_ladder(house: House, low: int, high: int, what: str) -> None:
    staff = factories.UserFactory.create(is_staff=True, is_superuser=True)
    above, below = (staff if LADDER[n] == "staff" else house.person(LADDER[n]) for n in (high, low))

    def turn(actor: Any, on: bool) -> None:
        if what == "domain":
            target = Domain.objects.get(pk=house.domain.pk)
            suspend(actor=actor, target=target, **ALL, reason=str(actor)) if on else resume(
                actor=actor, target=target
            )
            return
        box = Mailbox.objects.get(pk=house.box.pk)
        if on:
            mailboxes.mailbox_suspend(actor=actor, mailbox=box, reason=str(actor))
        else:
            mailboxes.mailbox_resume(actor=actor, mailbox=box)

    turn(above, True)
    if low < high:
        for on in (False, True):
            with pytest.raises(Denied, match="Only they can"):
                turn(below, on)
    else:
        turn(below, True)
        turn(below, False)


def test_the_brand_s_name_is_what_clients_read(house: House) -> None:
    Brand.objects.create(account=house.accounts["reseller"], name="Luna Hosting")
    suspend(actor=house.person("reseller owner"), target=house.account, **ALL, reason="x")
    assert Account.objects.get(pk=house.account.pk).suspended_from == "Luna Hosting"


def test_the_mailbox_of_somebody_above_is_not_suspended_by_its_domain(house: House) -> None:
    factories.UserFactory.create(email="boss@one.test", is_staff=True)
    with pytest.raises(Denied):
        suspend(actor=house.person("manager"), target=house.domain, **ALL, reason="x")


def test_many_with_one_from_above_are_none(house: House) -> None:
    other = factories.MailboxFactory.create(mail_domain=house.things["mail"])
    mailboxes.mailbox_suspend(actor=house.person("reseller owner"), mailbox=house.box, reason="x")
    mailboxes.mailbox_suspend(actor=house.person("owner"), mailbox=other, reason="y")
    with pytest.raises(Denied):
        mailboxes.mailboxes_resume(actor=house.person("owner"), mailboxes=[house.box, other])
    assert Mailbox.objects.get(pk=other.pk).is_suspended


# Deleted and made again it would be free.


@pytest.mark.parametrize("what", ["domain", "mailbox"])
@pytest.mark.parametrize("way", ["service", "page"])
def test_what_somebody_above_suspended_is_not_deleted_by_who_is_below(
    house: House, what: str, way: str
) -> None:
    above, below = house.person("reseller owner"), house.person("owner")
    if what == "domain":
        suspend(actor=above, target=house.domain, **ALL, reason="unpaid")
    else:
        mailboxes.mailbox_suspend(actor=above, mailbox=house.box, reason="spam")
    if way == "page":
        client = house.client("owner")
        paths = ["/domains/one.test/delete/"]
        paths += [f"/domains/one.test/mailboxes/{house.box.local}/delete/"] if what == "mailbox" else []
        for path in paths:
            assert client.get(path).status_code == 403
            assert client.post(path, {"name": "one.test"}).status_code == 403
    else:
        with pytest.raises(Denied, match="Only they can"):
            lifecycle.domain_delete(actor=below, domain=Domain.objects.get(pk=house.domain.pk))
        with pytest.raises(Denied, match="Only they can") if what == "mailbox" else contextlib.nullcontext():
            mailboxes.mailboxes_delete(actor=below, mailboxes=[house.box])
    assert Domain.objects.filter(pk=house.domain.pk).exists()
    if what == "mailbox":
        assert Mailbox.objects.get(pk=house.box.pk).deleted_at is None


def test_a_domain_of_an_account_that_the_provider_suspended_does_not_move_elsewhere(house: House) -> None:
    staff = factories.UserFactory.create(is_staff=True, is_superuser=True)
    suspend(actor=staff, target=house.account, sign_in=False, receive=False, send=True, reason="spam")
    with pytest.raises(Denied, match="Only they can"):
        lifecycle.domain_delete(
            actor=house.person("reseller owner"), domain=Domain.objects.get(pk=house.domain.pk)
        )


def test_what_one_suspended_oneself_one_deletes(house: House) -> None:
    owner = house.person("owner")
    mailboxes.mailbox_suspend(actor=owner, mailbox=house.box, reason="x")
    suspend(actor=owner, target=house.domain, **ALL, reason="x")
    lifecycle.domain_delete(actor=owner, domain=Domain.objects.get(pk=house.domain.pk))
    assert not Domain.objects.filter(pk=house.domain.pk).exists()


# Reasons.


@hypothesis(max_examples=80, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(reason=st.text(max_size=220))
def test_whatever_the_reason_the_node_takes_it_or_the_person_is_told(reason: str) -> None:
    try:
        stops = stops_check(**ALL, reason=reason)
    except Refused:
        return
    state = contract.MailDomain(name="one.test", sign_in=False, reason=stops.reason)
    payload = contract.to_payload(state)
    assert parse({"kind": state.KIND, "key": state.key, "rev": 1, "payload": payload}).state == state
    assert 0 < len(stops.reason) <= 200


def test_something_must_stop(house: House) -> None:
    with pytest.raises(Refused, match="at least one"):
        suspend(actor=None, target=house.domain, sign_in=False, receive=False, send=False, reason="x")


def test_it_is_told_once_each_way(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    heard: list[tuple[str, str]] = []
    monkeypatch.setattr(events, "_callbacks", {})
    for name in ("suspended", "resumed"):
        events.on(name, lambda target, actor, name=name: heard.append((name, str(target))))
    for _ in range(2):
        suspend(actor=None, target=house.domain, **ALL, reason="x")
    mailboxes.mailbox_suspend(actor=None, mailbox=house.box, reason="x")
    for _ in range(2):
        resume(actor=None, target=house.domain)
    assert heard == [("suspended", "one.test"), ("suspended", house.box.address), ("resumed", "one.test")]


def test_a_node_that_heard_of_nothing_new_is_told(house: House) -> None:
    mail = house.things["mail"]
    mailboxes.mail_domains_push(None, [house.domain.pk])
    push = Push.objects.get(key="mail_domain/one.test")
    mailboxes.mail_domains_renew(mail.node)
    assert Push.objects.get(pk=push.pk).desired_rev == push.desired_rev
    Push.objects.filter(pk=push.pk).update(payload={"name": "one.test", "active": True})
    mailboxes.mail_domains_renew(mail.node)
    assert Push.objects.get(pk=push.pk).desired_rev > push.desired_rev
    assert told()["sends_per_hour"] == house.account.sends_per_hour


# Pages.

PAGES = ["/domains/one.test/suspend/", "/domains/one.test/resume/"]


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("verb", ["get", "head", "post", "put", "patch", "delete"])
@pytest.mark.parametrize("who", ["stranger", "other reseller", "creator there"])
def test_the_pages_are_not_there_for_others(house: House, page: str, verb: str, who: str) -> None:
    answer = getattr(house.client(who), verb)(page)
    there_not = getattr(house.client(who), verb)(page.replace("one.test", "nowhere.test"))
    assert answer.status_code == there_not.status_code
    assert answer.status_code == 404


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("who", ["creator", "reader"])
def test_the_pages_are_refused_to_who_may_not(house: House, page: str, who: str) -> None:
    assert house.client(who).get(page).status_code == 403
    assert house.client(who).post(page, {"sign_in": "on", "reason": "x"}).status_code == 403
    assert not Domain.objects.get(pk=house.domain.pk).is_suspended


def test_nobody_signed_in_is_sent_to_the_door(house: House) -> None:
    answer = browser().post(PAGES[0], {"sign_in": "on", "reason": "x"})
    assert answer.status_code == 302
    assert "/accounts/login/" in answer["Location"]
    assert not Domain.objects.get(pk=house.domain.pk).is_suspended


def test_by_page_with_what_the_form_does_not_ask_left_alone(house: House) -> None:
    more = {"suspended_rank": "0", "suspended_from": "me", "no_receive": "on", "account": "1", "pk": "1"}
    page = house.client("owner").post(PAGES[0], {"send": "on", "reason": "spam <b>"} | more, follow=True)
    text = page.content.decode()
    assert "spam &lt;b&gt;" in text
    assert "no sending" in text
    row = Domain.objects.get(pk=house.domain.pk)
    assert (row.no_sign_in, row.no_receive, row.no_send, row.suspended_rank) == (False, False, True, 4)
    assert row.suspended_from == house.account.name
    page = house.client("owner").post(PAGES[1], follow=True)
    assert "works again" in page.content.decode()
    assert not Domain.objects.get(pk=house.domain.pk).is_suspended


def test_a_look_changes_nothing(house: House) -> None:
    suspend(actor=house.person("owner"), target=house.domain, **ALL, reason="x")
    for page in PAGES:
        assert house.client("owner").get(page).status_code == 200
    assert Domain.objects.get(pk=house.domain.pk).is_suspended


def test_what_somebody_above_suspended_is_shown_and_not_offered(house: House) -> None:
    suspend(actor=house.person("reseller owner"), target=house.domain, **ALL, reason="spam trap")
    client = house.client("owner")
    name = house.accounts["reseller"].name
    for page in ("/domains/one.test/", "/domains/one.test/mailboxes/", "/domains/one.test/mailboxes/ana/"):
        text = client.get(page).content.decode()
        assert "spam trap" in text, page
        assert f"Only {name} can lift it" in " ".join(text.split()), page
        assert "/domains/one.test/resume/" not in text
    for page in PAGES:
        assert client.get(page).status_code == 403
        assert client.post(page, {"send": "on", "reason": "x"}).status_code == 403
    assert Domain.objects.get(pk=house.domain.pk).no_sign_in
