"""What an import asks again while it saves, and what it does beside making the mailboxes."""

from __future__ import annotations

from lib.errors import Refused
from lib.said import gettext as _
from mailboxes.models import Alias, BulkImport, BulkRow, Mailbox, WebsiteSender
from mailboxes.services.suspension import mailboxes_suspend


def taken_since(bulk: BulkImport) -> int:
    """Good rows whose address became a forwarder or a website's name after they were checked are bad now;
    how many. Raises Refused if it is all or nothing."""
    good = bulk.lines.filter(state=BulkRow.State.GOOD)
    others = Alias.objects.values("address").union(WebsiteSender.objects.values("login"), all=True)
    found = dict(good.filter(address__in=others).order_by("-line").values_list("address", "pk"))
    if not found:
        return 0
    if bulk.mode == BulkImport.Mode.ALL:
        text = _("A forwarder or a website has %(address)s since the file was checked, so nothing was made.")
        raise Refused(text % {"address": list(found)[-1]})
    BulkRow.objects.filter(pk__in=found.values()).update(
        state=BulkRow.State.BAD,
        field="address",
        reason=_("A forwarder or a website has this address since the file was checked."),
        password_hash="",
    )
    return len(found)


def suspended_rows(bulk: BulkImport) -> None:
    """Mailboxes that were suspended where they come from may not sign in or send here either; mail comes."""
    rows = bulk.lines.filter(state=BulkRow.State.GOOD, suspended=True).values("address")
    boxes = Mailbox.objects.present().filter(address__in=rows).select_related("mail_domain__domain__account")
    found = list(boxes)
    if found:
        reason = _("It was suspended where it comes from.")
        mailboxes_suspend(actor=bulk.who, mailboxes=found, reason=reason)
