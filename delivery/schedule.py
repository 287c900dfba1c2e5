"""Names and intervals of this app's tasks. Plain data: Beat runs without Django."""

from __future__ import annotations

from typing import Any

TASK_PARTITIONS_AHEAD = "delivery.partitions_ahead"
TASK_FOLD_TRAFFIC = "delivery.fold_traffic"

TASK_LOOK = "delivery.alerts_look"

PARTITIONS_EVERY = 3600.0
FOLD_TRAFFIC_EVERY = 60.0
LOOK_EVERY = 60.0

BEAT: dict[str, dict[str, Any]] = {
    "partitions-ahead": {
        "task": TASK_PARTITIONS_AHEAD,
        "schedule": PARTITIONS_EVERY,
        "options": {"queue": "panel", "expires": PARTITIONS_EVERY},
    },
    "alerts-look": {
        "task": TASK_LOOK,
        "schedule": LOOK_EVERY,
        "options": {"queue": "panel", "expires": LOOK_EVERY},
    },
    "fold-traffic": {
        "task": TASK_FOLD_TRAFFIC,
        "schedule": FOLD_TRAFFIC_EVERY,
        "options": {"queue": "panel", "expires": FOLD_TRAFFIC_EVERY},
    },
}
