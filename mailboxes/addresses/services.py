"""Aliases, forwarders and lists: made, changed, deleted; a mailbox's own forwarding."""

from __future__ import annotations

import re
import secrets
from collections.abc import Collection, Iterable, Sequence
from typing import Any

from django.db import transaction
from django.db.models import Count
from django.utils.translation import gettext as _

from accounts import limits
from accounts.access import Right
from accounts.models import Account
from accounts.services import account_lock
from lib.errors import Refused
from lib.names import normalise_local
from mailboxes.addresses.consent import consents_forget, targets_ask
from mailboxes.addresses.graph import Change, circle_check, elsewhere, filter_targets, reachable
from mailboxes.addresses.states import addresses_wanted, inside_of, of_domains
from mailboxes.addresses.typed import MOST, OUTSIDE_MAX
from mailboxes.models import Alias, Forwarding, Mailbox, MailDomain, RoleContact
from mailboxes.selectors import mailbox_locked
from mailboxes.services.rights import domain_allowed, own_or_allowed, person
from mailboxes.sieve.composing import scripts_wanted
from provision.services import Wanted, push_enqueue

_ACCOUNT = "mail_domain__domain__account__reseller"


@transaction.atomic
def alias_create(*, actor: Any, mail_domain: MailDomain, local: str, targets: Sequence[str]) -> Alias:
    """``local@domain`` leads to ``targets`` (typed.targets_of); those outside are asked first. Raises Refused
    at local or targets; Denied."""
    local = normalise_local(local)
    address = f"{local}@{mail_domain.domain.name}"
    domain_allowed(actor, Right.MANAGE, mail_domain.domain, [address])
    if len(address) > MOST:
        text = _("The whole address may have %(most)d characters. Choose a shorter name.")
        raise Refused(text % {"most": MOST}, "local")
    account = account_lock(mail_domain.domain.account)
    _free(mail_domain, address)
    limits.check(account, "max_forwarders", field="local")
    _targets_check(mail_domain, address, targets)
    home = f"{mail_domain.domain.name}/{re.sub(r'[^a-z0-9._-]', '_', local)}.fwd-{secrets.token_hex(6)}"
    row: Alias = Alias.objects.create(
        mail_domain=mail_domain, address=address, local=local, targets=list(targets), home=home
    )
    targets_ask(mail_domain=mail_domain, source=address, targets=targets)
    wanted = [*_with_dependents(mail_domain, [address]), *_answers_wanted(mail_domain, targets)]
    push_enqueue(actor=person(actor), wanted=wanted)
    return row


@transaction.atomic
def alias_set(*, actor: Any, alias: Alias, targets: Sequence[str]) -> Alias:
    """Other targets. Raises Refused at targets; Denied."""
    mail_domain = alias.mail_domain
    domain_allowed(actor, Right.MANAGE, mail_domain.domain, [alias.address])
    account_lock(mail_domain.domain.account)
    row = Alias.objects.select_for_update().filter(pk=alias.pk).first()
    if row is None:
        raise Refused(_("This forwarder was deleted meanwhile."))
    _targets_check(mail_domain, row.address, targets)
    led_to, row.targets = row.targets, list(targets)
    row.save(update_fields=["targets"])
    consents_forget(source=row.address, but=targets)
    targets_ask(mail_domain=mail_domain, source=row.address, targets=targets)
    wanted = addresses_wanted(mail_domain, [row.address])
    push_enqueue(actor=person(actor), wanted=[*wanted, *_answers_wanted(mail_domain, [*led_to, *targets])])
    return row


@transaction.atomic
def aliases_delete(*, actor: Any, mail_domain: MailDomain, aliases: Iterable[Alias]) -> int:
    """Mail to them is refused from now on, or goes to the catch-all. How many."""
    keys = [alias.pk for alias in aliases]
    account_lock(mail_domain.domain.account)
    rows = list(Alias.objects.select_for_update().filter(pk__in=keys, mail_domain=mail_domain))
    addresses = [row.address for row in rows]
    domain_allowed(actor, Right.MANAGE, mail_domain.domain, addresses)
    Alias.objects.filter(pk__in=[row.pk for row in rows]).delete()
    for address in addresses:
        consents_forget(source=address)
    led_to = {one for row in rows for one in row.targets}
    wanted = [*_with_dependents(mail_domain, addresses), *_answers_wanted(mail_domain, led_to)]
    push_enqueue(actor=person(actor), wanted=wanted)
    return len(rows)


@transaction.atomic
def forwarding_set(*, actor: Any, mailbox: Mailbox, targets: Sequence[str], keep: bool) -> Mailbox:
    """Send the mailbox's mail on; no targets: stop. By who looks after it or its own user. Raises Refused at
    targets; Denied."""
    own_or_allowed(actor, Right.MANAGE, mailbox)
    mail_domain = mailbox.mail_domain
    account = account_lock(mail_domain.domain.account)
    row = mailbox_locked(mailbox)
    before = Forwarding.objects.filter(mailbox=row).first()
    by_filters = filter_targets([row.address]).get(row.address, [])
    if not targets:
        if before:
            before.delete()
        consents_forget(source=row.address, but=by_filters)
    else:
        if before is None:
            limits.check(account, "max_forwarders", field="targets")
        _targets_check(mail_domain, row.address, targets, most_inside=OUTSIDE_MAX, beside=by_filters)
        values = {"targets": list(targets), "keep": keep}
        Forwarding.objects.update_or_create(mailbox=row, defaults=values)
        consents_forget(source=row.address, but=[*targets, *by_filters])
        targets_ask(mail_domain=mail_domain, source=row.address, targets=targets)
    push_enqueue(actor=person(actor), wanted=scripts_wanted([row]))
    return row


def alias_to(*, actor: Any, mail_domain: MailDomain, address: str, mailbox: Mailbox) -> Alias:
    """For a mailbox that was ``address`` until now: its mail still comes. No limit asks: one address went,
    one comes. Inside the caller's transaction, which holds account_lock."""
    local = address.partition("@")[0]
    home = f"{mail_domain.domain.name}/{re.sub(r'[^a-z0-9._-]', '_', local)}.fwd-{secrets.token_hex(6)}"
    row: Alias
    row, _new = Alias.objects.update_or_create(
        address=address,
        defaults={"mail_domain": mail_domain, "local": local, "targets": [mailbox.address], "home": home},
    )
    wanted = [*_with_dependents(mail_domain, [address]), *_answers_wanted(mail_domain, [mailbox.address])]
    push_enqueue(actor=person(actor), wanted=wanted)
    return row


def targets_renamed(*, account: Account, old: str, new: str) -> None:
    """What led to ``old`` inside the account leads to ``new``. Inside the transaction of a rename, which
    pushes what leads to the new address (states.AddressPart, domains.CatchAllPart)."""
    of_account = {"mail_domain__domain__account": account}
    for alias in Alias.objects.select_for_update(of=("self",)).filter(targets__contains=[old], **of_account):
        alias.targets = list(dict.fromkeys(new if one == old else one for one in alias.targets))
        alias.save(update_fields=["targets"])
    MailDomain.objects.filter(domain__account=account, catch_all=old).update(catch_all=new)
    RoleContact.objects.filter(address=old, **of_account).update(address=new)
    box = {f"mailbox__{name}": value for name, value in of_account.items()}
    rows = Forwarding.objects.filter(targets__contains=[old], mailbox__deleted_at=None, **box)
    for row in rows.select_related("mailbox__mail_domain__node", "mailbox__mail_domain__domain__account"):
        row.targets = list(dict.fromkeys(new if one == old else one for one in row.targets))
        row.save(update_fields=["targets", "changed_at"])
        push_enqueue(actor=None, wanted=scripts_wanted([row.mailbox]))


@transaction.atomic
def addresses_push(actor: Any, domain_ids: Collection[int]) -> None:
    """Plans may let less leave now, or more (accounts.changes)."""
    mailboxes = Mailbox.objects.present().filter(mail_domain__domain__in=domain_ids, forwarding__isnull=False)
    rows = mailboxes.select_related("mail_domain__node", "mail_domain__domain__account__reseller")
    push_enqueue(actor=actor, wanted=[*of_domains(domain_ids), *scripts_wanted(list(rows))])


def _answers_wanted(mail_domain: MailDomain, targets: Collection[str]) -> list[Wanted]:
    """The scripts of mailboxes that answer automatically: they know the addresses that lead to them."""
    rows = Mailbox.objects.present().filter(address__in=targets, autoresponder__enabled=True)
    rows = rows.filter(mail_domain__domain__account=mail_domain.domain.account)
    return scripts_wanted(list(rows.select_related("mail_domain__node", _ACCOUNT)))


def _with_dependents(mail_domain: MailDomain, addresses: Sequence[str]) -> list[Wanted]:
    """Their own states, and those of what leads to them: it works again, or no longer."""
    wanted = addresses_wanted(mail_domain, addresses)
    account = mail_domain.domain.account
    rows = Alias.objects.filter(targets__overlap=list(addresses), mail_domain__domain__account=account)
    rows = rows.select_related("mail_domain__node", "mail_domain__domain__account__reseller")
    for row in rows.exclude(address__in=addresses):
        wanted += addresses_wanted(row.mail_domain, [row.address])
    return wanted


def _free(mail_domain: MailDomain, address: str) -> None:
    if MailDomain.objects.filter(pk=mail_domain.pk, alias_of__isnull=False).exists():
        text = _("%(domain)s is an alias of another domain and has no addresses of its own.")
        raise Refused(text % {"domain": mail_domain.domain.display_name}, "local")
    if Mailbox.objects.present().filter(address=address).exists():
        text = _(
            "%(address)s is a mailbox. Send its mail on by its page “Forwarding”, or choose another name."
        )
        raise Refused(text % {"address": address}, "local")
    if Alias.objects.filter(address=address).exists():
        text = _("%(address)s is a forwarder already. Change that one, or choose another name.")
        raise Refused(text % {"address": address}, "local")


def _targets_check(
    mail_domain: MailDomain,
    address: str,
    targets: Sequence[str],
    *,
    most_inside: int = 0,
    beside: Sequence[str] = (),
) -> None:
    """``beside``: where its mail may go as well."""
    account = mail_domain.domain.account
    if address in targets:
        raise Refused(
            _("%(address)s leads to itself. Write another address.") % {"address": address}, "targets"
        )
    inside = inside_of(account, targets)
    most = OUTSIDE_MAX
    leaving = elsewhere(inside, mail_domain.node_id)
    counted = len(targets) if most_inside else len(targets) - len(inside) + len(leaving)
    if counted > most:
        text = _("At most %(most)d addresses are possible here; these are %(n)d.")
        if not most_inside and not leaving:
            text = _("At most %(most)d addresses at other providers are possible; these are %(n)d.")
        elif not most_inside:
            text = _(
                "At most %(most)d addresses at other providers, and at domains of yours on other servers, "
                "are possible; these are %(n)d."
            )
        raise Refused(text % {"most": most, "n": counted}, "targets")
    lost = sorted(inside - reachable(inside)) if inside else []
    if lost:
        text = _("There is no address %(address)s in this account. Make it first, or write another one.")
        raise Refused(text % {"address": lost[0]}, "targets")
    circle_check(account, address, Change(targets={address: [*targets, *beside]}))


def forwarders_used(accounts: Collection[int]) -> dict[int, int]:
    """For accounts.limits: forwarders, and mailboxes that send their mail on. One query."""
    made = Alias.objects.filter(mail_domain__domain__account__in=accounts)
    sent_on = Forwarding.objects.filter(
        mailbox__deleted_at=None, mailbox__mail_domain__domain__account__in=accounts
    )
    rows = made.order_by().values_list("mail_domain__domain__account").annotate(n=Count("pk"))
    more = sent_on.values_list("mailbox__mail_domain__domain__account").annotate(n=Count("pk"))
    counts: dict[int, int] = {}
    for account, number in rows.union(more, all=True):
        counts[account] = counts.get(account, 0) + number
    return counts
