"""People whose account is suspended: what they may know of it."""

from __future__ import annotations

from typing import Any

from django.db.models import Q

from accounts.models import Account, User
from accounts.suspension.inforce import Level, suspension_of

_ITSELF = Q(no_sign_in=True) | Q(deleted_at__isnull=False)
_ABOVE = Q(reseller__no_sign_in=True) | Q(reseller__deleted_at__isnull=False)


def accounts_asleep(user: User) -> list[Account]:
    """Those that the person is a member of and that let nobody in, themselves or by their reseller. One
    query."""
    rows = Account.objects.filter(memberships__user=user).filter(_ITSELF | _ABOVE)
    return list(rows.select_related("reseller").order_by("name"))


def only_asleep(user: Any) -> bool:
    """Whether the person has a place, and all of them are asleep. accounts.backends has brought along what
    this needs: no query."""
    if user.is_staff or user.is_superuser or user.acting_for:
        return False
    return bool(user.is_member) and not user.own_places


def kept_out_by(account: Account) -> Level:
    """What keeps its people from signing in: its own suspension before its reseller's."""
    return next(level for level in suspension_of(account) if level.no_sign_in)
