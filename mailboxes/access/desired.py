"""From a key to the state that the node shall have."""

from __future__ import annotations

from mailboxes.access.wanted import limit_state, password_state, website_state
from mailboxes.models import AppPassword, Identity, WebsiteSender
from nodeagent import contract


def login_desired(key: str) -> contract.Login | None:
    _kind, login, word = key.split("/", 2)
    row = (
        AppPassword.objects.select_related("mailbox")
        .filter(key=word, mailbox__address=login, mailbox__deleted_at__isnull=True)
        .first()
    )
    if row is not None:
        return password_state(row, login)
    website = WebsiteSender.objects.filter(key=word, login=login).first()
    return website_state(website) if website else None


def identity_desired(key: str) -> contract.Identity | None:
    _kind, login, sender = key.split("/", 2)
    rows = Identity.objects.filter(address=sender)
    there = rows.filter(mailbox__address=login, mailbox__deleted_at__isnull=True).exists()
    there = there or rows.filter(website__login=login).exists()
    return contract.Identity(login=login, sender=sender) if there else None


def website_limit(scope: str) -> contract.Limit | None:
    """Of a website sender; for whoever answers for limits (kind ``limit``)."""
    website = WebsiteSender.objects.filter(login=scope).first()
    return limit_state(website) if website else None
