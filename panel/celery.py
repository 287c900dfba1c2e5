"""The panel's Celery application. Correctness never hangs on the broker: see provision."""

import os

from celery import Celery

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
)
app.autodiscover_tasks()
