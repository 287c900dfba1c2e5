"""Beat, the clock of the panel's own work: ``python -m panel.beat``. No Django, no command line parser: less
memory.

Nothing is kept on disk: every interval is short, and what runs is idempotent.
"""

import logging
import os
import signal
from datetime import UTC, datetime
from types import FrameType
from typing import Any

from celery import Celery
from celery.beat import Scheduler, Service

from delivery.schedule import BEAT as DELIVERY
from dnszone.schedule import BEAT as DNSZONE
from mailboxes.schedule import BEAT as MAILBOXES
from notices.schedule import BEAT as NOTICES
from panel.schedule import BEAT as PANEL
from provision.schedule import BEAT as PROVISION
from provision.schedule import PANEL_QUEUE

BROKER: dict[str, Any] = {
    "task_serializer": "json",
    "accept_content": ["json"],
    "result_backend": None,
    "task_ignore_result": True,
    "task_publish_retry": False,
    "broker_connection_retry_on_startup": True,
    "broker_connection_max_retries": None,  # for ever: Redis may come back at any time
    # A form waits for the broker inside the request: connect and answer at once, or do without.
    "broker_connection_timeout": 0.5,
    "broker_transport_options": {
        "socket_connect_timeout": 0.5,
        "socket_timeout": 1.0,
        "retry_on_timeout": False,
        "max_retries": 0,
        "interval_start": 0,
        "priority_steps": [0],
        "visibility_timeout": 600,
    },
    "worker_enable_remote_control": False,
    "worker_send_task_events": False,
    "timezone": "UTC",
}

app = Celery("beat", broker=os.environ.get("CELERY_BROKER_URL", ""), fixups=[], set_as_current=False)
app.conf.update(
    BROKER,
    task_default_queue=PANEL_QUEUE,
    beat_scheduler="celery.beat:Scheduler",
    beat_schedule=PROVISION | DNSZONE | MAILBOXES | DELIVERY | NOTICES | PANEL,
    beat_max_loop_interval=5,
)


def _in_one_line(record: logging.LogRecord) -> bool:
    """While Redis is away there is a failure every two seconds: its reason is enough, a trace says no
    more."""
    record.exc_info = None
    return True


def main() -> None:
    """Run until SIGTERM or SIGINT. Without Redis it goes on trying."""
    logging.basicConfig(format="%(levelname)s %(name)s: %(message)s", level=logging.WARNING)
    logging.getLogger("celery.beat").addFilter(_in_one_line)
    service = Service(app, scheduler_cls=Scheduler)
    for (
        entry
    ) in service.scheduler.schedule.values():  # all at once after a start, not after their first interval
        entry.last_run_at = datetime(2020, 1, 1, tzinfo=UTC)

    def stop(number: int, frame: FrameType | None) -> None:
        service.stop()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    service.start()


if __name__ == "__main__":
    main()
