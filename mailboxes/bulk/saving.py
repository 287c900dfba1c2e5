"""From checked rows to mailboxes: one transaction however many, so a worker killed in the middle has done
nothing, and the next one does it."""

from __future__ import annotations

import logging

from django.db import connection, transaction
from django.db.models import Count, F, Max, Q, Sum
from django.utils import timezone

from accounts import limits
from accounts.access import Right, guard, protects_domain
from accounts.models import Account
from accounts.services import account_lock
from lib import languages
from lib.errors import Denied, Refused
from lib.history import acting
from lib.said import gettext as _
from mailboxes.bulk.making import make
from mailboxes.bulk.standing import suspended_rows, taken_since
from mailboxes.models import BulkImport, BulkPart, BulkRow, MailDomain
from mailboxes.models.bulk import ROWS_FOR, SEALED_FOR, SILENT_FOR
from mailboxes.schedule import TASK_BULK_SAVE
from mailboxes.services.limits import size_check
from mailboxes.services.rights import domain_allowed
from mailboxes.welcome import welcome_send
from provision import broker
from provision.schedule import PANEL_QUEUE

logger = logging.getLogger(__name__)

_THERE = """
    UPDATE mailboxes_bulkrow AS row SET state = 'there', password_hash = ''
    WHERE row.bulk_id = %s AND row.state = 'good' AND EXISTS (
        SELECT FROM mailboxes_mailbox AS box WHERE box.address = row.address AND box.deleted_at IS NULL)
"""


def saving_ask() -> None:
    """Wake a worker; with the broker away Beat does."""
    try:
        broker.send(TASK_BULK_SAVE, PANEL_QUEUE)
    except broker.BrokerAway:
        logger.info("confirmed imports wait for the next beat")


def bulk_due() -> list[int]:
    """Confirmed, and every password is hashed. The smallest first."""
    rows = BulkImport.objects.filter(state=BulkImport.State.CONFIRMED, hashed__gte=F("hashes"))
    return list(rows.order_by("good", "pk").values_list("pk", flat=True))


def bulk_save_due() -> None:
    """Each in a transaction of its own. What stands in the way of one is said there."""
    for pk in bulk_due():
        try:
            _save(pk)
        except (Refused, Denied) as refused:
            BulkImport.objects.filter(pk=pk, state=BulkImport.State.CONFIRMED).update(
                state=BulkImport.State.CHECKED, mode="", trouble=refused.message
            )


def _save(pk: int) -> None:
    bulk = BulkImport.objects.select_related("who").get(pk=pk)
    spoken = languages.reading(bulk.who.language if bulk.who else "")
    with acting(bulk.who, "import of mailboxes"), spoken:
        bulk_save(pk)


@transaction.atomic
def bulk_save(pk: int) -> int:
    """Make the mailboxes of one confirmed import; how many. Whoever comes second makes none. Raises Refused
    or Denied, and then none is made."""
    # While one worker saves, the others go on with what else there is: they do not wait for its row.
    rows = BulkImport.objects.select_for_update(of=("self",), skip_locked=True).select_related(
        "who", "mail_domain__domain__account__reseller"
    )
    bulk = rows.filter(pk=pk, state=BulkImport.State.CONFIRMED, hashed__gte=F("hashes")).first()
    if bulk is None:
        return 0
    if bulk.who is None:
        raise Refused(_("Who asked for this import is no longer here."))
    account = account_lock(bulk.mail_domain.domain.account)
    domains = _domains(bulk, account)
    with connection.cursor() as cursor:
        cursor.execute(_THERE, [pk])
    bulk.bad += taken_since(bulk)
    _room_check(bulk, account)
    made = make(bulk, domains)
    suspended_rows(bulk)
    for row in bulk.lines.filter(state=BulkRow.State.GOOD).exclude(welcome=""):
        assert row.mail_domain_id is not None  # noqa: S101 - the database says it of good rows
        welcome_send(mailbox_address=row.address, domain=domains[row.mail_domain_id].domain, to=row.welcome)
    bulk.lines.filter(state=BulkRow.State.GOOD).update(state=BulkRow.State.SAVED, password_hash="")
    counted = bulk.lines.aggregate(there=Count("pk", filter=Q(state=BulkRow.State.THERE)))
    bulk.state, bulk.saved, bulk.there, bulk.good = BulkImport.State.SAVED, made, counted["there"], made
    bulk.saved_at, bulk.trouble = timezone.now(), ""
    bulk.save(update_fields=["state", "saved", "there", "good", "bad", "saved_at", "trouble"])
    return made


def _domains(bulk: BulkImport, account: Account) -> dict[int, MailDomain]:
    """The domains of the rows, each still the account's, and this person's to make mailboxes in."""
    keys = bulk.lines.filter(state=BulkRow.State.GOOD).values("mail_domain_id").distinct()
    found = {}
    for mail_domain in MailDomain.objects.select_related("domain", "node").filter(pk__in=keys):
        domain = mail_domain.domain
        if domain.account_id != account.pk:
            raise Refused(_("%(domain)s is no longer in this account.") % {"domain": domain.display_name})
        domain.account = account
        addresses: list[str] = []
        if protects_domain(bulk.who, domain):
            here = bulk.lines.filter(state=BulkRow.State.GOOD, mail_domain=mail_domain)
            addresses = list(here.values_list("address", flat=True))
            guard(bulk.who, addresses, account)
        domain_allowed(bulk.who, Right.MAKE, domain, addresses)
        found[mail_domain.pk] = mail_domain
    return found


def _room_check(bulk: BulkImport, account: Account) -> None:
    """Raises Refused when something of it lacks its hash, or does not fit."""
    rows = bulk.lines.filter(state=BulkRow.State.GOOD)
    if bulk.mode == BulkImport.Mode.ALL and bulk.lines.filter(state=BulkRow.State.BAD).exists():
        raise Refused(_("Some rows are bad, so nothing was made. Put them right, or take the good ones."))
    if rows.filter(password_hash="").exists():
        raise Refused(_("Not every password was read to its end. Bring the file once more."))
    asked = rows.aggregate(count=Count("pk"), mb=Sum("quota_mb"), largest=Max("quota_mb"))
    if asked["count"]:
        limits.check(account, "max_mailboxes", more=asked["count"])
        limits.check(account, "storage_mb", more=int(asked["mb"]))
        size_check(account, asked["largest"])


def bulk_tidy() -> None:
    """Readers that died, files nobody told the columns of, rows nobody needs any more."""
    now, states = timezone.now(), BulkImport.State
    silent = BulkImport.objects.filter(beat_at__lt=now - SILENT_FOR)
    gone = _("The program that read this file was ended before it was done. Bring the file once more.")
    dead = silent.filter(
        Q(state=states.READING) | Q(state__in=[states.CHECKED, states.CONFIRMED], hashed__lt=F("hashes"))
    )
    for pk in dead.values_list("pk", flat=True):
        BulkImport.objects.filter(pk=pk).update(state=states.STOPPED, trouble=gone)
        BulkPart.objects.filter(bulk=pk).delete()
        BulkRow.objects.filter(bulk=pk).update(password_hash="")
    BulkImport.objects.filter(state=states.UPLOADED, created_at__lt=now - SEALED_FOR).delete()
    for pk in BulkImport.objects.filter(created_at__lt=now - ROWS_FOR).values_list("pk", flat=True):
        BulkRow.objects.filter(bulk=pk)._raw_delete("default")
        BulkImport.objects.filter(pk=pk).delete()
