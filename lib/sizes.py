"""Storage sizes as people write them: 1 GB is 1,024 MB, a MB is a MiB, as the nodes count."""

from __future__ import annotations

import re
from decimal import Decimal

from lib.errors import Refused
from lib.said import gettext as _

_UNITS = {"M": 1, "G": 1024, "T": 1024 * 1024}
_NUMBER = r"([+-]?[0-9]{1,30}(?:\.[0-9]{1,6}|,[0-9]{1,2})?)"
_WRITTEN = re.compile(_NUMBER + r"\s*(?:([MGT])I?B?)?", re.ASCII | re.IGNORECASE)


def written(mb: int) -> str:
    """As a field shows it and ``read_mb`` reads it back: 2048 → ``2 GB``, 1250 → ``1250 MB``."""
    return f"{mb // 1024} GB" if mb >= 1024 and mb % 1024 == 0 else f"{mb} MB"


def read_mb(text: str, *, field: str, too_small: str, too_large: str, most: int) -> int:
    """``2 GB``, ``1.5 GB``, ``1,5 GB``, ``500 MB`` or a bare number of MB → whole MB from 1 to ``most``. A
    comma with three digits may part thousands, so it is no number. Raises Refused at ``field`` for anything
    else, saying what to write."""
    found = _WRITTEN.fullmatch(text.strip())
    if not found:
        raise Refused(
            _("Write a size such as 500 MB, 2 GB or 1.5 GB: digits, a dot if needed, and the unit."), field
        )
    mb = Decimal(found[1].replace(",", ".")) * _UNITS[(found[2] or "M").upper()]
    if mb < 1:
        raise Refused(too_small, field)
    if mb > most:
        raise Refused(too_large, field)
    return round(mb)
