"""``{% term "imap" _("IMAP") %}``: a word that leads to what it means, from wherever it is used.
``{% helpful_vote subject as vote %}``: what the person who looks at the page said of it."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from django import template
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from accounts.models import Domain
from accounts.templatetags.access import may
from guides.learn.library import library
from guides.learn.scope import ALL, DOMAIN, OWN
from guides.learn.voting import vote_of
from guides.models import Vote
from mailboxes.models import Mailbox

register = template.Library()


@register.simple_tag(takes_context=True)
def term(context: template.Context, key: str, words: str) -> SafeString | str:
    """``key``: as glossary.toml has it; ``words``: what is read. Plain words for a visitor. No query."""
    url = _url(context, key)
    return format_html('<a class="explained" href="{}">{}</a>', url, words) if url else words


def _url(context: template.Context, key: str) -> str:
    """The term's article, else its line of the glossary, as this person finds it; empty for a visitor."""
    user: Any = getattr(context.get("request"), "user", None)
    if user is None or not user.is_authenticated:
        return ""
    domain = context.get("domain")
    kind, args = ALL, []
    if getattr(user, "is_mailbox", False):
        kind = OWN
    elif isinstance(domain, Domain) and may(context, "settings", domain):
        kind, args = DOMAIN, [domain.name]
    article = library().terms[key].article
    mailbox = context.get("mailbox")
    query = (
        f"?mailbox={quote(mailbox.local, safe='')}" if kind == DOMAIN and isinstance(mailbox, Mailbox) else ""
    )
    if article:
        return reverse(f"{kind}-article", args=[*args, article]) + query
    return f"{reverse(f'{kind}-glossary', args=args)}{query}#{key}"


@register.simple_tag(takes_context=True)
def helpful_vote(context: template.Context, subject: str) -> Vote | None:
    """One query."""
    user: Any = getattr(context.get("request"), "user", None)
    return vote_of(user, subject) if user is not None and user.is_authenticated else None
