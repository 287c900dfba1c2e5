"""A mailbox gets another address: its mail, password, app passwords, filters and lists go with it."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.access import Right
from accounts.services import account_lock
from accounts.suspension import above_check
from lib.errors import Refused
from lib.names import normalise_local
from mailboxes.addresses.services import alias_to, targets_renamed
from mailboxes.filters.forwards import forwards_renamed
from mailboxes.models import Consent, FormerAddress, Mailbox, MailDomain
from mailboxes.selectors import mailbox_locked
from mailboxes.services.mailbox import MAX_ADDRESS, free_check
from mailboxes.services.parts import mailbox_parts
from mailboxes.services.rights import domain_allowed
from mailboxes.services.wanted import mailbox_wanted
from provision.services import push_enqueue


@transaction.atomic
def mailbox_rename(
    *, actor: Any, mailbox: Mailbox, mail_domain: MailDomain, local: str, keep_old: bool = True
) -> Mailbox:
    """``local`` at ``mail_domain``, which is the mailbox's own or another one of the same account on the same
    node. ``keep_old``: mail to the old address still comes, by an alias. Whoever is signed in is signed out:
    mail programs need the new user name. Raises Refused at local or domain; Denied."""
    local = normalise_local(local)
    address = f"{local}@{mail_domain.domain.name}"
    domain_allowed(actor, Right.MANAGE, mailbox.mail_domain.domain, [mailbox.address])
    domain_allowed(actor, Right.MANAGE, mail_domain.domain, [address])
    account_lock(mailbox.mail_domain.domain.account)
    row = mailbox_locked(mailbox)
    above_check(row, actor=actor, account=row.mail_domain.domain.account)
    _check(row, mail_domain, address)
    old_domain, old = row.mail_domain, row.address
    gone = [mailbox_wanted(row, absent=True), *mailbox_parts([row], absent=True)]
    row.mail_domain, row.local, row.address = mail_domain, local, address
    row.save(update_fields=["mail_domain", "local", "address"])
    FormerAddress.objects.create(mailbox=row, address=old)
    targets_renamed(account=mail_domain.domain.account, old=old, new=address)
    forwards_renamed(account=mail_domain.domain.account, old=old, new=address)
    # Whom its mail is sent on to said yes to this mailbox, whatever it is called.
    Consent.objects.filter(source=old).update(source=address, mail_domain=mail_domain)
    come = [mailbox_wanted(row), *mailbox_parts([row], absent=False)]
    push_enqueue(actor=actor, wanted=[*gone, *come])
    if keep_old:
        alias_to(actor=actor, mail_domain=old_domain, address=old, mailbox=row)
    return row


def _check(row: Mailbox, mail_domain: MailDomain, address: str) -> None:
    if address == row.address:
        raise Refused(_("That is its address already. Write another one."), "local")
    if len(address) > MAX_ADDRESS:
        text = _("The whole address may have %(most)d characters. Choose a shorter name.")
        raise Refused(text % {"most": MAX_ADDRESS}, "local")
    now = row.mail_domain
    if mail_domain.domain.account_id != now.domain.account_id:
        raise Refused(_("A mailbox moves between domains of one account only."), "domain")
    if mail_domain.node_id != now.node_id:
        text = _(
            "%(domain)s has its mail on another server. Make a mailbox there, export this one by “Export and "
            "restore”, and restore the file there."
        )
        raise Refused(text % {"domain": mail_domain.domain.display_name}, "domain")
    free_check(address)
