"""{% last_change domain as changed %}: guides.changed.selectors.Shown, or None."""

from __future__ import annotations

from typing import Any

from django import template

from guides.changed import selectors

register = template.Library()


@register.simple_tag
def last_change(domain: Any) -> selectors.Shown | None:
    return selectors.last_change(domain) if domain else None
