"""What an import asks again while it saves, and what it does beside making the mailboxes."""

from __future__ import annotations

from django.utils.translation import gettext as _

from mailboxes.models import Alias, BulkImport, BulkRow, Mailbox, WebsiteSender
from mailboxes.services.suspension import mailboxes_suspend


def taken_since(bulk: BulkImport) -> int:
    """Good rows whose address became a forwarder or a website's name after they were checked are bad now;
    how many."""
    good = bulk.lines.filter(state=BulkRow.State.GOOD)
    others = Alias.objects.values("address").union(WebsiteSender.objects.values("login"), all=True)
    found = list(good.filter(address__in=others).values_list("pk", flat=True))
    reason = _("A forwarder or a website has this address since the file was checked.")
    return int(
        BulkRow.objects.filter(pk__in=found).update(
            state=BulkRow.State.BAD, field="address", reason=reason, password_hash=""
        )
        if found
        else 0
    )


def suspended_rows(bulk: BulkImport) -> None:
    """Mailboxes that were suspended where they come from may not sign in or send here either; mail comes."""
    rows = bulk.lines.filter(state=BulkRow.State.GOOD, suspended=True).values("address")
    boxes = Mailbox.objects.present().filter(address__in=rows).select_related("mail_domain__domain__account")
    found = list(boxes)
    if found:
        reason = _("It was suspended where it comes from.")
        mailboxes_suspend(actor=bulk.who, mailboxes=found, reason=reason)
