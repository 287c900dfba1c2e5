"""``{% suspension_notes mailbox %}``: what is suspended, at which level, why, by whom and since when; nothing
when nothing is."""

from __future__ import annotations

from typing import Any

from django import template

from accounts.access import Right, may
from accounts.models import Account, Domain
from accounts.models.suspension import Suspendable
from accounts.suspension import may_lift, standing
from accounts.suspension.inforce import Level, suspension_of

register = template.Library()


@register.inclusion_tag("components/suspended.html", takes_context=True)
def suspension_notes(context: template.Context, target: Suspendable, lift: bool = True) -> dict[str, Any]:
    """No query for what is not suspended, when what stands above it is at hand. ``lift`` False: on the page
    that asks whether to lift it, which needs no way to itself."""
    user = context["request"].user
    return {"notes": [_note(level, user) for level in suspension_of(target)], "lift": lift}


def _note(level: Level, user: Any) -> dict[str, Any]:
    row = level.target
    account = account_of(row)
    # Who in person: for those who stand as high. Others know the account or the provider it was.
    person = row.suspended_by if standing(user, account) >= row.suspended_rank else None
    lifts = may_lift(row, actor=user, account=account)
    there = isinstance(row, Domain) and lifts and may(user, Right.MANAGE, account=account, domain=row)
    return {"level": level, "person": person, "lifts": lifts, "domain": row if there else None}


def account_of(row: Suspendable) -> Account:
    while not isinstance(row, Account):
        above = row.suspended_with
        assert above is not None  # noqa: S101 - a domain has an account, a mailbox a domain
        row = above
    return row


@register.simple_tag(takes_context=True)
def may_lift_suspension(context: template.Context, target: Suspendable) -> bool:
    return may_lift(target, actor=context["request"].user, account=account_of(target))
