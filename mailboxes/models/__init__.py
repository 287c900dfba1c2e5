"""Mail of a domain: where it lives, its mailboxes, what belongs to them. A module a subject."""

from mailboxes.models.core import (
    GRACE,
    DkimKey,
    Mailbox,
    MailboxQuerySet,
    MailDomain,
    Routing,
    TallyPart,
)

__all__ = ["GRACE", "DkimKey", "MailDomain", "Mailbox", "MailboxQuerySet", "Routing", "TallyPart"]
