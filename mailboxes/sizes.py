"""The sizes that a mailbox may have, as people write them."""

from __future__ import annotations

from lib.errors import Refused
from lib.said import gettext as _
from lib.sizes import read_mb, written

__all__ = ["MAX_MB", "parse_mb", "quota_check", "written"]

MAX_MB = 2_000_000_000  # what the database's column holds, rounded down


def parse_mb(text: str) -> int:
    """lib.sizes.read_mb for the quota of a mailbox. Raises Refused at ``quota_mb``."""
    return read_mb(
        text,
        field="quota_mb",
        too_small=_("A mailbox needs at least 1 MB. Write a size such as 2 GB."),
        too_large=_("No mailbox can be that large. Write a size such as 2 GB."),
        most=MAX_MB,
    )


def quota_check(quota_mb: int) -> None:
    """Raises Refused at ``quota_mb`` for what no mailbox can have."""
    if not 1 <= quota_mb <= MAX_MB:
        raise Refused(_("A mailbox needs at least 1 MB. Write a size such as 2 GB."), "quota_mb")
