"""App passwords, sender identities and protocol switches of a mailbox."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.access import Right
from accounts.services import account_lock
from lib.errors import Refused
from lib.names import normalise_domain, normalise_local
from mailboxes.access.secrets import Made, password_made
from mailboxes.access.selectors import sendable
from mailboxes.access.wanted import identity_wanted, password_wanted
from mailboxes.models import AppPassword, Identity, Mailbox
from mailboxes.models.access import LABEL_MOST
from mailboxes.selectors import mailbox_locked
from mailboxes.services.rights import allowed, own_or_allowed, person
from mailboxes.services.wanted import mailbox_wanted
from provision.services import push_enqueue

MOST_PASSWORDS, MOST_IDENTITIES = 50, 100  # of one mailbox
PROTOCOLS = ("imap", "pop3", "smtp", "sieve")


def label_check(label: str) -> str:
    """Raises Refused at ``label``."""
    label = label.strip()
    if not label or not label.isprintable():
        raise Refused(_("Write what it is for, such as “Phone”: one line."), "label")
    if len(label) > LABEL_MOST:
        raise Refused(_("At most %(most)d characters.") % {"most": LABEL_MOST}, "label")
    return label


@transaction.atomic
def app_password_create(
    *,
    actor: Any,
    mailbox: Mailbox,
    label: str,
    protocols: Mapping[str, bool],
    networks: list[str],
    expires: dt.datetime | None,
) -> tuple[AppPassword, str]:
    """The row, and the password, which is told this once. ``protocols``: of PROTOCOLS. Raises Refused at
    label, protocols or expires; Denied."""
    own_or_allowed(actor, Right.MAKE, mailbox)
    label = label_check(label)
    if not any(protocols.get(name) for name in PROTOCOLS):
        raise Refused(_("Tick what it may be used for."), "protocols")
    if expires is not None and expires <= timezone.now():
        raise Refused(_("That day is over. Choose a later one, or none."), "expires")
    box = mailbox_locked(mailbox)
    if box.app_passwords.count() >= MOST_PASSWORDS:
        text = _("A mailbox can have %(most)d app passwords. Revoke one that is not used.")
        raise Refused(text % {"most": MOST_PASSWORDS})
    made = password_made()
    row = AppPassword.objects.create(
        mailbox_id=box.pk,
        key=made.key,
        label=label,
        password_hash=made.password_hash,
        networks=networks,
        expires=expires,
        **{name: bool(protocols.get(name)) for name in PROTOCOLS},
    )
    push_enqueue(actor=person(actor), wanted=[password_wanted(row, box)])
    return row, made.password


@transaction.atomic
def app_password_revoke(*, actor: Any, mailbox: Mailbox, password: AppPassword) -> None:
    """Whoever is signed in to the mailbox is signed out; those with another password come back unseen."""
    own_or_allowed(actor, Right.MAKE, mailbox)
    box = mailbox_locked(mailbox)
    row = AppPassword.objects.select_for_update().filter(pk=password.pk, mailbox=box.pk).first()
    if row is None:
        return
    push_enqueue(actor=person(actor), wanted=[password_wanted(row, box, absent=True)])
    row.delete()


@transaction.atomic
def app_passwords_revoke_all(*, actor: Any, mailbox: Mailbox) -> int:
    """How many there were. For a mailbox that somebody else seems to use."""
    own_or_allowed(actor, Right.MAKE, mailbox)
    box = mailbox_locked(mailbox)
    rows = list(AppPassword.objects.select_for_update().filter(mailbox=box.pk).order_by("pk"))
    push_enqueue(actor=person(actor), wanted=[password_wanted(row, box, absent=True) for row in rows])
    AppPassword.objects.filter(pk__in=[row.pk for row in rows]).delete()
    return len(rows)


@transaction.atomic
def protocols_set(*, actor: Any, mailbox: Mailbox, protocols: Mapping[str, bool]) -> Mailbox:
    """By which its user may sign in. Open sessions end where one is switched off."""
    allowed(actor, Right.MANAGE, [mailbox])
    row = mailbox_locked(mailbox)
    for name in PROTOCOLS:
        setattr(row, name, bool(protocols.get(name)))
    row.save(update_fields=list(PROTOCOLS))
    push_enqueue(actor=actor, wanted=[mailbox_wanted(row)])
    return row


def address_of(text: str) -> str:
    """``Ana <ana@LUNA.example>`` is none; ``ana@luna.example`` is. Raises Refused at ``address``."""
    local, at, domain = text.strip().rpartition("@")
    if not at:
        raise Refused(_("Write the whole address, such as info@example.com."), "address")
    try:
        return f"{normalise_local(local)}@{normalise_domain(domain)[0]}"
    except Refused as refused:
        raise Refused(refused.message, "address") from None


def sender_check(owner: Any, address: str) -> str:
    """The address, if the account's own. One answer for what is another's and what nobody has."""
    address = address_of(address)
    if not sendable(owner, address):
        text = _("%(domain)s is no domain of this account. Only addresses of your own domains can be used.")
        raise Refused(text % {"domain": address.rpartition("@")[2]}, "address")
    return address


@transaction.atomic
def identity_add(*, actor: Any, mailbox: Mailbox, address: str) -> Identity:
    """Raises Refused at ``address``; Denied."""
    allowed(actor, Right.MANAGE, [mailbox])
    account_lock(mailbox.mail_domain.domain.account)
    box = mailbox_locked(mailbox)
    address = sender_check(box, address)
    if address == box.address:
        raise Refused(_("That is its own address; it sends as this anyway."), "address")
    if box.identities.filter(address=address).exists():
        raise Refused(_("That is on the list already."), "address")
    if box.identities.count() >= MOST_IDENTITIES:
        text = _("A mailbox can send as %(most)d other addresses. Remove one first.")
        raise Refused(text % {"most": MOST_IDENTITIES}, "address")
    row = Identity.objects.create(mailbox_id=box.pk, address=address)
    push_enqueue(actor=actor, wanted=[identity_wanted(box.address, address, box.mail_domain)])
    return row


@transaction.atomic
def identity_remove(*, actor: Any, mailbox: Mailbox, identity: Identity) -> None:
    allowed(actor, Right.MANAGE, [mailbox])
    box = mailbox_locked(mailbox)
    row = Identity.objects.select_for_update().filter(pk=identity.pk, mailbox=box.pk).first()
    if row is None:
        return
    wanted = identity_wanted(box.address, row.address, box.mail_domain, absent=True)
    push_enqueue(actor=actor, wanted=[wanted])
    row.delete()


__all__ = ["MOST_IDENTITIES", "PROTOCOLS", "Made", "address_of", "identity_wanted", "label_check"]
