"""What every task of the panel's worker is made from."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from celery import Task
from kombu.exceptions import OperationalError
from redis import RedisError

from lib.history import acting
from panel import alive

if TYPE_CHECKING:
    _Task = Task[Any, Any]
else:  # celery's own class takes no parameters
    _Task = Task

logger = logging.getLogger(__name__)

_pulse = alive.Pulse(alive.WORKER)


class PanelTask(_Task):
    """What a task changes is kept as the panel's own work, under the task's name; one that works for a
    person says so with lib.history.acting inside.

    Any of them may be started twice at once, in two workers: it either shares its work by rows (SELECT … FOR
    UPDATE SKIP LOCKED), or lets the second one do nothing (lib.alone)."""

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        with acting(None, f"task {self.name}"):
            return super().__call__(*args, **kwargs)

    def after_return(self, *args: Any, **kwargs: Any) -> None:
        """For ``python -m panel.alive worker``: this one does its work."""
        if self.request.is_eager or not _pulse.due():
            return
        try:
            with self.app.connection_for_write() as connection:
                channel: Any = connection.default_channel
                _pulse.beat(channel.client)
        except (OperationalError, RedisError) as error:
            logger.info("the broker is away: %s", error)
