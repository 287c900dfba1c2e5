"""Names and intervals of this app's tasks. Plain data: Beat runs without Django."""

from __future__ import annotations

from typing import Any

TASK_PARTITIONS_AHEAD = "delivery.partitions_ahead"

PARTITIONS_EVERY = 3600.0

BEAT: dict[str, dict[str, Any]] = {
    "partitions-ahead": {
        "task": TASK_PARTITIONS_AHEAD,
        "schedule": PARTITIONS_EVERY,
        "options": {"queue": "panel", "expires": PARTITIONS_EVERY},
    },
}
