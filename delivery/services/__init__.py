"""What writes to Track Delivery's tables."""

from delivery.services.health import health_take
from delivery.services.ingest import Taken, ingest
from delivery.services.partitions import partitions_ahead, partitions_drop, partitions_ensure
from delivery.services.traffic import traffic_fold

__all__ = [
    "Taken",
    "health_take",
    "ingest",
    "partitions_ahead",
    "partitions_drop",
    "partitions_ensure",
    "traffic_fold",
]
