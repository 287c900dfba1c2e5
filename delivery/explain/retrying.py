"""When Postfix tries again, and when it gives up. Pure.

Source: qmgr(8), postconf(5), and Postfix 3.7's src/qmgr/qmgr_active.c (qmgr_active_done_3_generic): after a
try that failed for now, a mail sleeps as long as it has been in the queue by then, at least
minimal_backoff_time and at most maximal_backoff_time. The queue is looked through every queue_run_delay, so
it may take that much longer. It is given up after the first try that comes later than maximal_queue_lifetime
after its arrival."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

# Postfix's defaults, which deploy/postfix/main.cf leaves as they are.
MINIMAL_BACKOFF = timedelta(seconds=300)
MAXIMAL_BACKOFF = timedelta(seconds=4000)
QUEUE_RUN = timedelta(seconds=300)
LIFETIME = timedelta(days=5)


@dataclass(frozen=True, slots=True)
class Retry:
    """The next try comes between ``earliest`` and ``latest``, unless the server is very busy or somebody asks
    for it sooner. ``gives_up``: a try after this moment is the last. ``last``: the next one is."""

    earliest: datetime
    latest: datetime
    gives_up: datetime

    @property
    def last(self) -> bool:
        return self.latest > self.gives_up


def next_try(first_at: datetime, last_attempt_at: datetime | None, attempts: int) -> Retry:
    """``first_at``: when the mail came into the queue, ``last_attempt_at``: the end of the latest try, if
    there was one. All with a time zone."""
    if last_attempt_at is None or attempts <= 0:
        return Retry(first_at, first_at + QUEUE_RUN, first_at + LIFETIME)
    slept = min(max(last_attempt_at - first_at, MINIMAL_BACKOFF), MAXIMAL_BACKOFF)
    earliest = last_attempt_at + slept
    return Retry(earliest, earliest + QUEUE_RUN, first_at + LIFETIME)
