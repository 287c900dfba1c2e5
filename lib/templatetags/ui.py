"""Small things every page draws the same way."""

from __future__ import annotations

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

register = template.Library()


@register.simple_tag
def icon(name: str, css: str = "") -> SafeString:
    """The icon ``name`` of static/icons.svg, hidden from screen readers: a word always stands beside it."""
    from django.templatetags.static import static  # a tag library is loaded before static files are known

    return format_html('<svg class="i {}" aria-hidden="true"><use href="{}#i-{}"/></svg>', css, static("icons.svg"), name)


@register.filter
def address(value: str) -> SafeString:
    """``ana@example.test`` with its repeated half dimmed, breaking at the @ first."""
    local, at, domain = str(value).rpartition("@")
    if not at:
        return format_html('<span class="addr">{}</span>', value)
    return format_html('<span class="addr">{}<wbr><span class="at">@{}</span></span>', local, domain)
