"""The panel's Celery application. Correctness never hangs on the broker: see provision."""

import os
from typing import Any

from celery import Celery
from celery.signals import task_postrun, task_prerun
from django.db import close_old_connections

from nodeagent.contract import TASK_REPORT
from panel.beat import BROKER
from provision.schedule import PANEL_QUEUE

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "panel.settings")

app = Celery("panel", task_cls="panel.tasking:PanelTask")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.conf.update(
    BROKER,
    task_default_queue=PANEL_QUEUE,
    task_routes={
        TASK_REPORT: {"queue": PANEL_QUEUE}
    },  # nodes name their own report queue; this is for calls by hand
    task_create_missing_queues=True,
    # A task in the middle of which the worker dies comes back; each of ours may run twice.
    task_acks_late=True,
    worker_prefetch_multiplier=2,
    # One process: the work is waiting for PostgreSQL, and memory is counted.
    worker_pool="threads",
    worker_concurrency=4,
    worker_hijack_root_logger=False,
    # Celery would open a connection to the database for each task and close it again: five milliseconds of
    # every edit. tidy() keeps them as Django does between requests.
    CELERY_DB_REUSE_MAX=2**60,
)
app.autodiscover_tasks()


@task_prerun.connect
@task_postrun.connect
def tidy(sender: Any, **_signal: Any) -> None:
    """Let go of a connection that is broken (the database restarted) or old (CONN_MAX_AGE)."""
    if not sender.request.is_eager:
        close_old_connections()
