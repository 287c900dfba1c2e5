"""Deleted accounts whose grace time ended, removed for good."""

from __future__ import annotations

import datetime as dt
import logging

from django.db import transaction

from accounts.clients import GRACE, account_purge
from accounts.locks import accounts_lock
from accounts.models import Account, Domain
from panel import lifecycle

logger = logging.getLogger(__name__)

AT_ONCE = 100


def accounts_purge(*, now: dt.datetime) -> int:
    """How many went. Each is one transaction: a crash leaves the rest for the next run. Their mail waits on
    the nodes as that of every deleted domain does (mailboxes.models.GRACE)."""
    due = Account.objects.filter(deleted_at__lte=now - GRACE, clients__isnull=True)
    return sum(_purge(account, now) for account in due.order_by("deleted_at", "pk")[:AT_ONCE])


@transaction.atomic
def _purge(account: Account, now: dt.datetime) -> bool:
    """False: it was brought back meanwhile."""
    try:
        row = accounts_lock([account.pk])[0]
    except Account.DoesNotExist:
        return False
    if row.deleted_at is None or row.deleted_at > now - GRACE:
        return False
    for domain in Domain.objects.filter(account=row).select_related("account__reseller"):
        lifecycle.domain_delete(actor=None, domain=domain)
    logger.info("account %d, deleted on %s, is removed for good", row.pk, row.deleted_at.date())
    account_purge(account=row)
    return True
