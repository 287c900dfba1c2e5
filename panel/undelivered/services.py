"""Notices about undelivered mail, for the mailboxes here that sent it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.access import Right, domains_where
from accounts.branding.select import brand_of, panel_url_for
from accounts.models import Domain
from delivery.explain import explain
from delivery.models import Entry, NoticeAgain
from delivery.views.rows import can_pick, subject_of
from lib.dates import written
from lib.errors import Refused
from mailboxes.models import Mailbox
from notices.kinds import Kind
from notices.services import notice_send

MOST = 100
EVERY = timedelta(hours=1)
# address, subject, at, why, what, todo (all words); url
UNDELIVERED = Kind(
    name="undelivered",
    label=gettext_lazy("A mail was not delivered"),
    subject=lambda context: _("Not delivered: %(subject)s") % context,
)
NOT_FAILED = gettext_lazy("not a mail that was sent from here and failed")
NO_MAILBOX = gettext_lazy("its sender has no mailbox in this domain")
JUST_TOLD = gettext_lazy("its sender was told less than an hour ago")
NOT_YOURS = gettext_lazy("you may not send notices for its domain")


@dataclass(slots=True)
class Told:
    """``skipped``: why, and how many."""

    sent: int = 0
    skipped: dict[str | Promise, int] = field(default_factory=dict)

    def skip(self, why: str | Promise) -> None:
        self.skipped[why] = self.skipped.get(why, 0) + 1


@transaction.atomic
def notices_again(*, actor: Any, domain: Domain | None, keys: Sequence[int]) -> Told:
    """The senders of these rows hear once more what was not delivered. Rows that the person does not see
    count for nothing; of others that are left out it says why."""
    if len(keys) > MOST:
        raise Refused(_("At most %(n)s at once. Choose fewer.") % {"n": MOST})
    rows = Entry.objects.visible_to(actor).filter(pk__in=keys).defer("words")
    rows = rows.filter(domain_id=domain.pk) if domain else rows
    found = list(rows.order_by("pk"))
    # Locked, so that two people who click at once tell each sender once.
    mine = domains_where(actor, Right.MANAGE).select_related("account__reseller")
    mine = mine.filter(pk__in={row.domain_id for row in found if row.domain_id is not None}).order_by("pk")
    domains = {one.pk: one for one in mine.select_for_update(of=("self",), no_key=True)}
    since = timezone.now() - EVERY
    lately = set(
        NoticeAgain.objects.filter(entry_id__in=keys, at__gt=since).values_list("entry_id", flat=True)
    )
    boxes = _mailboxes(found)
    told = Told()
    for row in found:
        of = domains.get(row.domain_id or 0)
        why = _why_not(row, of, boxes, lately)
        if why or of is None:
            told.skip(why)
        else:
            _tell(row, of, _sender(row))
            told.sent += 1
    return told


def _sender(row: Entry) -> str:
    return (row.login or row.sender or "").lower()


def _mailboxes(rows: Collection[Entry]) -> dict[str, int]:
    """Senders that are mailboxes, and their domains."""
    here = Mailbox.objects.filter(address__in={_sender(row) for row in rows}, deleted_at__isnull=True)
    return dict(here.values_list("address", "mail_domain__domain_id"))


def _why_not(row: Entry, domain: Domain | None, boxes: dict[str, int], lately: set[int]) -> str | Promise:
    if not can_pick(row):
        return NOT_FAILED
    if domain is None:
        return NOT_YOURS
    if boxes.get(_sender(row)) != row.domain_id:
        return NO_MAILBOX
    return JUST_TOLD if row.pk in lately else ""


def _tell(row: Entry, domain: Domain, sender: str) -> None:
    address, url = row.via or row.address, f"{panel_url_for(domain.account)}{reverse('own-deliveries')}"

    def context() -> dict[str, Any]:
        outcome = explain(row)
        return {
            "address": address,
            "subject": subject_of(row),
            "at": written(timezone.localtime(row.at), "j F Y, H:i"),
            "why": str(outcome.why),
            "what": str(outcome.what),
            "todo": str(outcome.todo),
            "url": url,
        }

    NoticeAgain.objects.create(entry_id=row.pk, domain_id=domain.pk, told=sender, address=address)
    notice_send(
        kind=UNDELIVERED.name,
        to=sender,
        context=context,
        brand=brand_of(domain.account),
    )
