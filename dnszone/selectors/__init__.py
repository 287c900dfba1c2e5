"""What can be asked about zones."""

from dnszone.selectors.desk import WHOLE, Applied, Desk, desk_of
from dnszone.selectors.drafts import Drafted, draft_of, draft_rows
from dnszone.selectors.hints import hinted, hints_of
from dnszone.selectors.pending import (
    Line,
    MxLine,
    Pending,
    apex_rows,
    drafted,
    in_conflict,
    mx_lines,
    wishes,
)
from dnszone.selectors.records import (
    Kept,
    RecordsPage,
    records_page,
    rows_of,
)
from dnszone.selectors.taken import taken
from dnszone.selectors.versions import rows_at, version_title

__all__ = [
    "WHOLE",
    "Applied",
    "Desk",
    "Drafted",
    "Kept",
    "Line",
    "MxLine",
    "Pending",
    "RecordsPage",
    "apex_rows",
    "desk_of",
    "draft_of",
    "draft_rows",
    "drafted",
    "hinted",
    "hints_of",
    "in_conflict",
    "mx_lines",
    "records_page",
    "rows_at",
    "rows_of",
    "taken",
    "version_title",
    "wishes",
]
