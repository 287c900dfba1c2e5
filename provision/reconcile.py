"""Comparing what a node says it holds with what it was sent, page by page of its keys; repairing both ways.

A page tells the truth of one moment by the node's clock. What the same node proved after that moment is not
touched, so a page that comes late or twice does nothing wrong. Keys compare in byte order on both sides
(collation C).
"""

from __future__ import annotations

import logging
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from nodeagent import contract
from provision.models import Node
from provision.outbox import REV_NOW, bulk_after_commit, dispatch_after_commit

logger = logging.getLogger(__name__)

# What differs; of rows that agree nothing leaves the database.
_COMPARED = """
    WITH there AS (
        SELECT * FROM unnest(%(keys)s::text[], %(revs)s::bigint[], %(present)s::boolean[])
            AS there (key, rev, present)),
    here AS (
        SELECT id, key, desired_rev, applied_rev, applied_at, attempts, last_error, payload IS NULL AS absent
        FROM provision_push
        WHERE node_id = %(node)s AND key > %(after)s AND (%(upto)s::text IS NULL OR key <= %(upto)s)),
    compared AS (
        SELECT here.id, key, here.applied_rev, COALESCE(there.rev, 0) AS rev,
               CASE
                   WHEN here.id IS NULL THEN CASE WHEN there.present THEN 'unknown' END
                   WHEN there.rev > here.desired_rev
                        OR (there.rev = here.desired_rev AND there.present = here.absent) THEN 'ahead'
                   WHEN here.applied_at >= %(at)s THEN NULL  -- proven after this page was written
                   WHEN COALESCE(there.rev, 0) < here.applied_rev THEN 'lost'
                   WHEN here.desired_rev > here.applied_rev AND here.last_error = '' AND here.attempts > 2
                        THEN 'waiting'
               END AS what
        FROM here FULL JOIN there USING (key))
    SELECT what, id, key, rev, applied_rev FROM compared WHERE what IS NOT NULL ORDER BY key
"""

# Lost there, or older than what was once proven: it counts as not applied. The first of them by its key is
# sent first: a domain before its mailboxes, whose proof needs it.
_LOST = """
    UPDATE provision_push AS push
    SET applied_rev = 0, sent_rev = 0, attempts = 0, last_error = '',
        next_try_at = statement_timestamp() - make_interval(secs => (%(count)s - seen.place) / 1e6)
    FROM unnest(%(ids)s::bigint[], %(revs)s::bigint[]) WITH ORDINALITY AS seen (id, applied_rev, place)
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
    found: dict[str, list[tuple[int, str, int, int]]] = {}
    for what, *difference in _compared(node, page, at):
        found.setdefault(what, []).append(tuple(difference))
    lost, ahead, unknown = (found.get(what, []) for what in ("lost", "ahead", "unknown"))
    due = [
        *_run(_LOST, ids=[pk for pk, *_ in lost], revs=[applied for *_, applied in lost], count=len(lost)),
        *_run(_RAISE, ids=[pk for pk, *_ in ahead], revs=[rev for _, _, rev, _ in ahead]),
        *_run(_WAKE, ids=[pk for pk, *_ in found.get("waiting", [])]),
        *_run(
            _UNKNOWN,
            keys=[key for _, key, *_ in unknown],
            revs=[rev for _, _, rev, _ in unknown],
            node=node.pk,
        ),
    ]
    if lost or ahead or unknown:
        logger.warning(
            "%s differs from what it was sent: %d lost, %d newer there, %d unknown",
            node,
            len(lost),
            len(ahead),
            len(unknown),
        )
    if len(due) > contract.BATCH_STATES:
        bulk_after_commit([node], len(due))
    elif due:
        dispatch_after_commit({node.pk: set(due)})


def _compared(node: Node, page: contract.ManifestPage, at: datetime) -> list[tuple[Any, ...]]:
    """(what, id, key, revision there, applied_rev), by key."""
    values: dict[str, Any] = {
        "node": node.pk,
        "after": page["after"],
        "upto": page["upto"],
        "at": at,
        "keys": [key for key, _, _ in page["entries"]],
        "revs": [rev for _, rev, _ in page["entries"]],
        "present": [present for _, _, present in page["entries"]],
    }
    with connection.cursor() as cursor:
        cursor.execute(_COMPARED, values)
        found: list[tuple[Any, ...]] = cursor.fetchall()
    return found


def _run(statement: str, **values: Any) -> list[int]:
    """The ids of the rows that are due now."""
    if not any(value for value in values.values() if isinstance(value, list)):
        return []
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return [row for (row,) in cursor.fetchall()]
