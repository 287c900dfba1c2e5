"""Acting for a client: who may, for how long, and that it is on record."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.access import Right, may
from accounts.models import Account, Acting
from lib.errors import Denied, Refused

LASTS = dt.timedelta(minutes=30)


def may_act_for(user: Any, account: Account) -> bool:
    """Whether the person looks after ``account``: the people of its reseller with the right to, and the
    provider's. Nobody acts for an account of their own, for a deleted one, or while acting already."""
    if user.acting_for or account.deleted_at:
        return False
    if user.is_superuser:
        return True
    return account.reseller_id is not None and may(user, Right.CLIENTS, account=account)


@transaction.atomic
def acting_begin(*, actor: Any, account: Account, reason: str = "") -> Acting:
    """On record from now; the caller keeps the place in the session. Raises Denied, Refused at reason."""
    if not may_act_for(actor, account):
        raise Denied(_("Only those who look after an account act for it."))
    reason = " ".join("".join(sign if sign.isprintable() else " " for sign in reason).split())
    if len(reason) > 200:
        raise Refused(_("Write the reason in at most 200 characters."), "reason")
    until = timezone.now() + LASTS
    return Acting.objects.create(account=account, user=actor, reason=reason, until=until)


@transaction.atomic
def acting_end(*, actor: Any, pk: int) -> None:
    """Ended before its time, by the person or because the right to it is gone."""
    now = timezone.now()
    Acting.objects.filter(pk=pk, user=actor.pk, ended_at__isnull=True, until__gt=now).update(ended_at=now)
