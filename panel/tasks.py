"""The panel's own work in the background."""

from __future__ import annotations

import logging
from typing import Any

from celery import shared_task
from django.utils import timezone

from accounts.domains import claims
from accounts.signin import sessions as signing_in
from guides.changed.looking import look_at_all as settings_look
from guides.changed.telling import tell_due
from guides.checklist.course import scores_note
from guides.watching.told import attempts_forget
from lib.alone import alone, once
from lib.history import acting
from panel import fullness, nearing, notify, proving
from panel.branding import hosts
from panel.clients.purge import accounts_purge
from panel.compromise import detecting
from panel.schedule import (
    TASK_ATTEMPTS,
    TASK_BRAND_HOSTS,
    TASK_COMPROMISE,
    TASK_FULLNESS,
    TASK_LIMITS,
    TASK_LOOK,
    TASK_PURGE,
    TASK_SCORES,
    TASK_SETTINGS_CHANGED,
    TASK_SIGN_INS,
)

logger = logging.getLogger(__name__)


@shared_task(name=TASK_LOOK, ignore_result=True)
def claims_look() -> None:
    """Beat, and whoever presses "Look now": the domains that wait for proof and are due."""
    with acting(None, f"task {TASK_LOOK}"):
        if expired := claims.claims_expire(now=timezone.now()):
            logger.info("%d domains that nobody proved wait no longer", expired)
        if proved := proving.look_at_all():
            logger.info("%d domains were proved", proved)


@shared_task(name=TASK_PURGE, ignore_result=True)
@once(TASK_PURGE)
def purge() -> None:
    """Beat: the accounts that were deleted and kept long enough."""
    with acting(None, f"task {TASK_PURGE}"):
        accounts_purge(now=timezone.now())


@shared_task(bind=True, name=TASK_BRAND_HOSTS, ignore_result=True, max_retries=20)
def brand_hosts(self: Any) -> None:
    """Beat, and whoever saves a brand, and waits for it: do its host names lead to us. While somebody looks
    already: soon again, as that look may have passed by what was saved."""
    with alone(TASK_BRAND_HOSTS) as mine:
        if mine:
            with acting(None, f"task {TASK_BRAND_HOSTS}"):
                hosts.look_at_all()
            return
    raise self.retry(countdown=3)


@shared_task(name=TASK_LIMITS, ignore_result=True)
@once(TASK_LIMITS)
def limits_near() -> None:
    """Beat: who is near a limit and was not told yet."""
    nearing.look_at_all()


@shared_task(name=TASK_COMPROMISE, ignore_result=True)
@once(TASK_COMPROMISE)
def compromise_look() -> None:
    """Beat: who seems to be used by somebody else is stopped from sending."""
    with acting(None, f"task {TASK_COMPROMISE}"):
        detecting.look()


@shared_task(name=TASK_SIGN_INS, ignore_result=True)
@once(TASK_SIGN_INS)
def sign_ins_tidy() -> None:
    """Beat: sessions that have ended, tries that are forgotten."""
    signing_in.tidy()


@shared_task(name=TASK_FULLNESS, ignore_result=True)
@once(TASK_FULLNESS)
def mailboxes_full() -> None:
    """Beat: mailboxes that are nearly full and whose people were not told yet."""
    fullness.look_at_all()


@shared_task(name=TASK_ATTEMPTS, ignore_result=True)
@once(TASK_ATTEMPTS)
def attempts() -> None:
    """Beat: connections that no guide looks for any more."""
    attempts_forget()


@shared_task(name=TASK_SETTINGS_CHANGED, ignore_result=True)
@once(TASK_SETTINGS_CHANGED)
def settings_changed() -> None:
    """Beat: what mail programs are told is another, and who must hear of it."""
    settings_look()
    tell_due(notify.leaders)


@shared_task(name=TASK_SCORES, ignore_result=True)
@once(TASK_SCORES)
def scores() -> None:
    """Beat: the scores of domains that have none of today yet."""
    scores_note()
