"""Suspended and awake, deleted and brought back: one mailbox or many, in one transaction."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.services import account_lock
from lib.errors import Refused
from mailboxes.models import Mailbox
from mailboxes.selectors import mailbox_locked, mailboxes_locked, room_of
from mailboxes.services.limits import count_check, storage_check
from mailboxes.services.wanted import mailbox_wanted
from provision.services import push_enqueue


@transaction.atomic
def mailboxes_suspend(*, actor: Any, mailboxes: Iterable[Mailbox], reason: str) -> list[Mailbox]:
    """Nobody signs in or sends; mail goes on arriving. ``reason`` is kept and shown to the owner."""
    # Mail programs show it, some of them in a terminal: no control characters, no text that turns around.
    reason = " ".join("".join(sign if sign.isprintable() else " " for sign in reason).split())
    if not reason:
        raise Refused(_("Write why, so that the next person knows."), "reason")
    if len(reason) > 200:
        raise Refused(
            _("Write the reason in at most 200 characters; this has %(count)d.") % {"count": len(reason)},
            "reason",
        )
    rows = [row for row in mailboxes_locked(mailboxes) if not row.suspended_at]
    for row in rows:
        row.suspended_at, row.suspended_reason = timezone.now(), reason
    return _save(actor, rows, ["suspended_at", "suspended_reason"])


@transaction.atomic
def mailboxes_resume(*, actor: Any, mailboxes: Iterable[Mailbox]) -> list[Mailbox]:
    """Sign-in and sending work again, with the password it had."""
    rows = [row for row in mailboxes_locked(mailboxes) if row.suspended_at]
    for row in rows:
        row.suspended_at, row.suspended_reason = None, ""
    return _save(actor, rows, ["suspended_at", "suspended_reason"])


@transaction.atomic
def mailboxes_delete(*, actor: Any, mailboxes: Iterable[Mailbox]) -> list[Mailbox]:
    """Absent on the node at once; rows and mail files stay for the grace time (models.GRACE)."""
    rows = mailboxes_locked(mailboxes)
    for row in rows:
        row.deleted_at = timezone.now()
    return _save(actor, rows, ["deleted_at"])


def _save(actor: Any, rows: list[Mailbox], fields: list[str]) -> list[Mailbox]:
    Mailbox.objects.bulk_update(rows, fields, batch_size=500)
    push_enqueue(actor=actor, wanted=[mailbox_wanted(row) for row in rows])
    return rows


def mailbox_suspend(*, actor: Any, mailbox: Mailbox, reason: str) -> Mailbox:
    mailboxes_suspend(actor=actor, mailboxes=[mailbox], reason=reason)
    return mailbox_fresh(mailbox)


def mailbox_resume(*, actor: Any, mailbox: Mailbox) -> Mailbox:
    mailboxes_resume(actor=actor, mailboxes=[mailbox])
    return mailbox_fresh(mailbox)


def mailbox_delete(*, actor: Any, mailbox: Mailbox) -> Mailbox:
    mailboxes_delete(actor=actor, mailboxes=[mailbox])
    return mailbox_fresh(mailbox)


def mailbox_fresh(mailbox: Mailbox) -> Mailbox:
    mailbox.refresh_from_db()
    return mailbox


@transaction.atomic
def mailbox_restore(*, actor: Any, mailbox: Mailbox) -> Mailbox:
    """Bring a deleted mailbox back, mail and password too, while the address is free and the limits allow."""
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
    room = room_of(account)
    count_check(account, room)
    storage_check(account, room, mailbox.quota_mb)
    mailbox.deleted_at = None
    mailbox.save(update_fields=["deleted_at"])
    push_enqueue(actor=actor, wanted=[mailbox_wanted(mailbox)])
    return mailbox
