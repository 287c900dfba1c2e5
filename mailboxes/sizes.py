"""Storage sizes as people write them: 1 GB is 1,024 MB, a MB is a MiB, as the node counts."""

from __future__ import annotations

import re
from decimal import Decimal

from django.utils.translation import gettext as _

from lib.errors import Refused

MAX_MB = 2_000_000_000  # what the database's column holds, rounded down
_UNITS = {"M": 1, "G": 1024, "T": 1024 * 1024}
_WRITTEN = re.compile(r"([+-]?[0-9]{1,30}(?:\.[0-9]{1,6})?)\s*(?:([MGT])I?B?)?", re.ASCII | re.IGNORECASE)


def written(mb: int) -> str:
    """As a field shows it and ``parse_mb`` reads it back: 2048 → ``2 GB``, 1250 → ``1250 MB``."""
    return f"{mb // 1024} GB" if mb >= 1024 and mb % 1024 == 0 else f"{mb} MB"


def parse_mb(text: str) -> int:
    """``2 GB``, ``1.5 GB``, ``500 MB`` or a bare number of MB → whole MB, at least 1.

    Raises Refused at ``quota_mb`` for anything else, saying what to write.
    """
    found = _WRITTEN.fullmatch(text.strip())
    if not found:
        raise Refused(
            _("Write a size such as 500 MB, 2 GB or 1.5 GB: digits, a dot if needed, and the unit."),
            "quota_mb",
        )
    mb = Decimal(found[1]) * _UNITS[(found[2] or "M").upper()]
    if mb < 1:
        raise Refused(_("A mailbox needs at least 1 MB. Write a size such as 2 GB."), "quota_mb")
    if mb > MAX_MB:
        raise Refused(_("No mailbox can be that large. Write a size such as 2 GB."), "quota_mb")
    return round(mb)


def quota_check(quota_mb: int) -> None:
    """Raises Refused at ``quota_mb`` for what no mailbox can have."""
    if not 1 <= quota_mb <= MAX_MB:
        raise Refused(_("A mailbox needs at least 1 MB. Write a size such as 2 GB."), "quota_mb")
