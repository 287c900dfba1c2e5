"""A test: the answer as senders get it, to the mailbox itself or to another address of its account."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.access import Right
from accounts.branding.select import brand_of
from lib.errors import Refused
from mailboxes.addresses.graph import reachable
from mailboxes.addresses.states import inside_of
from mailboxes.addresses.typed import address_of
from mailboxes.autoresponder.services import subject_check, text_check
from mailboxes.models import Mailbox
from mailboxes.selectors import mailbox_locked
from mailboxes.services.rights import own_or_allowed
from notices import kinds
from notices.models import Notice
from notices.services import notice_send

KIND = "autoresponder_test"
MOST_AN_HOUR = 5


@transaction.atomic
def autoresponder_test(*, actor: Any, mailbox: Mailbox, to: str, subject: str, text: str) -> str:
    """Send it; the address that gets it. Raises Refused at to, subject or text."""
    own_or_allowed(actor, Right.MANAGE, mailbox)
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    subject_check(subject)
    text_check(text)
    mailbox = mailbox_locked(mailbox)
    account = mailbox.mail_domain.domain.account
    try:
        address = address_of(to.strip() or mailbox.address)
    except Refused as refused:
        raise Refused(refused.message, "to") from None
    inside = inside_of(account, [address])
    if not inside or not reachable(inside):
        raise Refused(_("A test goes to an address of your own domains only. Write one of them."), "to")
    since = timezone.now() - dt.timedelta(hours=1)
    sent = Notice.objects.filter(kind=KIND, context__mailbox=mailbox.pk, created_at__gt=since).count()
    if sent >= MOST_AN_HOUR:
        raise Refused(_("%(n)d tests were sent in this hour. Try again later.") % {"n": MOST_AN_HOUR}, "to")
    context = {"mailbox": mailbox.pk, "address": mailbox.address, "subject": subject.strip(), "text": text}
    notice_send(kind=KIND, to=address, context=context, brand=brand_of(account))
    return address


kinds.register(
    kinds.Kind(
        name=KIND,
        label=gettext_lazy("A test of an automatic answer"),
        subject=lambda context: _("Test: %(subject)s") % context,
        security=True,
    )
)
