"""Whether a mail to a mailbox also goes where it cannot be fetched back from."""

from __future__ import annotations

from mailboxes.filters import rules
from mailboxes.models import Alias, DomainFilter, Forwarding, Mailbox, MailboxFilter, Routing

_SENT_ON = [{"do": rules.FORWARD}]


def leaves(mailbox: Mailbox) -> bool:
    """It is forwarded, by a filter too, or the domain's mail is delivered elsewhere. One query. What a filter
    waits for does not count, nor whether a target said yes: better one test less than a stranger's mail."""
    if mailbox.mail_domain.decided != Routing.LOCAL:
        return True
    found = [
        Forwarding.objects.filter(mailbox=mailbox.pk),
        Alias.objects.filter(address=mailbox.address),
        MailboxFilter.objects.filter(owner=mailbox.pk, enabled=True, actions__contains=_SENT_ON),
        DomainFilter.objects.filter(owner=mailbox.mail_domain, enabled=True, actions__contains=_SENT_ON),
    ]
    keys = [rows.order_by().values("pk") for rows in found]
    return bool(keys[0].union(*keys[1:], all=True)[:1])
