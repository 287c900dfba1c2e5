"""What is not worth a traceback, and what is not for a log."""

from __future__ import annotations

import logging
import re

# Links of invitations, resets and confirmations; not matched as routes, for a mail program may have added
# something to one that works.
_SECRET = re.compile(r"(?<=/)[\w:=-]{24,}", re.ASCII)


class AwayFilter(logging.Filter):
    """One line a request while the database is away (answer 503), or for who may not (403): no traceback
    each, or strangers could fill the log."""

    def filter(self, record: logging.LogRecord) -> bool:
        if getattr(record, "status_code", None) in {403, 503}:
            record.exc_info = None
        return True


class TokenFilter(logging.Filter):
    """Django writes down the path of what it refuses: here without the tokens in it. Only lines about a
    request (``status_code``) are looked at."""

    def filter(self, record: logging.LogRecord) -> bool:
        if hasattr(record, "status_code"):
            record.msg, record.args = without_tokens(record.getMessage()), ()
        return True


def without_tokens(text: str) -> str:
    return _SECRET.sub("…", text)
