"""Asking resolvers for signing keys that are published but not seen yet, and for MX records; sending away
mail that was kept long enough."""

from __future__ import annotations

import logging
import re
from typing import Any

from celery import shared_task
from django.utils import timezone

from lib import resolver
from lib.alone import once
from lib.history import acting
from mailboxes.addresses.provider import providers_settle
from mailboxes.archives.services import archives_expire
from mailboxes.bulk import saving
from mailboxes.jobs.services import jobs_forget
from mailboxes.models import DkimKey
from mailboxes.routing import looking
from mailboxes.routing.services import moves_end
from mailboxes.schedule import (
    TASK_BULK_SAVE,
    TASK_BULK_TIDY,
    TASK_DKIM_LOOK,
    TASK_DKIM_LOOK_ALL,
    TASK_FOLD_TALLIES,
    TASK_JOBS_CLEAR,
    TASK_REMOVE_MAIL,
    TASK_ROUTING_LOOK,
    TASK_ROUTING_LOOK_DUE,
    TASK_STORAGE_DAYS,
)
from mailboxes.selectors import dkim_unseen, zone_is_served
from mailboxes.services import dkim_seen, homes_remove, tallies_fold
from mailboxes.services.usage import storage_days_keep

logger = logging.getLogger(__name__)

# Seconds between two looks: the zone is usually served well within the first second. After these, Beat asks.
PATIENCE = (0.2, 0.3, 0.5, 0.5, 1, 1, 2, 4, 8)
AT_ONCE = 200


@shared_task(bind=True, name=TASK_DKIM_LOOK, ignore_result=True, max_retries=len(PATIENCE))
def dkim_look(self: Any, pk: int) -> None:
    """Look for one key, soon again while it is not there."""
    key = DkimKey.objects.select_related("mail_domain__domain").filter(pk=pk, seen_at__isnull=True).first()
    if key and not look(key) and self.request.retries < len(PATIENCE):
        raise self.retry(countdown=PATIENCE[self.request.retries])


@shared_task(name=TASK_DKIM_LOOK_ALL, ignore_result=True)
@once(TASK_DKIM_LOOK_ALL)
def dkim_look_all() -> None:
    """Beat: the newest first, those nobody delegated to us yet must not hold up the others."""
    for key in dkim_unseen()[:AT_ONCE]:
        look(key)


def look(key: DkimKey) -> bool:
    """Whether resolvers show this key. Asked only when our own servers have it: a name asked for too early is
    remembered as missing (RFC 2308), and signing would start late."""
    if not zone_is_served(key.signs_for):
        return False
    try:
        found = resolver.lookup(f"{key.selector}._domainkey.{key.signs_for}", "TXT")
    except resolver.ResolverAway as away:
        logger.info("asked again later: %s", away)
        return False
    with acting(None, "task mailboxes.dkim_look"):
        return any(dkim_seen(key=key, public_key=public_key_of(text)) for text in found)


def public_key_of(txt: str) -> str:
    """The ``p=`` tag of a key record (RFC 6376 §3.6.1), without white space; or empty."""
    tags = {name.strip(): value for name, _equals, value in (part.partition("=") for part in txt.split(";"))}
    return re.sub(r"\s+", "", tags.get("p", ""))


@shared_task(name=TASK_REMOVE_MAIL, ignore_result=True)
@once(TASK_REMOVE_MAIL)
def remove_mail() -> None:
    """Beat: all that is due, a bounded number in each transaction."""
    now = timezone.now()
    while removed := homes_remove(now=now):
        logger.info("the mail of %d deleted mailboxes goes for good", removed)


@shared_task(name=TASK_JOBS_CLEAR, ignore_result=True)
@once(TASK_JOBS_CLEAR)
def jobs_clear() -> None:
    """Beat: archives go after a week, sealed passwords of imports after two."""
    archives_expire()
    jobs_forget()


@shared_task(name=TASK_FOLD_TALLIES, ignore_result=True)
@once(TASK_FOLD_TALLIES)
def fold_tallies() -> None:
    """Beat: the counts of mailboxes stay few rows to add up, and the provider's own addresses lead to whoever
    is there."""
    tallies_fold()
    with acting(None, f"task {TASK_FOLD_TALLIES}"):
        providers_settle()


@shared_task(bind=True, name=TASK_ROUTING_LOOK, ignore_result=True, max_retries=len(PATIENCE))
def routing_look(self: Any, pk: int) -> None:
    """Look at the MX of one domain, as soon as our name servers have its zone as it is now."""
    if not looking.look_at_one(pk) and self.request.retries < len(PATIENCE):
        raise self.retry(countdown=PATIENCE[self.request.retries])


@shared_task(name=TASK_ROUTING_LOOK_DUE, ignore_result=True)
@once(TASK_ROUTING_LOOK_DUE)
def routing_look_due() -> None:
    """Beat: a bounded time; what is left is still due."""
    with acting(None, "task mailboxes.routing_look_due"):
        moves_end(now=timezone.now())
    looking.look_at_due()


@shared_task(name=TASK_BULK_SAVE, ignore_result=True)
def bulk_save() -> None:
    """Imports that are confirmed and have all their hashes. May run any number of times."""
    saving.bulk_save_due()


@shared_task(name=TASK_BULK_TIDY, ignore_result=True)
@once(TASK_BULK_TIDY)
def bulk_tidy() -> None:
    """Beat: what readers that died and people who went away left behind."""
    saving.bulk_tidy()


@shared_task(name=TASK_STORAGE_DAYS, ignore_result=True)
@once(TASK_STORAGE_DAYS)
def storage_days() -> None:
    """Beat: what domains hold today, and no more days than are kept."""
    storage_days_keep()
