"""Links that show a mailbox's guides without signing in, and the mail that brings one."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.access import Right
from accounts.branding.select import brand_of
from accounts.services import account_lock
from guides.handing import tokens
from guides.handing.mails import KIND
from guides.models import ShareLink
from lib import languages
from lib.errors import Refused
from mailboxes.models import Mailbox
from mailboxes.people import MailboxUser
from mailboxes.selectors import mailbox_locked
from mailboxes.services.rights import own_or_allowed
from notices.services import notice_send

DAYS = (1, 7, 30)
MAIL_DAYS = 7
MOST_LIVING = 20  # of one mailbox
MOST_MAILS = 10  # of one account in WITHIN
MOST_OWN = 3  # of them by a mailbox's own user, who shall not use up everybody's
WITHIN = dt.timedelta(hours=1)
NOTE_MOST = 500


@transaction.atomic
def share_make(*, actor: Any, mailbox: Mailbox, days: int) -> ShareLink:
    """Raises Refused at ``days``; Denied."""
    own_or_allowed(actor, Right.MANAGE, mailbox)
    if days not in DAYS:
        raise Refused(_("Choose how long the link works."), "days")
    return _made(actor, mailbox_locked(mailbox), days)


@transaction.atomic
def share_end(*, actor: Any, mailbox: Mailbox, share: ShareLink) -> None:
    """At once. Twice is as once. Raises Denied."""
    own_or_allowed(actor, Right.MANAGE, mailbox)
    rows = ShareLink.objects.filter(pk=share.pk, mailbox_id=mailbox.pk, ended_at__isnull=True)
    rows.update(ended_at=timezone.now())


@transaction.atomic
def settings_send(*, actor: Any, mailbox: Mailbox, to: str, language: str, note: str = "") -> ShareLink:
    """A mail with the servers, a link of MAIL_DAYS and no password. ``note``: plain text. Raises Refused at
    to, language, note; Denied."""
    own_or_allowed(actor, Right.MANAGE, mailbox)
    to, note = _address(to), note.strip()
    if not languages.known(language):
        raise Refused(_("Choose a language."), "language")
    if len(note) > NOTE_MOST:
        text = _("At most %(most)d characters.")
        raise Refused(text % {"most": NOTE_MOST}, "note")
    account = account_lock(mailbox.mail_domain.domain.account)
    since = timezone.now() - WITHIN
    sent = ShareLink.objects.filter(
        mailbox__mail_domain__domain__account=account, created_at__gt=since
    ).exclude(sent_to="")
    if sent.count() >= MOST_MAILS:
        text = ngettext(
            "This account can send %(most)d such mail an hour. Make a link and pass it on, or wait.",
            "This account can send %(most)d such mails an hour. Make a link and pass it on, or wait.",
            MOST_MAILS,
        )
        raise Refused(text % {"most": MOST_MAILS})
    if isinstance(actor, MailboxUser) and sent.filter(mailbox_id=mailbox.pk).count() >= MOST_OWN:
        text = ngettext(
            "You can send %(most)d such mail an hour. Make a link and pass it on, or wait.",
            "You can send %(most)d such mails an hour. Make a link and pass it on, or wait.",
            MOST_OWN,
        )
        raise Refused(text % {"most": MOST_OWN})
    share = _made(actor, mailbox_locked(mailbox), MAIL_DAYS, sent_to=to)
    context = {
        "share": share.pk,
        "address": mailbox.address,
        "note": note.splitlines(),
        "by": share.made_by,
        "days": MAIL_DAYS,
    }
    brand = brand_of(account)
    notice_send(kind=KIND.name, to=to, context=context, brand=brand, language=language)
    return share


def opened(share: ShareLink) -> None:
    """Kept to the minute: a row is not written for every look."""
    now = timezone.now()
    if share.opened_at is None or share.opened_at < now - dt.timedelta(minutes=1):
        ShareLink.objects.filter(pk=share.pk).update(opened_at=now)


def _made(actor: Any, box: Mailbox, days: int, *, sent_to: str = "") -> ShareLink:
    now = timezone.now()
    if ShareLink.objects.living(now).filter(mailbox_id=box.pk).count() >= MOST_LIVING:
        text = _("This mailbox has %(most)d links that work. End one that is not needed any more.")
        raise Refused(text % {"most": MOST_LIVING})
    seed = tokens.seed_made()
    share: ShareLink = ShareLink.objects.create(
        mailbox_id=box.pk,
        seed=seed,
        token_hash=tokens.hash_of(tokens.token_of(seed)),
        made_by=actor.email if actor is not None else "",
        sent_to=sent_to,
        created_at=now,
        expires_at=now + dt.timedelta(days=days),
    )
    return share


def _address(text: str) -> str:
    to = text.strip()
    try:
        validate_email(to)
    except ValidationError:
        text = _("Write the whole address, such as info@example.com.")
        raise Refused(text, "to") from None
    if len(to) > 254 or not to.isprintable():
        raise Refused(_("Write the whole address, such as info@example.com."), "to")
    return to
