"""Names and intervals of the panel's own tasks. Plain data: Beat runs without Django."""

from __future__ import annotations

from typing import Any

TASK_LOOK = "panel.claims_look"
TASK_PURGE = "panel.accounts_purge"
TASK_BRAND_HOSTS = "panel.brand_hosts"
TASK_LIMITS = "panel.limits_near"
TASK_FULLNESS = "panel.mailboxes_full"
TASK_SIGN_INS = "panel.sign_ins_tidy"
TASK_COMPROMISE = "panel.compromise_look"
TASK_ATTEMPTS = "panel.attempts_forget"
TASK_SETTINGS_CHANGED = "panel.settings_changed"
TASK_SCORES = "panel.scores_note"

LOOK_EVERY = 15.0  # those that are due; each claim is due once a minute at most
PURGE_EVERY = 3600.0  # deleted accounts whose grace time ended
BRAND_HOSTS_EVERY = 120.0  # those that do not work yet; the others once an hour
LIMITS_EVERY = 900.0
SIGN_INS_EVERY = 3600.0
FULLNESS_EVERY = 60.0  # as often as nodes measure
COMPROMISE_EVERY = 15.0  # a thief sends fast
ATTEMPTS_EVERY = 600.0
SCORES_EVERY = 600.0  # guides.checklist.course.BATCH domains a time, each once a day
SETTINGS_CHANGED_EVERY = 60.0  # mails leave guides.changed.looking.SETTLE later

BEAT: dict[str, dict[str, Any]] = {
    "claims-look": {
        "task": TASK_LOOK,
        "schedule": LOOK_EVERY,
        "options": {"queue": "panel", "expires": LOOK_EVERY},
    },
    "brand-hosts": {
        "task": TASK_BRAND_HOSTS,
        "schedule": BRAND_HOSTS_EVERY,
        "options": {"queue": "panel", "expires": BRAND_HOSTS_EVERY},
    },
    "limits-near": {
        "task": TASK_LIMITS,
        "schedule": LIMITS_EVERY,
        "options": {"queue": "panel", "expires": LIMITS_EVERY},
    },
    "accounts-purge": {
        "task": TASK_PURGE,
        "schedule": PURGE_EVERY,
        "options": {"queue": "panel", "expires": PURGE_EVERY},
    },
    "compromise-look": {
        "task": TASK_COMPROMISE,
        "schedule": COMPROMISE_EVERY,
        "options": {"queue": "panel", "expires": COMPROMISE_EVERY},
    },
    "attempts-forget": {
        "task": TASK_ATTEMPTS,
        "schedule": ATTEMPTS_EVERY,
        "options": {"queue": "panel", "expires": ATTEMPTS_EVERY},
    },
    "settings-changed": {
        "task": TASK_SETTINGS_CHANGED,
        "schedule": SETTINGS_CHANGED_EVERY,
        "options": {"queue": "panel", "expires": SETTINGS_CHANGED_EVERY},
    },
    "scores-note": {
        "task": TASK_SCORES,
        "schedule": SCORES_EVERY,
        "options": {"queue": "panel", "expires": SCORES_EVERY},
    },
    "mailboxes-full": {
        "task": TASK_FULLNESS,
        "schedule": FULLNESS_EVERY,
        "options": {"queue": "panel", "expires": FULLNESS_EVERY},
    },
    "sign-ins-tidy": {
        "task": TASK_SIGN_INS,
        "schedule": SIGN_INS_EVERY,
        "options": {"queue": "panel", "expires": SIGN_INS_EVERY},
    },
}
