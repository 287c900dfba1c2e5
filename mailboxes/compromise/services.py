"""Sending stopped and let go again. Who sees the signs is the panel's (panel.compromise)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.access import Right
from accounts.events import emit
from lib.errors import Refused
from mailboxes.compromise.steps import steps
from mailboxes.models import Compromise, Mailbox, MailDomain
from mailboxes.services.rights import domain_allowed
from nodeagent import contract
from provision.services import Wanted, push_enqueue

REASON = (
    "Sending is stopped: somebody else seems to use this sign-in. Its owner finds in the panel how to go on"
)


@transaction.atomic
def sending_hold(
    *, login: str, mail_domain: MailDomain, mailbox: Mailbox | None, reasons: Sequence[dict[str, Any]]
) -> Compromise | None:
    """Stop ``login`` from sending and hold what it has in the queue; it may still sign in and read. None: it
    is stopped already. The panel's own doing, so nobody's rights are asked."""
    MailDomain.objects.select_for_update().get(pk=mail_domain.pk)  # two looks at once make one of it
    if Compromise.objects.still_open().filter(login=login).exists():
        return None
    row: Compromise = Compromise.objects.create(
        mail_domain=mail_domain, mailbox=mailbox, login=login, reasons=list(reasons)
    )
    push_enqueue(actor=None, wanted=[hold_wanted(row)])
    emit("compromised", target=row, actor=None)
    return row


@transaction.atomic
def compromise_review(*, actor: Any, compromise: Compromise, queue: bool = False) -> Compromise:
    """Somebody looked at what was added, or (``queue``) at the mail that waits."""
    row = _locked(actor, compromise)
    if queue:
        row.queue_reviewed_at = timezone.now()
    else:
        row.reviewed_at = timezone.now()
    row.save(update_fields=["reviewed_at", "queue_reviewed_at"])
    return row


@transaction.atomic
def compromise_release(*, actor: Any, compromise: Compromise) -> Compromise:
    """Let it send again, and what is still held go out. Raises Refused while a step is open."""
    row = _locked(actor, compromise)
    missing = next((step for step in steps(row) if not step.done), None)
    if missing is not None:
        raise Refused(_("One step is still open: %(step)s") % {"step": missing.title})
    row.released_at, row.released_by = timezone.now(), actor
    row.save(update_fields=["released_at", "released_by"])
    push_enqueue(actor=actor, wanted=[hold_wanted(row)])
    return row


def _locked(actor: Any, compromise: Compromise) -> Compromise:
    rows = Compromise.objects.select_related("mail_domain__domain__account", "mail_domain__node", "mailbox")
    row: Compromise = rows.select_for_update(of=("self",)).get(pk=compromise.pk)
    domain_allowed(actor, Right.MANAGE, row.mail_domain.domain, [row.login])
    if row.released_at is not None:
        raise Refused(_("It was released already."))
    return row


def hold_wanted(row: Compromise, *, absent: bool = False) -> Wanted:
    state = contract.Hold(login=row.login, reason=REASON)
    return Wanted(
        node=row.mail_domain.node,
        kind=contract.Hold.KIND,
        key=state.key,
        state=None if absent or row.released_at else state,
        domain=row.mail_domain.domain,
    )


def hold_desired(key: str) -> contract.Hold | None:
    _kind, _slash, login = key.partition("/")
    known = Compromise.objects.still_open().filter(login=login).exists()
    return contract.Hold(login=login, reason=REASON) if known else None


class HoldPart:
    """A held mailbox that is renamed or brought back stays held, under the name it has."""

    def of_mailboxes(self, mailboxes: Sequence[Mailbox], *, absent: bool) -> list[Wanted]:
        rows = Compromise.objects.still_open().filter(mailbox__in=mailboxes)
        found = list(rows.select_related("mail_domain__node", "mail_domain__domain", "mailbox__mail_domain"))
        for row in found if not absent else ():
            if row.mailbox is not None and row.login != row.mailbox.address:
                row.login, row.mail_domain = row.mailbox.address, row.mailbox.mail_domain
                row.save(update_fields=["login", "mail_domain"])
        return [hold_wanted(row, absent=absent) for row in found]

    def of_domain(self, mail_domain: MailDomain, *, absent: bool) -> list[Wanted]:
        rows = Compromise.objects.still_open().filter(mail_domain=mail_domain, mailbox__isnull=True)
        return [hold_wanted(row, absent=absent) for row in rows.select_related("mail_domain__node")]
