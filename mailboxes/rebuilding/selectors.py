"""What is missing, of a rebuild and of a mailbox."""

from __future__ import annotations

from lib.templatetags.ui import size
from mailboxes.models import Mailbox, MailboxLoss
from provision.models import NodeRebuild

MOST = 10_000


def missing(rebuild: NodeRebuild) -> list[str] | None:
    """A line a mailbox, by address; None while the node has not measured all of them. The node may have
    joined, and so begun another rebuild, since this one began."""
    rows = MailboxLoss.objects.filter(
        rebuild__node=rebuild.node_id, rebuild__gte=rebuild.pk, seen_at=None, mailbox__deleted_at=None
    )
    if rows.filter(measured_at=None).exists():
        return None
    found = rows.select_related("mailbox").order_by("mailbox__address")
    return [
        f"{row.mailbox.address}: {row.has_messages} of {row.had_messages} mails, "
        f"{size(row.has_bytes or 0)} of {size(row.had_bytes)}"
        for row in found[:MOST]
    ]


def loss_of(mailbox: Mailbox) -> MailboxLoss | None:
    """What the mailbox's page says; None: nothing is missing."""
    found: MailboxLoss | None = (
        MailboxLoss.objects.real()
        .filter(mailbox=mailbox.pk)
        .select_related("rebuild")
        .order_by("-rebuild")
        .first()
    )
    return found
