"""Another name, another domain: what goes along, what stays behind, and who may."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.urls import reverse

from lib.errors import Denied, Refused
from mailboxes.addresses.domains import catch_all_set, domain_alias_set
from mailboxes.addresses.services import alias_create, forwarding_set
from mailboxes.filters.rules import Action, Condition
from mailboxes.filters.services import filter_save
from mailboxes.models import Alias, FormerAddress, Mailbox, MailDomain
from mailboxes.moving.services import mailbox_rename
from mailboxes.people import MailboxUser
from mailboxes.services import mail_domain_delete, mailbox_delete, mailbox_restore
from provision.models import Push
from tests import factories
from tests.mailboxes.conftest import World, signed_in

Pushed = Callable[[str], Any]


@pytest.fixture
def box(world: World) -> Mailbox:
    return factories.MailboxFactory.create(mail_domain=world.mail, local="ana")


@pytest.fixture
def second(world: World) -> MailDomain:
    domain = factories.DomainFactory.create(account=world.domain.account, name="second.test")
    return factories.MailDomainFactory.create(domain=domain)


def rename(world: World, box: Mailbox, local: str = "anna", **more: Any) -> Mailbox:
    values: dict[str, Any] = {"actor": world.owner, "mailbox": box, "mail_domain": world.mail, "local": local}
    return mailbox_rename(**(values | more))


def test_the_mail_goes_along_and_the_old_address_leads_to_it(
    world: World, box: Mailbox, pushed: Pushed
) -> None:
    rename(world, box)
    assert pushed("mailbox/ana@example.test") is None
    state = pushed("mailbox/anna@example.test")
    assert (state["home"], state["password_hash"]) == (box.home, box.password_hash)
    assert pushed("alias/ana@example.test")["targets"] == ["anna@example.test"]
    assert FormerAddress.objects.get().address == "ana@example.test"


def test_without_an_alias_the_old_address_is_nobodys(world: World, box: Mailbox) -> None:
    rename(world, box, keep_old=False)
    assert not Alias.objects.exists()


def test_to_another_domain_of_the_account(
    world: World, box: Mailbox, second: MailDomain, pushed: Pushed
) -> None:
    moved = rename(world, box, "ana", mail_domain=second)
    assert moved.mail_domain == second
    assert pushed("mailbox/ana@second.test")["home"] == box.home
    assert Push.objects.get(key="mailbox/ana@second.test").domain == second.domain
    assert pushed("alias/ana@example.test")["targets"] == ["ana@second.test"]


def test_what_is_taken_or_elsewhere_is_refused_at_its_field(world: World, box: Mailbox) -> None:
    factories.MailboxFactory.create(mail_domain=world.mail, local="ben")
    stranger = factories.MailDomainFactory.create(domain=factories.DomainFactory.create(name="far.test"))
    node = factories.NodeFactory.create(name="mail2")
    other = factories.DomainFactory.create(account=world.domain.account, name="other.test")
    away = factories.MailDomainFactory.create(domain=other, node=node)
    for local, domain, field in (
        ("ben", world.mail, "local"),
        ("ana", world.mail, "local"),
        ("a b", world.mail, "local"),
        ("ana", away, "domain"),
    ):
        with pytest.raises(Refused) as refused:
            rename(world, box, local, mail_domain=domain)
        assert refused.value.field == field
    with pytest.raises(Denied):
        rename(world, box, mail_domain=stranger)
    box.refresh_from_db()
    assert box.address == "ana@example.test"


def test_its_user_sees_nothing_of_who_had_the_new_address_before(world: World, box: Mailbox) -> None:
    rename(world, box)
    user = MailboxUser.people.get(pk=box.pk)
    assert user.since() == FormerAddress.objects.get().until
    assert user.since() > user.created_at


def test_the_page_offers_the_accounts_own_domains_alone(
    world: World, box: Mailbox, second: MailDomain
) -> None:
    factories.MailDomainFactory.create(domain=factories.DomainFactory.create(name="far.test"))
    url = reverse("mailbox-rename", args=["example.test", "ana"])
    client = signed_in(world.owner)
    text = client.get(url).content.decode()
    assert "@second.test" in text
    assert "far.test" not in text
    done = client.post(url, {"local": "anna", "domain": second.pk, "keep_old": "on"})
    assert done.headers["Location"] == reverse("mailbox", args=["second.test", "anna"])
    assert signed_in(world.stranger).get(url).status_code == 404
    assert signed_in(world.stranger).post(url, {"local": "x"}).status_code == 404


def test_what_led_to_the_old_address_leads_to_the_new_one(
    world: World, box: Mailbox, second: MailDomain, pushed: Pushed
) -> None:
    ben = factories.MailboxFactory.create(mail_domain=world.mail, local="ben")
    alias_create(actor=world.owner, mail_domain=world.mail, local="team", targets=[box.address, ben.address])
    catch_all_set(actor=world.owner, mail_domain=second, catch_all=box.address, plus=True)
    forwarding_set(actor=world.owner, mailbox=ben, targets=[box.address], keep=True)
    rename(world, box, keep_old=False)
    assert pushed("alias/team@example.test")["targets"] == ["anna@example.test", "ben@example.test"]
    assert pushed("mail_domain/second.test")["catch_all"] == "anna@example.test"
    assert 'redirect :copy "anna@example.test"' in pushed("script/ben@example.test")["text"]


def test_filters_that_forward_to_the_old_address_forward_to_the_new_one(
    world: World, box: Mailbox, second: MailDomain, pushed: Pushed
) -> None:
    ben = factories.MailboxFactory.create(mail_domain=second, local="ben")
    for owner in (ben, second):
        filter_save(
            actor=world.owner,
            owner=owner,
            row=None,
            name="Offers",
            match="all",
            conditions=[Condition(field="subject", operator="contains", value=box.address)],
            actions=[Action(do="forward", value=box.address)],
        )
    rename(world, box, keep_old=False)
    for script in ("script/ben@second.test", "script/second.test"):
        text = pushed(script)["text"]
        assert re.search(r'redirect.* "anna@example.test"', text)
        assert text.count("ana@example.test") == 1  # the words that it looks for are what was typed


def test_a_catch_all_whose_mailbox_is_deleted_refuses_until_it_is_back(
    world: World, box: Mailbox, pushed: Pushed
) -> None:
    catch_all_set(actor=world.owner, mail_domain=world.mail, catch_all=box.address, plus=True)
    mailbox_delete(actor=world.owner, mailbox=box)
    assert pushed("mail_domain/example.test")["catch_all"] == ""
    mailbox_restore(actor=world.owner, mailbox=box)
    assert pushed("mail_domain/example.test")["catch_all"] == box.address


def test_a_domain_that_others_are_aliases_of_is_deleted(
    world: World, second: MailDomain, pushed: Pushed
) -> None:
    domain_alias_set(actor=world.owner, mail_domain=second, target=world.mail)
    mail_domain_delete(actor=world.owner, mail_domain=world.mail)
    second.refresh_from_db()
    assert second.alias_of is None
    assert pushed("mail_domain/second.test")["alias_of"] == ""
