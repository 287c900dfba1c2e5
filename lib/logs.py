"""What is not worth a traceback."""

from __future__ import annotations

import logging


class AwayFilter(logging.Filter):
    """One line a request while the database is away (answer 503), not a traceback each."""

    def filter(self, record: logging.LogRecord) -> bool:
        if getattr(record, "status_code", None) == 503:
            record.exc_info = None
        return True
