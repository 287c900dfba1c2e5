"""What holds for a whole domain: the catch-all, tags, who gets postmaster@, and domains that are aliases."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts import limits
from accounts.access import Right, guard_domain
from accounts.services import account_lock
from lib.errors import Refused
from mailboxes.addresses.consent import consents_forget, targets_ask
from mailboxes.addresses.graph import Change, circle_check, elsewhere, reachable, sources_into
from mailboxes.addresses.states import (
    addresses_wanted,
    inside_of,
    leaders_of,
    role_addresses,
    takes_all,
)
from mailboxes.models import Alias, Mailbox, MailDomain, RoleContact
from mailboxes.services.rights import domain_allowed
from mailboxes.services.wanted import mail_domain_wanted
from mailboxes.sieve.composing import scripts_wanted
from provision.services import Wanted, push_enqueue

DISCARD = "discard"


@transaction.atomic
def catch_all_set(*, actor: Any, mail_domain: MailDomain, catch_all: str, plus: bool) -> MailDomain:
    """``catch_all``: empty (refuse), DISCARD, or an address of the account. Raises Refused at catch_all;
    Denied."""
    row = _locked(actor, mail_domain)
    if catch_all != row.catch_all:
        guard_domain(actor, row.domain)
        if catch_all:
            _catch_all_check(row, catch_all)
    row.catch_all, row.plus = catch_all, plus
    row.save(update_fields=["catch_all", "plus"])
    push_enqueue(actor=actor, wanted=[mail_domain_wanted(row)])
    return row


class CatchAllPart:
    """Domains whose catch-all is one of these mailboxes (parts.Part): refused while it is gone."""

    def of_mailboxes(self, mailboxes: Sequence[Mailbox], *, absent: bool) -> list[Wanted]:
        rows = MailDomain.objects.filter(catch_all__in=[one.address for one in mailboxes])
        rows = rows.select_related("node", "domain__account__reseller")
        return [mail_domain_wanted(row) for row in rows]

    def of_domain(self, mail_domain: MailDomain, *, absent: bool) -> list[Wanted]:
        return []


def _catch_all_check(row: MailDomain, catch_all: str) -> None:
    account = row.domain.account
    if not takes_all(account):
        raise Refused(limits.missing_words(account, "catch_all"), "catch_all")
    if catch_all == DISCARD:
        return
    own = inside_of(account, [catch_all])
    if not own or elsewhere(own, row.node_id):
        text = _(
            "%(address)s is not an address of this account. Make a forwarder that leads there, and choose "
            "that forwarder here."
        )
        if own:
            text = _(
                "Mail to %(address)s goes to another server than that of this domain. Make a forwarder that "
                "leads there, and choose that forwarder here."
            )
        raise Refused(text % {"address": catch_all}, "catch_all")
    without = Mailbox.objects.present().filter(address=catch_all).exists()
    if not without and not Alias.objects.filter(address=catch_all).exists():
        text = _("There is no address %(address)s in this account. Make it first, or write another one.")
        raise Refused(text % {"address": catch_all}, "catch_all")
    name = row.domain.name
    circle_check(account, catch_all, Change(catch_all={name: catch_all}), field_name="catch_all")


@transaction.atomic
def contact_set(*, actor: Any, mail_domain: MailDomain, address: str) -> None:
    """Who gets postmaster@ and abuse@; empty: the oldest mailbox, else the account's owner. One outside
    that is no sign-in address of the account's people is asked first. Raises Refused at targets; Denied."""
    row = _locked(actor, mail_domain, *role_addresses(mail_domain))
    roles = role_addresses(row)
    if not address:
        RoleContact.objects.filter(mail_domain=row).delete()
    else:
        _contact_check(row, address, roles)
        RoleContact.objects.update_or_create(mail_domain=row, defaults={"address": address})
    for role in roles:
        if not Alias.objects.filter(address=role).exists():
            consents_forget(source=role, but=[address])
    if address and address not in leaders_of(row.domain.account):
        targets_ask(mail_domain=row, source=roles[0], targets=[address])
    push_enqueue(actor=actor, wanted=addresses_wanted(row, roles))


def _contact_check(row: MailDomain, address: str, roles: list[str]) -> None:
    account = row.domain.account
    if address in roles:
        raise Refused(
            _("%(address)s leads to itself. Write another address.") % {"address": address}, "targets"
        )
    inside = inside_of(account, [address])
    if inside and not reachable(inside):
        text = _("There is no address %(address)s in this account. Make it first, or write another one.")
        raise Refused(text % {"address": address}, "targets")
    circle_check(account, roles[0], Change(targets={role: [address] for role in roles}))


@transaction.atomic
def domain_alias_set(*, actor: Any, mail_domain: MailDomain, target: MailDomain | None) -> MailDomain:
    """Every address at ``target`` is one at this domain too; None: it has addresses of its own again. Raises
    Refused at target; Denied."""
    row = _locked(actor, mail_domain)
    guard_domain(actor, row.domain)
    if target is not None:
        domain_allowed(actor, Right.MANAGE, target.domain)
        _alias_check(row, target)
    led_to = [one for one in (row.alias_of, target) if one is not None]
    row.alias_of = target
    row.save(update_fields=["alias_of"])
    # Those that answer automatically know the addresses that lead to them.
    answering = Mailbox.objects.present().filter(mail_domain__in=led_to, autoresponder__enabled=True)
    answering = answering.select_related("mail_domain__node", "mail_domain__domain__account__reseller")
    wanted = [mail_domain_wanted(row), *addresses_wanted(row, role_addresses(row))]
    push_enqueue(actor=actor, wanted=[*wanted, *scripts_wanted(list(answering))])
    return row


def _alias_check(row: MailDomain, target: MailDomain) -> None:
    name, other = row.domain.display_name, target.domain.display_name
    if target.pk == row.pk:
        raise Refused(_("A domain cannot be an alias of itself. Choose another one."), "target")
    if target.domain.account_id != row.domain.account_id:
        raise Refused(_("Choose a domain of this account."), "target")
    if target.node_id != row.node_id:
        text = _(
            "The mail of %(name)s lives on %(here)s, that of %(other)s on %(there)s: a domain alias lives on "
            "the server of its domain. Ask your provider to add %(name)s there."
        )
        values = {"name": name, "other": other, "here": row.node.host, "there": target.node.host}
        raise Refused(text % values, "target")
    if target.alias_of_id:
        text = _("%(other)s is itself an alias of another domain. Choose that one.")
        raise Refused(text % {"other": other}, "target")
    if MailDomain.objects.filter(alias_of=row).exists():
        text = _("Other domains are aliases of %(name)s. Undo those first.")
        raise Refused(text % {"name": name}, "target")
    boxes = Mailbox.objects.filter(mail_domain=row)
    if boxes.present().exists() or boxes.restorable().exists():
        text = _(
            "%(name)s has mailboxes, or deleted ones whose mail is still kept. A domain with mail of its own "
            "cannot be an alias."
        )
        raise Refused(text % {"name": name}, "target")
    if Alias.objects.filter(mail_domain=row).exists():
        text = _("%(name)s has forwarders. Delete them first, or keep the domain as it is.")
        raise Refused(text % {"name": name}, "target")
    change = Change(alias_of={row.domain.name: target.domain.name})
    for start in sources_into(row.domain.name)[:500]:
        circle_check(row.domain.account, start, change, field_name="target")


def _locked(actor: Any, mail_domain: MailDomain, *addresses: str) -> MailDomain:
    domain_allowed(actor, Right.MANAGE, mail_domain.domain, addresses)
    account_lock(mail_domain.domain.account)
    if MailDomain.objects.select_for_update().filter(pk=mail_domain.pk).first() is None:
        raise Refused(_("This domain was deleted meanwhile. Choose another one."))
    rows = MailDomain.objects.select_related("node", "domain__account__reseller", "alias_of__domain")
    found: MailDomain = rows.get(pk=mail_domain.pk)
    return found
