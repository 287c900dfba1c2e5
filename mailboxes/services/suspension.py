"""Mailboxes kept from signing in, receiving or sending, and let go again: one or many, in one transaction."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import transaction

from accounts.access import RANK_PROVIDER, Right
from accounts.events import emit
from accounts.suspension import FIELDS, standing, stops_check, turn, turn_back
from mailboxes.models import Mailbox
from mailboxes.selectors import mailboxes_locked
from mailboxes.services.rights import allowed
from mailboxes.services.wanted import mailbox_wanted
from provision.services import push_enqueue


@transaction.atomic
def mailboxes_suspend(
    *,
    actor: Any,
    mailboxes: Iterable[Mailbox],
    reason: str,
    sign_in: bool = True,
    receive: bool = False,
    send: bool = True,
) -> list[Mailbox]:
    """What is True stops, for all of them or for none; those where it was so already are left out of the
    answer. Raises Refused at ``reason`` or without a field; Denied for what somebody above suspended."""
    stops = stops_check(sign_in=sign_in, receive=receive, send=send, reason=reason)
    rows = mailboxes_locked(mailboxes)
    _allowed(actor, rows)
    turned = [row for row in rows if turn(row, actor=actor, account=_account(row), stops=stops)]
    return _save(actor, turned, "suspended")


@transaction.atomic
def mailboxes_resume(*, actor: Any, mailboxes: Iterable[Mailbox]) -> list[Mailbox]:
    """Lift what was set on them; what holds for their domain or account stays. Raises Denied."""
    rows = mailboxes_locked(mailboxes)
    _allowed(actor, rows)
    turned = [row for row in rows if turn_back(row, actor=actor, account=_account(row))]
    return _save(actor, turned, "resumed")


def mailbox_suspend(*, actor: Any, mailbox: Mailbox, reason: str, **stops: bool) -> Mailbox:
    mailboxes_suspend(actor=actor, mailboxes=[mailbox], reason=reason, **stops)
    mailbox.refresh_from_db()
    return mailbox


def mailbox_resume(*, actor: Any, mailbox: Mailbox) -> Mailbox:
    mailboxes_resume(actor=actor, mailboxes=[mailbox])
    mailbox.refresh_from_db()
    return mailbox


def _allowed(actor: Any, rows: list[Mailbox]) -> None:
    """As accounts.suspension: the provider's staff may, whom Django admin lets."""
    allowed(actor, Right.MANAGE, [row for row in rows if standing(actor, _account(row)) < RANK_PROVIDER])


def _account(row: Mailbox) -> Any:
    return row.mail_domain.domain.account


def _save(actor: Any, rows: list[Mailbox], happened: str) -> list[Mailbox]:
    Mailbox.objects.bulk_update(rows, FIELDS, batch_size=500)
    push_enqueue(actor=actor, wanted=[mailbox_wanted(row) for row in rows])
    for row in rows:
        emit(happened, target=row, actor=actor)
    return rows
