"""Track Delivery's own work in the background."""

from __future__ import annotations

from celery import shared_task

from delivery import services
from delivery.alerts.services import alerts_look
from delivery.schedule import TASK_FOLD_TRAFFIC, TASK_LOOK, TASK_PARTITIONS_AHEAD
from lib.alone import once


@shared_task(name=TASK_PARTITIONS_AHEAD, ignore_result=True)
@once(TASK_PARTITIONS_AHEAD)
def partitions_ahead() -> None:
    """Tomorrow's partitions are there before midnight's first line, and what nobody may read any more is
    gone."""
    services.partitions_ahead()
    services.partitions_drop()


@shared_task(name=TASK_FOLD_TRAFFIC, ignore_result=True)
@once(TASK_FOLD_TRAFFIC)
def fold_traffic() -> None:
    """Beat: the counts by the hour stay few rows to add up."""
    services.traffic_fold()


@shared_task(name=TASK_LOOK, ignore_result=True)
@once(TASK_LOOK)
def look() -> None:
    """Beat: what the numbers of the last hours say that a person should look at."""
    alerts_look()
