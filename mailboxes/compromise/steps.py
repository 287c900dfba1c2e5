"""The way back: what must be done before a login may send again, and how far that is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from mailboxes.models import Compromise, Mailbox

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
    """In the order in which they are best done. A website sender has no mailbox: its password is made anew on
    its own page, and the mail that waits is looked at."""
    queue = Step("queue", _("Look at the mail that waits"), row.queue_reviewed_at is not None)
    box = row.mailbox
    if box is None:
        return [queue]
    left = sum(counter(box, row.since) for counter in _app_passwords)
    return [
        Step("password", _("Give the mailbox a new password"), box.password_set_at > row.since),
        Step("app-passwords", _("Revoke the app passwords"), left == 0),
        Step("additions", _("Look at what was added"), row.reviewed_at is not None),
        queue,
    ]
