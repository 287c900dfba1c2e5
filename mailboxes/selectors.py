"""What can be asked about mailboxes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Count, Q, QuerySet, Sum
from django.utils.translation import gettext as _

from accounts.models import Account
from lib.errors import Refused
from mailboxes.models import DkimKey, Mailbox, MailDomain
from nodeagent import contract
from provision.selectors import statuses


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """Mailboxes and storage (MB) of one account: given out, and the limit; ``used_mb``: what nodes measured.
    ``here``: mailboxes of the one domain that was asked about."""

    mailboxes: int
    max_mailboxes: int
    storage_mb: int
    max_storage_mb: int
    used_mb: float
    here: int = 0

    @property
    def free_mb(self) -> int:
        return max(0, self.max_storage_mb - self.storage_mb)


def room_of(account: Account, mail_domain: MailDomain | None = None) -> Room:
    """One query."""
    present = Mailbox.objects.present().of_account(account)
    totals = present.aggregate(
        n=Count("pk"),
        quota=Sum("quota_mb"),
        used=Sum("used_mb"),
        here=Count("pk", filter=Q(mail_domain=mail_domain)),
    )
    return Room(
        mailboxes=totals["n"],
        max_mailboxes=account.max_mailboxes,
        storage_mb=totals["quota"] or 0,
        max_storage_mb=account.storage_mb,
        used_mb=totals["used"] or 0,
        here=totals["here"],
    )


def _whole() -> QuerySet[Mailbox]:
    """With everything that a push needs."""
    rows: QuerySet[Mailbox] = Mailbox.objects.select_related("mail_domain__domain", "mail_domain__node")
    return rows


def mailbox_locked(mailbox: Mailbox, *, deleted: bool = False) -> Mailbox:
    """The row as it is now, locked until the transaction ends. Raises Refused when it is gone meanwhile."""
    found = (
        _whole().filter(pk=mailbox.pk, deleted_at__isnull=not deleted).select_for_update(of=("self",)).first()
    )
    if found is None:
        text = _("%(address)s is not deleted.") if deleted else _("%(address)s was deleted meanwhile.")
        raise Refused(text % {"address": mailbox.address})
    return found


def mailboxes_locked(mailboxes: Iterable[Mailbox]) -> list[Mailbox]:
    """Those that are still there, locked in key order: two bulk changes never block each other."""
    wanted = [mailbox.pk for mailbox in mailboxes]
    rows = _whole().filter(pk__in=wanted, deleted_at__isnull=True).order_by("pk")
    return list(rows.select_for_update(of=("self",)))


def deleted_of(mail_domain: MailDomain) -> QuerySet[Mailbox]:
    """Deleted mailboxes whose mail is still kept, the newest first."""
    rows: QuerySet[Mailbox] = (
        Mailbox.objects.restorable().filter(mail_domain=mail_domain).order_by("-deleted_at", "-pk")
    )
    return rows


def dkim_unseen() -> QuerySet[DkimKey]:
    rows = DkimKey.objects.filter(seen_at__isnull=True).exclude(public_key="")
    return rows.select_related("mail_domain__domain").order_by("-created_at")


def zone_is_served(name: str) -> bool:
    """Whether our DNS servers are proven to serve the zone as it is wanted now."""
    key = f"{contract.Zone.KIND}/{name}"
    return statuses([key])[key].state == "live"
