"""Parts of counts made one again, so that few rows are added up however often mailboxes change."""

from __future__ import annotations

from django.db import connection, transaction

_ONE_AT_A_TIME = 0x74616C6C  # key of the advisory lock
_LOST = """
    DELETE FROM mailboxes_tallypart AS part
    WHERE NOT EXISTS (SELECT FROM mailboxes_maildomain AS d WHERE d.id = part.mail_domain_id)
"""
_FOLD = """
    WITH several AS (
        SELECT mail_domain_id FROM mailboxes_tallypart GROUP BY mail_domain_id HAVING count(*) > 1),
    gone AS (
        DELETE FROM mailboxes_tallypart AS part USING several
        WHERE part.mail_domain_id = several.mail_domain_id RETURNING part.*)
    INSERT INTO mailboxes_tallypart
        (mail_domain_id, boxes, quota_mb, used_bytes, messages, full_boxes, suspended_boxes)
    SELECT mail_domain_id, sum(boxes), sum(quota_mb), sum(used_bytes), sum(messages), sum(full_boxes),
           sum(suspended_boxes)
    FROM gone GROUP BY mail_domain_id
"""


@transaction.atomic
def tallies_fold() -> int:
    """How many domains' parts became one; 0 too when somebody else is at it. What is not committed yet stays
    apart, and is folded the next time."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [_ONE_AT_A_TIME])
        if not cursor.fetchone()[0]:
            return 0
        cursor.execute(_LOST)
        cursor.execute(_FOLD)
        return int(cursor.rowcount)
