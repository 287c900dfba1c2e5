"""What can be asked about mailboxes."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from django.db.models import BigIntegerField, OuterRef, Q, QuerySet, Subquery, Sum, Value
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from accounts.limits import most_of
from accounts.models import Account
from lib.errors import Refused
from mailboxes.models import DkimKey, Mailbox, MailDomain, TallyPart
from nodeagent import contract
from provision.selectors import statuses

BYTES_PER_MB = 1_048_576
_SUMS = ("boxes", "quota_mb", "used_bytes", "messages", "full_boxes", "suspended_boxes")


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """Mailboxes and storage (MB) of one account: given out, and the limit (a reseller's: what its clients
    leave); ``used_mb``: what nodes measured; ``mailbox_mb``: the most that one mailbox may hold. ``here``:
    mailboxes of the one domain that was asked about."""

    mailboxes: int
    max_mailboxes: int
    storage_mb: int
    max_storage_mb: int
    used_mb: float
    mailbox_mb: int
    here: int = 0

    @property
    def free_mb(self) -> int:
        return max(0, self.max_storage_mb - self.storage_mb)

    @property
    def largest_mb(self) -> int:
        """The largest mailbox that fits now."""
        return min(self.free_mb, self.mailbox_mb)


def room_of(account: Account, mail_domain: MailDomain | None = None) -> Room:
    """One query, two more for a reseller. Whoever holds account_lock reads what all others before it have
    given out, to the last."""
    parts = TallyPart.objects.filter(mail_domain__domain__account=account)
    here = Q(mail_domain=mail_domain)
    totals = parts.aggregate(
        n=Sum("boxes"), quota=Sum("quota_mb"), used=Sum("used_bytes"), here=Sum("boxes", filter=here)
    )
    return Room(
        mailboxes=totals["n"] or 0,
        max_mailboxes=most_of(account, "max_mailboxes"),
        storage_mb=int(totals["quota"] or 0),
        max_storage_mb=most_of(account, "storage_mb"),
        mailbox_mb=account.mailbox_mb,
        used_mb=float(totals["used"] or 0) / BYTES_PER_MB,
        here=totals["here"] or 0,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """What is there now: mailboxes that are not deleted, their quotas and what nodes measured in them.
    ``full`` and ``suspended``: how many of them are."""

    mailboxes: int = 0
    quota_mb: int = 0
    used_mb: float = 0.0
    messages: int = 0
    full: int = 0
    suspended: int = 0


def tallies(account_ids: Collection[int]) -> dict[int, Tally]:
    """Account id → what its own domains hold, clients' not included; every id asked for is there. One
    query."""
    parts = TallyPart.objects.filter(mail_domain__domain__account__in=account_ids)
    return dict.fromkeys(account_ids, Tally()) | _tallies(parts, "mail_domain__domain__account")


def domain_tallies(domain_ids: Collection[int]) -> dict[int, Tally]:
    """The same for domains, by their ids."""
    parts = TallyPart.objects.filter(mail_domain__domain__in=domain_ids)
    return dict.fromkeys(domain_ids, Tally()) | _tallies(parts, "mail_domain__domain")


def _tallies(parts: QuerySet[TallyPart], by: str) -> dict[int, Tally]:
    rows = parts.order_by().values_list(by).annotate(*(Sum(name) for name in _SUMS))
    return {
        key: Tally(
            mailboxes=boxes,
            quota_mb=int(quota),
            used_mb=float(used) / BYTES_PER_MB,
            messages=int(messages),
            full=full,
            suspended=suspended,
        )
        for key, boxes, quota, used, messages, full, suspended in rows
    }


def tallied(field: str, *, account: str = "", mail_domain: str = "") -> Coalesce:
    """``field`` of TallyPart summed up for the account, or the mail domain, whose id an outer query calls so:
    ``annotate(n=tallied("boxes", account="pk"))``, to sort and filter by."""
    by = "mail_domain__domain__account" if account else "mail_domain"
    parts = TallyPart.objects.filter(**{by: OuterRef(account or mail_domain)}).order_by().values(by)
    whole = parts.annotate(whole=Sum(field)).values("whole")
    return Coalesce(Subquery(whole, output_field=BigIntegerField()), Value(0))


def _whole() -> QuerySet[Mailbox]:
    """With everything that a push needs."""
    rows: QuerySet[Mailbox] = Mailbox.objects.select_related(
        "mail_domain__domain__account__reseller", "mail_domain__node"
    )
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
