"""Names and intervals of this app's tasks. Plain data: Beat runs without Django."""

from __future__ import annotations

from typing import Any

TASK_PLACES = "dnszone.places_look"
TASK_SECONDARIES = "dnszone.secondaries_look"
TASK_ROLLOUTS = "dnszone.rollouts_go_on"
TASK_DNSSEC_LOOK = "dnszone.dnssec_look"
TASK_DNSSEC_SETTLE = "dnszone.dnssec_settle"

PLACES_EVERY = 60.0  # those that are due; each zone is due once an hour
SECONDARIES_EVERY = 60.0  # dnszone.secondaries.services.ASKED_AT_MOST zones of each
ROLLOUTS_EVERY = 30.0  # those that a worker left unfinished
DNSSEC_LOOK_EVERY = 60.0  # signed zones that are due: hourly, or while a step waits every two minutes

BEAT: dict[str, dict[str, Any]] = {
    "dnssec-look": {
        "task": TASK_DNSSEC_LOOK,
        "schedule": DNSSEC_LOOK_EVERY,
        "options": {"queue": "panel", "expires": DNSSEC_LOOK_EVERY},
    },
    "places-look": {
        "task": TASK_PLACES,
        "schedule": PLACES_EVERY,
        "options": {"queue": "panel", "expires": PLACES_EVERY},
    },
    "secondaries-look": {
        "task": TASK_SECONDARIES,
        "schedule": SECONDARIES_EVERY,
        "options": {"queue": "panel", "expires": SECONDARIES_EVERY},
    },
    "rollouts-go-on": {
        "task": TASK_ROLLOUTS,
        "schedule": ROLLOUTS_EVERY,
        "options": {"queue": "panel", "expires": ROLLOUTS_EVERY},
    },
}
