"""The way back: what must be done before a login may send again, and how far that is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _

from mailboxes.models import Compromise, Mailbox, WebsiteSender

BEFORE = timedelta(days=7)  # what was added so long before the first sign is shown too


@dataclass(frozen=True, slots=True)
class Step:
    """``name``: password, app-passwords, additions or queue."""

    name: str
    title: str
    done: bool


@dataclass(frozen=True, slots=True)
class Addition:
    """Something that a thief adds: a filter, a forward, an app password, an autoresponder. ``url``: where it
    can be removed, below the mailbox; ``words``: what it does, hostile text in it."""

    at: datetime
    words: str
    url_name: str


Finder = Callable[[Mailbox, datetime], list[Addition]]
Counter = Callable[[Mailbox, datetime], int]

_finders: list[Finder] = []
_app_passwords: list[Counter] = []


def register_finder(finder: Finder) -> None:
    """``finder(mailbox, since)``: what was added or changed since then."""
    if finder not in _finders:
        _finders.append(finder)


def register_app_passwords(counter: Counter) -> None:
    """``counter(mailbox, at)``: how many further passwords from before ``at`` still work."""
    if counter not in _app_passwords:
        _app_passwords.append(counter)


def additions(row: Compromise) -> list[Addition]:
    """The newest first."""
    if row.mailbox is None:
        return []
    found = [one for finder in _finders for one in finder(row.mailbox, row.since - BEFORE)]
    return sorted(found, key=lambda one: one.at, reverse=True)


def steps(row: Compromise) -> list[Step]:
    """In the order in which they are best done. A website sender has no mailbox, and nothing but a password
    that somebody could use."""
    queue = Step("queue", _("Look at the mail that waits"), row.queue_reviewed_at is not None)
    box = row.mailbox
    if box is None:
        return [Step("website", _("Give the website a new password"), website_renewed(row)), queue]
    left = sum(counter(box, row.since) for counter in _app_passwords)
    return [
        Step("password", _("Give the mailbox a new password"), box.password_set_at > row.since),
        Step("app-passwords", _("Revoke the app passwords"), left == 0),
        Step("additions", _("Look at what was added"), row.reviewed_at is not None),
        queue,
    ]


def website_of(row: Compromise) -> WebsiteSender | None:
    """None: a mailbox's, or it was revoked meanwhile."""
    found: WebsiteSender | None = None
    if row.mailbox_id is None:
        found = WebsiteSender.objects.filter(login=row.login, mail_domain=row.mail_domain_id).first()
    return found


def website_renewed(row: Compromise) -> bool:
    """Its key is another than at the time of the first sign."""
    site = website_of(row)
    if site is None:
        return True
    history: Any = WebsiteSender
    events = history.pgh_event_model.objects.filter(pgh_obj=site.pk, key=site.key)
    return not events.filter(pgh_created_at__lte=row.since).exists()
