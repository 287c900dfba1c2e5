"""Names and intervals of this app's tasks. Plain data: Beat runs without Django."""

from __future__ import annotations

from typing import Any

TASK_DKIM_LOOK = "mailboxes.dkim_look"
TASK_DKIM_LOOK_ALL = "mailboxes.dkim_look_all"
TASK_REMOVE_MAIL = "mailboxes.remove_mail"
TASK_FOLD_TALLIES = "mailboxes.fold_tallies"
TASK_JOBS_CLEAR = "mailboxes.jobs_clear"
TASK_ROUTING_LOOK = "mailboxes.routing_look"
TASK_STORAGE_DAYS = "mailboxes.storage_days"
TASK_ROUTING_LOOK_DUE = "mailboxes.routing_look_due"
TASK_BULK_SAVE = "mailboxes.bulk_save"
TASK_BULK_TIDY = "mailboxes.bulk_tidy"

DKIM_LOOK_EVERY = 30.0
REMOVE_MAIL_EVERY = 86_400.0  # and at Beat's start
FOLD_TALLIES_EVERY = 60.0
JOBS_CLEAR_EVERY = 600.0  # files and sealed passwords that were kept long enough
STORAGE_DAYS_EVERY = 3600.0
ROUTING_LOOK_EVERY = 30.0  # those that are due; each domain is once an hour, sooner while something is open
BULK_SAVE_EVERY = 5.0  # imports whose worker died, or whose word to it was lost
BULK_TIDY_EVERY = 30.0

BEAT: dict[str, dict[str, Any]] = {
    "dkim-look": {
        "task": TASK_DKIM_LOOK_ALL,
        "schedule": DKIM_LOOK_EVERY,
        "options": {"queue": "panel", "expires": DKIM_LOOK_EVERY},
    },
    "remove-mail": {
        "task": TASK_REMOVE_MAIL,
        "schedule": REMOVE_MAIL_EVERY,
        "options": {"queue": "panel", "expires": REMOVE_MAIL_EVERY},
    },
    "jobs-clear": {
        "task": TASK_JOBS_CLEAR,
        "schedule": JOBS_CLEAR_EVERY,
        "options": {"queue": "panel", "expires": JOBS_CLEAR_EVERY},
    },
    "fold-tallies": {
        "task": TASK_FOLD_TALLIES,
        "schedule": FOLD_TALLIES_EVERY,
        "options": {"queue": "panel", "expires": FOLD_TALLIES_EVERY},
    },
    "storage-days": {
        "task": TASK_STORAGE_DAYS,
        "schedule": STORAGE_DAYS_EVERY,
        "options": {"queue": "panel", "expires": STORAGE_DAYS_EVERY},
    },
    "routing-look": {
        "task": TASK_ROUTING_LOOK_DUE,
        "schedule": ROUTING_LOOK_EVERY,
        "options": {"queue": "panel", "expires": ROUTING_LOOK_EVERY},
    },
    "bulk-save": {
        "task": TASK_BULK_SAVE,
        "schedule": BULK_SAVE_EVERY,
        "options": {"queue": "panel", "expires": BULK_SAVE_EVERY},
    },
    "bulk-tidy": {
        "task": TASK_BULK_TIDY,
        "schedule": BULK_TIDY_EVERY,
        "options": {"queue": "panel", "expires": BULK_TIDY_EVERY},
    },
}
