"""What can be asked about zones."""

from dnszone.selectors.drafts import Drafted, draft_of, draft_rows
from dnszone.selectors.records import (
    Kept,
    MxRow,
    RecordsPage,
    aliases_among,
    deleted_records,
    mx_rows,
    records_page,
    rows_of,
)
from dnszone.selectors.versions import rows_at, version_title

__all__ = [
    "Drafted",
    "Kept",
    "MxRow",
    "RecordsPage",
    "aliases_among",
    "deleted_records",
    "draft_of",
    "draft_rows",
    "mx_rows",
    "records_page",
    "rows_at",
    "rows_of",
    "version_title",
]
