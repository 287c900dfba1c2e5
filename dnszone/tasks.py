"""What the panel's worker does for zones. Every task may run twice, late, or not at all."""

from __future__ import annotations

import logging

from celery import shared_task

from dnszone.blueprints import rollouts
from dnszone.dnssec import live
from dnszone.dnssec import services as dnssec
from dnszone.models import Zone
from dnszone.schedule import (
    TASK_DNSSEC_LOOK,
    TASK_DNSSEC_SETTLE,
    TASK_PLACES,
    TASK_ROLLOUTS,
    TASK_SECONDARIES,
)
from dnszone.secondaries import services as secondaries
from dnszone.whereis import services as whereis
from lib.alone import once
from lib.history import acting

logger = logging.getLogger(__name__)


@shared_task(name=TASK_PLACES, ignore_result=True)
@once(TASK_PLACES)
def places_look() -> None:
    """Beat: where the DNS of the zones is that are due."""
    if looked := whereis.look_at_all():
        logger.info("looked where the DNS of %d zones is", looked)


@shared_task(name=TASK_SECONDARIES, ignore_result=True)
@once(TASK_SECONDARIES)
def secondaries_look() -> None:
    """Beat: whether secondary name servers have the zones as they are."""
    secondaries.look_at_all()


@shared_task(name=TASK_ROLLOUTS, ignore_result=True)
def rollouts_go_on() -> None:
    """Beat, and whoever applies a template to many zones."""
    with acting(None, f"task {TASK_ROLLOUTS}"):
        left = rollouts.rollouts_go_on()
    if left:
        rollouts.rollout_soon()


@shared_task(name=TASK_DNSSEC_LOOK, ignore_result=True)
@once(TASK_DNSSEC_LOOK)
def dnssec_look() -> None:
    """Beat: what the zones above say of the signed zones that are due."""
    if looked := live.look_at_all():
        logger.info("looked at the DS records of %d zones", looked)


@shared_task(name=TASK_DNSSEC_SETTLE, ignore_result=True)
def dnssec_settle(pk: int) -> None:
    """After a name server reported a new key."""
    zone = Zone.objects.filter(pk=pk).first()
    if zone is not None:
        dnssec.signing_settle(zone=zone)
