"""Comparing what a node says it holds with what it was sent, page by page of its keys; repairing both ways.

A page tells the truth of one moment by the node's clock. What the same node proved after that moment is not
touched, so a page that comes late or twice does nothing wrong. Keys compare in byte order on both sides
(collation C; code points in Python give the same order).
"""

from __future__ import annotations

import logging
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.db.models import Q

from nodeagent import contract
from provision.models import Node, Push
from provision.outbox import REV_NOW, dispatch_after_commit

logger = logging.getLogger(__name__)

# Lost there, or older than what was once proven: it counts as not applied.
_LOST = """
    UPDATE provision_push AS push
    SET applied_rev = 0, sent_rev = 0, attempts = 0, last_error = '', next_try_at = statement_timestamp()
    FROM unnest(%(ids)s::bigint[], %(revs)s::bigint[]) AS seen (id, applied_rev)
    WHERE push.id = seen.id AND push.applied_rev = seen.applied_rev
    RETURNING push.id
"""

# Newer there than anything we asked for (the panel was put back), or there where it should not be: ask
# above it.
_RAISE = f"""
    UPDATE provision_push AS push
    SET desired_rev = GREATEST(news.rev + 1, {REV_NOW}), sent_rev = 0, attempts = 0, last_error = '',
        next_try_at = statement_timestamp()
    FROM unnest(%(ids)s::bigint[], %(revs)s::bigint[]) AS news (id, rev)
    WHERE push.id = news.id AND push.desired_rev <= news.rev
    RETURNING push.id
"""  # noqa: S608 - a constant of outbox.py only

# The node is there and these wait: no need to sit out the back-off that grew while it was away.
_WAKE = """
    UPDATE provision_push SET next_try_at = statement_timestamp(), attempts = 0
    WHERE id = ANY(%(ids)s) AND desired_rev > applied_rev AND last_error = '' AND attempts > 2
    RETURNING id
"""

_UNKNOWN = f"""
    INSERT INTO provision_push
        (node_id, key, kind, desired_rev, sent_rev, applied_rev, attempts,
         next_try_at, last_error, proof, changed_at)
    SELECT %(node)s, key, left(split_part(key, '/', 1), 32), GREATEST(rev + 1, {REV_NOW}), 0, 0, 0,
           statement_timestamp(), '', '', statement_timestamp()
    FROM unnest(%(keys)s::text[], %(revs)s::bigint[]) AS unknown (key, rev)
    ON CONFLICT (node_id, key) DO NOTHING
    RETURNING id
"""  # noqa: S608 - a constant of outbox.py only


@transaction.atomic
def page_take(*, node: Node, page: contract.ManifestPage, at: datetime) -> None:
    """Compare one page, taken at ``at`` by the node's clock, and send what differs."""
    there = {key: (rev, present) for key, rev, present in page["entries"]}
    rows = Push.objects.filter(node=node, key__gt=page["after"])
    if page["upto"] is not None:
        rows = rows.filter(key__lte=page["upto"])
    lost: list[tuple[int, int]] = []
    ahead: list[tuple[int, int]] = []
    waiting: list[int] = []
    facts: Any = rows.annotate(absent=Q(payload__isnull=True)).values_list(
        "pk", "key", "desired_rev", "applied_rev", "applied_at", "absent"
    )
    for pk, key, desired, applied, applied_at, absent in facts.iterator(chunk_size=contract.MANIFEST_PAGE):
        rev, present = there.pop(key, (0, False))
        if rev > desired or (rev == desired and present == absent):
            ahead.append((pk, rev))
        elif applied_at is not None and applied_at >= at:
            continue  # proven after this page was written
        elif rev < applied:
            lost.append((pk, applied))
        elif desired > applied:
            waiting.append(pk)
    unknown = [(key, rev) for key, (rev, present) in there.items() if present]
    due = [
        *_run(_LOST, ids=[pk for pk, _ in lost], revs=[rev for _, rev in lost]),
        *_run(_RAISE, ids=[pk for pk, _ in ahead], revs=[rev for _, rev in ahead]),
        *_run(_WAKE, ids=waiting),
        *_run(_UNKNOWN, keys=[key for key, _ in unknown], revs=[rev for _, rev in unknown], node=node.pk),
    ]
    if lost or ahead or unknown:
        logger.warning(
            "%s differs from what it was sent: %d lost, %d newer there, %d unknown",
            node,
            len(lost),
            len(ahead),
            len(unknown),
        )
    if due:
        dispatch_after_commit({node.pk: set(due)})


def _run(statement: str, **values: Any) -> list[int]:
    """The ids of the rows that are due now."""
    if not any(value for value in values.values() if isinstance(value, list)):
        return []
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return [row for (row,) in cursor.fetchall()]
