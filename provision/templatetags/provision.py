"""``{% push_badge status %}``: where a change is, in colour, icon and word, until it is live."""

from __future__ import annotations

from typing import Any

from django import template

from provision import proofs
from provision.selectors import Status

register = template.Library()


@register.filter
def proof_words(proof: str) -> str:
    return proofs.words(proof)


@register.inclusion_tag("provision/badge.html", takes_context=True)
def push_badge(context: template.Context, status: Status | None, brief: bool = False) -> dict[str, Any]:
    """Block content: put it in a td, li, dd or div. ``brief``, for long lists: no proof beside what is
    live."""
    return {"status": status, "brief": brief, "csrf_token": context.get("csrf_token")}
