"""Beat's look: who shows signs is stopped from sending, and its owners hear of it."""

from __future__ import annotations

import logging

from django.utils import timezone

from mailboxes.compromise.services import sending_hold
from mailboxes.models import Compromise, Mailbox, MailDomain, WebsiteSender
from panel.compromise.lately import WINDOW, lately
from panel.compromise.signs import signs

logger = logging.getLogger(__name__)


def look() -> int:
    """How many logins were stopped."""
    now = timezone.now()
    stopped = 0
    for login, done in lately(now).items():
        found = signs(done)
        # Released a moment ago: what it did before that was looked at.
        if found and not Compromise.objects.filter(login=login, released_at__gt=now - WINDOW).exists():
            stopped += _stop(login, [sign.as_json() for sign in found])
    return stopped


def _stop(login: str, reasons: list[dict[str, object]]) -> int:
    box = Mailbox.objects.present().select_related("mail_domain").filter(address=login).first()
    domain = login.rpartition("@")[2]
    mail_domain = box.mail_domain if box else MailDomain.objects.filter(domain__name=domain).first()
    if mail_domain is None or (box is None and not _is_sender(login)):
        return 0  # the panel's own sign-in, or nobody's any more
    held = sending_hold(login=login, mail_domain=mail_domain, mailbox=box, reasons=reasons)
    if held:
        logger.warning("%s is stopped from sending: %s", login, reasons)
    return int(held is not None)


def _is_sender(login: str) -> bool:
    return WebsiteSender.objects.filter(login=login).exists()
