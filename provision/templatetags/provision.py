"""``{% push_badge status %}``: where a change is, in colour, icon and word, until it is live."""

from __future__ import annotations

from typing import Any

from django import template

from provision import proofs
from provision.selectors import Status
from provision.services import may_retry

register = template.Library()


@register.filter
def proof_words(proof: str) -> str:
    return proofs.words(proof)


def badge_page(user: Any) -> str:
    """The name of the URL where this visitor's badges ask again: mailbox users have one of their own."""
    return str(getattr(user, "badge_page", "push-badge"))


@register.inclusion_tag("provision/badge.html", takes_context=True)
def push_badge(context: template.Context, status: Status | None, brief: bool = False) -> dict[str, Any]:
    """Block content: put it in a td, li, dd or div. ``brief``, for long lists: no proof beside what is
    live. The page's ``domain`` says whether the person may try again."""
    user = getattr(context.get("request"), "user", None)
    can_retry = False
    if status is not None and status.state == "failed" and user is not None:
        can_retry = may_retry(user, context.get("domain"))
    return {
        "status": status,
        "brief": brief,
        "can_retry": can_retry,
        "badge_page": badge_page(user),
        "csrf_token": context.get("csrf_token"),
    }
