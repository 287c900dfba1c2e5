"""Deleted and brought back: one mailbox or many, in one transaction."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.access import Right
from accounts.services import account_lock
from accounts.suspension import above_check
from lib.errors import Refused
from mailboxes.models import Mailbox
from mailboxes.selectors import mailbox_locked, mailboxes_locked
from mailboxes.services.limits import count_check, storage_check
from mailboxes.services.mailbox import free_check
from mailboxes.services.parts import mailbox_parts
from mailboxes.services.rights import allowed
from mailboxes.services.wanted import mailbox_wanted
from provision.services import push_enqueue


@transaction.atomic
def mailboxes_delete(*, actor: Any, mailboxes: Iterable[Mailbox]) -> list[Mailbox]:
    """Absent on the node at once; rows and mail files stay for the grace time (models.GRACE). Raises Denied,
    also for what somebody above suspended: made again, it would be free."""
    rows = mailboxes_locked(mailboxes)
    allowed(actor, Right.MANAGE, rows)
    for row in rows:
        above_check(row, actor=actor, account=row.mail_domain.domain.account)
        row.deleted_at = timezone.now()
    Mailbox.objects.bulk_update(rows, ["deleted_at"], batch_size=500)
    wanted = [mailbox_wanted(row) for row in rows]
    push_enqueue(actor=actor, wanted=[*wanted, *mailbox_parts(rows, absent=True)])
    return rows


def mailbox_delete(*, actor: Any, mailbox: Mailbox) -> Mailbox:
    mailboxes_delete(actor=actor, mailboxes=[mailbox])
    mailbox.refresh_from_db()
    return mailbox


@transaction.atomic
def mailbox_restore(*, actor: Any, mailbox: Mailbox) -> Mailbox:
    """Bring a deleted mailbox back, mail and password too, while the address is free and the limits allow."""
    allowed(actor, Right.MANAGE, [mailbox])
    account = account_lock(mailbox.mail_domain.domain.account)
    mailbox = mailbox_locked(mailbox, deleted=True)
    if mailbox.kept_until is None or mailbox.kept_until <= timezone.now():
        raise Refused(
            _("The mail of %(address)s is no longer kept. Make the mailbox anew.")
            % {"address": mailbox.address}
        )
    if Mailbox.objects.present().filter(address=mailbox.address).exists():
        text = _("%(address)s was made again meanwhile. Delete that one first, then bring this one back.")
        raise Refused(text % {"address": mailbox.address})
    free_check(mailbox.address)
    count_check(account)
    storage_check(account, mailbox.quota_mb)
    mailbox.deleted_at = None
    mailbox.save(update_fields=["deleted_at"])
    push_enqueue(actor=actor, wanted=[mailbox_wanted(mailbox), *mailbox_parts([mailbox], absent=False)])
    return mailbox
