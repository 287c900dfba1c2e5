"""Parts of counts made one again, and old ones dropped."""

from __future__ import annotations

from django.db import connection, transaction
from django.utils import timezone

from delivery.models import TrafficPart

_ONE_AT_A_TIME = 0x74726166  # key of the advisory lock
_FOLD = """
    WITH several AS (
        SELECT hour, domain_id, peer_domain_id, direction, status FROM delivery_trafficpart
        GROUP BY hour, domain_id, peer_domain_id, direction, status HAVING count(*) > 1),
    gone AS (
        DELETE FROM delivery_trafficpart AS part USING several AS s
        WHERE part.hour = s.hour AND part.domain_id = s.domain_id AND part.direction = s.direction
          AND part.status = s.status AND part.peer_domain_id IS NOT DISTINCT FROM s.peer_domain_id
        RETURNING part.*)
    INSERT INTO delivery_trafficpart (hour, domain_id, peer_domain_id, direction, status, entries)
    SELECT hour, domain_id, peer_domain_id, direction, status, sum(entries) FROM gone
    GROUP BY hour, domain_id, peer_domain_id, direction, status HAVING sum(entries) <> 0
"""


@transaction.atomic
def traffic_fold() -> int:
    """How many parts there are instead of several; 0 too when somebody else is at it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [_ONE_AT_A_TIME])
        if not cursor.fetchone()[0]:
            return 0
        TrafficPart.objects.filter(hour__lt=timezone.now() - TrafficPart.KEPT).delete()
        cursor.execute(_FOLD)
        return int(cursor.rowcount)
