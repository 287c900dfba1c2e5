"""What the panel's worker does for the outbox. Every task may run twice, late, or not at all."""

from __future__ import annotations

from celery import shared_task

from lib.alone import once
from notices import services
from notices.schedule import TASK_SEND, TASK_TIDY


@shared_task(name=TASK_SEND, ignore_result=True)
def send() -> None:
    services.notices_deliver()


@shared_task(name=TASK_TIDY, ignore_result=True)
@once(TASK_TIDY)
def tidy() -> None:
    services.notices_tidy()
