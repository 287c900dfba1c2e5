"""Parts of counts made one again, and old ones dropped."""

from __future__ import annotations

from datetime import timedelta

from django.db import connection, transaction
from django.utils import timezone

from delivery.models import DestinationPart, Flood, TrafficPart

_ONE_AT_A_TIME = 0x74726166  # key of the advisory lock
_OVER = timedelta(days=2)  # no line comes so late that a flood is still counted
_FOLD = """
    WITH several AS (
        SELECT {keys} FROM {table} GROUP BY {keys} HAVING count(*) > 1),
    gone AS (
        DELETE FROM {table} AS part USING several AS s
        WHERE {same}
        RETURNING part.*)
    INSERT INTO {table} ({keys}, {sums})
    SELECT {keys}, {summed} FROM gone GROUP BY {keys} HAVING {any}
"""


def _fold(table: str, keys: tuple[str, ...], sums: tuple[str, ...]) -> str:
    """All names are constants of this file."""
    return _FOLD.format(
        table=table,
        keys=", ".join(keys),
        sums=", ".join(sums),
        summed=", ".join(f"sum({name})" for name in sums),
        same=" AND ".join(f"part.{key} IS NOT DISTINCT FROM s.{key}" for key in keys),
        any=" OR ".join(f"sum({name}) <> 0" for name in sums),
    )


_TRAFFIC = _fold(
    "delivery_trafficpart",
    ("hour", "domain_id", "peer_domain_id", "direction", "status", "cause"),
    ("entries", "bytes"),
)
_DESTINATIONS = _fold(
    "delivery_destinationpart",
    ("day", "domain_id", "destination"),
    ("mails", "delivered", "deferred", "failed", "delay"),
)


@transaction.atomic
def traffic_fold() -> int:
    """How many parts there are instead of several; 0 too when somebody else is at it."""
    now = timezone.now()
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [_ONE_AT_A_TIME])
        if not cursor.fetchone()[0]:
            return 0
        TrafficPart.objects.filter(hour__lt=now - TrafficPart.KEPT).delete()
        DestinationPart.objects.filter(day__lt=(now - TrafficPart.KEPT).date()).delete()
        Flood.objects.filter(hour__lt=now - _OVER).delete()
        cursor.execute(_TRAFFIC)
        folded = int(cursor.rowcount)
        cursor.execute(_DESTINATIONS)
        return folded + int(cursor.rowcount)
