"""Beat, the clock of the panel's own work: ``python -m panel.beat``. No Django, no command line parser: less
memory.

Any number of copies may run: whatever is due goes out once, from the copy that claims it in Redis. A claim
holds for one slot of the clock (from 12:00:00 to 12:00:15 for what is due every 15 seconds), and slots are
the same for all. What Redis forgets of it is sent once more: every task may run twice.
"""

import logging
import os
import signal
import time
from contextlib import suppress
from datetime import UTC, datetime
from types import FrameType
from typing import Any

import redis
from celery import Celery
from celery.beat import ScheduleEntry, Scheduler, Service

from delivery.schedule import BEAT as DELIVERY
from dnszone.schedule import BEAT as DNSZONE
from mailboxes.schedule import BEAT as MAILBOXES
from notices.schedule import BEAT as NOTICES
from panel import alive
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


class OnceScheduler(Scheduler):
    """Sends what is due unless another copy has."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.claims = alive.client(
            self.app.conf.broker_url, BROKER["broker_transport_options"]["socket_timeout"]
        )
        self.pulse = alive.Pulse(alive.BEAT)

    def apply_async(
        self, entry: ScheduleEntry, producer: Any = None, advance: bool = True, **kwargs: Any
    ) -> Any:
        """Without Redis nothing can be sent, either: let that say so. A claim that came to nothing is given
        up again."""
        key, seconds = slot(entry, time.time())
        with suppress(redis.RedisError):
            if not self.claims.set(key, b"1", nx=True, px=int(seconds * 1000)):
                return None
        try:
            return super().apply_async(entry, producer=producer, advance=advance, **kwargs)
        except Exception:
            with suppress(redis.RedisError):
                self.claims.delete(key)
            raise

    def tick(self, *args: Any, **kwargs: Any) -> Any:
        wait = super().tick(*args, **kwargs)
        if self.pulse.due():
            with suppress(redis.RedisError):
                self.pulse.beat(self.claims)
        return wait


def slot(entry: ScheduleEntry, now: float) -> tuple[str, float]:
    """The key that stands for this entry's slot at ``now``, and how many seconds the claim must hold: clocks
    of two machines may differ a little."""
    schedule: Any = entry.schedule
    every: float = schedule.run_every.total_seconds()
    return f"beat:{entry.name}:{int(now // every)}", every + 5


def _in_one_line(record: logging.LogRecord) -> bool:
    """While Redis is away there is a failure every two seconds: its reason is enough, a trace says no
    more."""
    record.exc_info = None
    return True


def main() -> None:
    """Run until SIGTERM or SIGINT. Without Redis it goes on trying."""
    logging.basicConfig(format="%(levelname)s %(name)s: %(message)s", level=logging.WARNING)
    logging.getLogger("celery.beat").addFilter(_in_one_line)
    service = Service(app, scheduler_cls=OnceScheduler)
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
