"""``{% limit_of account "max_domains" as domains %}``: what is used of a limit, beside the form that takes
from it."""

from __future__ import annotations

from dataclasses import dataclass

from django import template

from accounts import limits
from accounts.limits import uses
from accounts.limits.wording import label
from accounts.models import Account
from accounts.selectors import who_can_raise

register = template.Library()


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    label: str
    used: int
    total: int
    who: str


@register.simple_tag
def limit_of(account: Account, limit: str) -> Use:
    """Four queries at most."""
    return Use(
        label=label(limit),
        used=uses.used_by(limit, account.pk),
        total=limits.most_of(account, limit),
        who=who_can_raise(account),
    )
