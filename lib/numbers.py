"""Numbers as the language writes them."""

from __future__ import annotations

from decimal import Decimal

from django.utils import formats, translation

# CLDR, minimumGroupingDigits: Spanish sets thousands apart from five figures on.
_UNGROUPED_BELOW = {"es": 10_000}


def written(number: float | Decimal | str) -> str:
    """1204 and 12345 → ``1,204`` and ``12,345``, in Spanish ``1204`` and ``12.345``."""
    least = _UNGROUPED_BELOW.get((translation.get_language() or "").partition("-")[0], 0)
    return formats.number_format(number, force_grouping=abs(Decimal(str(number))) >= least)
