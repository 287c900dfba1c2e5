"""The autoresponder: set, switched on and off, tried."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any
from zoneinfo import available_timezones

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.access import Right
from lib.errors import Refused
from mailboxes.models import Autoresponder, Mailbox
from mailboxes.selectors import mailbox_locked
from mailboxes.services.rights import own_or_allowed, person
from mailboxes.sieve.composing import scripts_wanted
from provision.services import push_enqueue

SUBJECT_CHARACTERS = 200
TEXT_CHARACTERS = 20_000
DAYS_MOST = 60
# Tabs and line breaks are text; other control characters, and halves of surrogate pairs, are not.
UNSHOWN_LINE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
UNSHOWN_TEXT = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")


@transaction.atomic
def autoresponder_set(
    *,
    actor: Any,
    mailbox: Mailbox,
    enabled: bool,
    subject: str,
    text: str,
    starts: dt.datetime | None = None,
    ends: dt.datetime | None = None,
    zone: str = "UTC",
    days: int = 7,
    contacts_only: bool = False,
) -> Autoresponder:
    """As a whole: what it was before is forgotten. Raises Refused at the field."""
    own_or_allowed(actor, Right.MANAGE, mailbox)
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    subject_check(subject)
    text_check(text)
    time_check(starts, ends, zone)
    if not 1 <= days <= DAYS_MOST:
        raise Refused(_("Write 1 to %(most)d days.") % {"most": DAYS_MOST}, "days")
    mailbox = mailbox_locked(mailbox)
    values = {
        "enabled": enabled,
        "subject": subject.strip(),
        "text": text,
        "starts": starts,
        "ends": ends,
        "zone": zone,
        "days": days,
        "contacts_only": contacts_only,
    }
    row, _made = Autoresponder.objects.update_or_create(mailbox=mailbox, defaults=values)
    push_enqueue(actor=person(actor), wanted=scripts_wanted([mailbox]))
    return row


@transaction.atomic
def autoresponder_switch(*, actor: Any, mailbox: Mailbox, enabled: bool) -> None:
    """On or off; nothing happens for a mailbox that never had one."""
    own_or_allowed(actor, Right.MANAGE, mailbox)
    mailbox = mailbox_locked(mailbox)
    row = Autoresponder.objects.filter(mailbox=mailbox).first()
    if row is None or row.enabled == enabled:
        return
    row.enabled = enabled
    row.save(update_fields=["enabled"])
    push_enqueue(actor=person(actor), wanted=scripts_wanted([mailbox]))


def subject_check(subject: str) -> None:
    if not subject.strip():
        raise Refused(_("Write a subject, such as “Away until Monday”."), "subject")
    if len(subject) > SUBJECT_CHARACTERS or UNSHOWN_LINE.search(subject):
        message = _("One line of at most %(most)d characters.") % {"most": SUBJECT_CHARACTERS}
        raise Refused(message, "subject")


def text_check(text: str) -> None:
    if not text.strip():
        raise Refused(_("Write what the sender shall read."), "text")
    if len(text) > TEXT_CHARACTERS:
        message = _("At most %(most)d characters; this has %(many)d. Shorten it.")
        raise Refused(message % {"most": TEXT_CHARACTERS, "many": len(text)}, "text")
    if UNSHOWN_TEXT.search(text):
        raise Refused(_("The text has a character that cannot be sent. Type it again by hand."), "text")


def time_check(starts: dt.datetime | None, ends: dt.datetime | None, zone: str) -> None:
    if zone not in available_timezones():
        raise Refused(_("Choose a time zone from the list."), "zone")
    if starts and ends and ends <= starts:
        raise Refused(_("It would end before it begins. Choose a later end."), "ends")
