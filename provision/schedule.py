"""Names and intervals that the panel's worker and Beat share. Plain data: Beat runs without Django."""

from __future__ import annotations

from typing import Any

PANEL_QUEUE = "panel"

TASK_SWEEP = "provision.sweep"
TASK_ASK_MANIFESTS = "provision.ask_manifests"
TASK_ASK_USAGE = "provision.ask_usage"
TASK_FORGET = "provision.forget_questions"

SWEEP_EVERY = 2.0
MANIFEST_EVERY = 300.0
USAGE_EVERY = 60.0
FORGET_EVERY = 1800.0


def _every(seconds: float, task: str) -> dict[str, Any]:
    # A beat that nobody took before the next one is worth nothing: no heap of them after an outage.
    return {"task": task, "schedule": seconds, "options": {"queue": PANEL_QUEUE, "expires": seconds}}


BEAT: dict[str, dict[str, Any]] = {
    "sweep": _every(SWEEP_EVERY, TASK_SWEEP),
    "ask-manifests": _every(MANIFEST_EVERY, TASK_ASK_MANIFESTS),
    "ask-usage": _every(USAGE_EVERY, TASK_ASK_USAGE),
    "forget-questions": _every(FORGET_EVERY, TASK_FORGET),
}
