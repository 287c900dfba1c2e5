"""The way to Redis, made so that a dead or hung one costs a person at most a second, once."""

from __future__ import annotations

import contextlib
import logging
import time
from collections.abc import Iterator
from typing import Any

from amqp.exceptions import ChannelError
from celery import current_app
from kombu.exceptions import OperationalError

logger = logging.getLogger(__name__)

BREATHER = 2.0
"""Seconds in which nobody tries again after the broker did not answer: the sweep sends what waits."""

_away_until = 0.0


class BrokerAway(Exception):
    """The message was not taken. Nothing is lost: the row is due again and the sweep finds it."""


@contextlib.contextmanager
def _reached(queue: str) -> Iterator[None]:
    """Says BrokerAway when the broker does not answer, and at once while it did not a moment ago."""
    global _away_until  # noqa: PLW0603 - one breaker for the process; a race costs one more try
    if time.monotonic() < _away_until:
        raise BrokerAway
    try:
        yield
    except OperationalError as error:
        _away_until = time.monotonic() + BREATHER
        logger.warning("the broker does not answer, %s waits for the sweep: %s", queue, error)
        raise BrokerAway from error


def send(task: str, queue: str, argument: Any = None, *, expires: float | None = None) -> None:
    """Hand one task to a queue. ``expires``: seconds after which nobody need run it. Raises BrokerAway."""
    with _reached(queue):
        current_app.send_task(
            task,
            args=() if argument is None else (argument,),
            queue=queue,
            expires=expires,
            retry=False,
            argsrepr="",  # else Celery describes the states in a header, for logs: hashes do not belong there
        )


def waiting(queue: str) -> int:
    """How many messages wait in a queue. Raises BrokerAway."""
    # One of the connections that messages are sent over: a new one costs ten times the question.
    with _reached(queue), current_app.producer_pool.acquire(block=True) as producer:
        channel: Any = producer.channel
        errors = channel.connection.client.connection_errors
        try:
            return int(channel.queue_declare(queue=queue, passive=True).message_count)
        except ChannelError:  # the queue is not there, so it is empty
            return 0
        except errors as error:
            raise OperationalError(str(error)) from error
