"""Names and intervals of this app's tasks. Plain data: Beat runs without Django."""

from __future__ import annotations

from typing import Any

PANEL_QUEUE = "panel"
TASK_SEND = "notices.send"
TASK_TIDY = "notices.tidy"

SEND_EVERY = 15.0
TIDY_EVERY = 86_400.0  # and at Beat's start


def _every(seconds: float, task: str) -> dict[str, Any]:
    return {"task": task, "schedule": seconds, "options": {"queue": PANEL_QUEUE, "expires": seconds}}


BEAT: dict[str, dict[str, Any]] = {
    "notices-send": _every(SEND_EVERY, TASK_SEND),
    "notices-tidy": _every(TIDY_EVERY, TASK_TIDY),
}
