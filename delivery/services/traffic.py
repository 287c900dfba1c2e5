"""Parts of counts made one again, added up by the day, and old ones dropped."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from delivery.models import DestinationPart, Flood, TrafficDay, TrafficPart

_ONE_AT_A_TIME = 0x74726166  # key of the advisory lock
_OVER = timedelta(days=2)  # no line comes so late that a flood is still counted

# Only what came since the last time is read, however long counts are kept. What is committed meanwhile is
# not seen by the DELETE and waits for the next time.
_DAYS = """
    INSERT INTO delivery_trafficday AS day
        (start, domain_id, peer_domain_id, direction, status, cause, entries, bytes)
    SELECT date_trunc('day', hour, %(zone)s) AS start, domain_id, peer_domain_id, direction, status, cause,
        sum(entries), sum(bytes)
    FROM (
        SELECT hour, domain_id, peer_domain_id, direction, status, cause, entries, bytes FROM summed
        UNION ALL
        SELECT hour, %(all)s, NULL, direction, status, cause, entries, bytes FROM summed
        WHERE direction <> 1 OR peer_domain_id IS NULL) AS both_
    GROUP BY 1, 2, 3, 4, 5, 6
    ON CONFLICT (domain_id, start, peer_domain_id, direction, status, cause)
    DO UPDATE SET entries = day.entries + excluded.entries, bytes = day.bytes + excluded.bytes
"""
_TRAFFIC = f"""
    WITH gone AS (
        DELETE FROM delivery_trafficpart WHERE NOT folded RETURNING *),
    summed AS (
        SELECT hour, domain_id, peer_domain_id, direction, status, cause,
            sum(entries) AS entries, sum(bytes) AS bytes
        FROM gone GROUP BY hour, domain_id, peer_domain_id, direction, status, cause
        HAVING sum(entries) <> 0 OR sum(bytes) <> 0),
    days AS ({_DAYS})
    INSERT INTO delivery_trafficpart AS part
        (hour, domain_id, peer_domain_id, direction, status, cause, entries, bytes, folded)
    SELECT hour, domain_id, peer_domain_id, direction, status, cause, entries, bytes, true FROM summed
    ON CONFLICT (hour, domain_id, peer_domain_id, direction, status, cause) WHERE folded
    DO UPDATE SET entries = part.entries + excluded.entries, bytes = part.bytes + excluded.bytes
"""  # noqa: S608 - of constants
_ANEW = f"WITH summed AS (SELECT * FROM delivery_trafficpart WHERE folded) {_DAYS}"  # noqa: S608 - of constants
_OTHER_ZONE = """
    SELECT EXISTS (
        SELECT FROM delivery_trafficday
        WHERE domain_id = %(all)s AND start <> date_trunc('day', start, %(zone)s))
"""
_DESTINATIONS = """
    WITH gone AS (
        DELETE FROM delivery_destinationpart WHERE NOT folded RETURNING *)
    INSERT INTO delivery_destinationpart AS part
        (day, domain_id, destination, mails, delivered, deferred, failed, delay, folded)
    SELECT day, domain_id, destination, sum(mails), sum(delivered), sum(deferred), sum(failed),
        sum(delay), true
    FROM gone GROUP BY day, domain_id, destination
    ON CONFLICT (domain_id, day, destination) WHERE folded
    DO UPDATE SET mails = part.mails + excluded.mails, delivered = part.delivered + excluded.delivered,
        deferred = part.deferred + excluded.deferred, failed = part.failed + excluded.failed,
        delay = part.delay + excluded.delay
"""


@transaction.atomic
def traffic_fold() -> int:
    """How many folded parts were made or changed; 0 too when somebody else is at it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [_ONE_AT_A_TIME])
        if not cursor.fetchone()[0]:
            return 0
        values: dict[str, Any] = {"zone": timezone.get_default_timezone_name(), "all": TrafficDay.ALL}
        _zone_hold(cursor, values)
        cursor.execute(_TRAFFIC, values)
        folded = int(cursor.rowcount)
        cursor.execute(_DESTINATIONS)
        folded += int(cursor.rowcount)
    _old_drop()
    return folded


def _zone_hold(cursor: Any, values: dict[str, Any]) -> None:
    """Days begin elsewhere since the panel's time zone is another: counted anew, as far back as hours go."""
    cursor.execute(_OTHER_ZONE, values)
    if cursor.fetchone()[0]:
        TrafficDay.objects.all().delete()
        cursor.execute(_ANEW, values)


def _old_drop() -> None:
    now = timezone.now()
    TrafficPart.objects.filter(hour__lt=now - TrafficPart.KEPT).delete()
    TrafficPart.objects.filter(entries=0, bytes=0, folded=True).delete()
    TrafficDay.objects.filter(start__lt=now - TrafficDay.KEPT).delete()
    TrafficDay.objects.filter(entries=0, bytes=0).delete()
    DestinationPart.objects.filter(day__lt=(now - TrafficDay.KEPT).date()).delete()
    Flood.objects.filter(hour__lt=now - _OVER).delete()
