"""From rows that are due to messages on a node's queue.

A row that was sent is leased: ``next_try_at`` lies ahead, and nobody sends it again before. While a lease
runs, further edits only raise ``desired_rev``; the report of what was sent lets the newest one go. So one
revision of an object at most is under way, and if the broker, the node or we lose it, the sweep sends the
newest when the lease ends.
"""

from __future__ import annotations

import contextlib
import json
import logging
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from typing import Any

from django.db import connection, transaction

from nodeagent import contract
from provision import broker
from provision.models import Node
from provision.schedule import PANEL_QUEUE, TASK_SWEEP

logger = logging.getLogger(__name__)

BATCH_BYTES = 1_000_000
QUEUE_LIMIT = 4
"""Messages that may wait for a node before the sweep stops adding: what is leased but queued is not lost."""

REFILL_LIMIT = 3
"""Bulk work that goes on from report to report keeps no more than these waiting, so that what somebody
changes by hand is soon its turn."""

REFILL_MOST = 2
"""Batches that one report lets go: more than one, so that a queue that ran empty fills."""

HOLD_AT = 16
"""Messages before a node from which on what people change waits here: it is not there, or it has much to do.
Ten edits of an object are one push then, and Redis does not fill. Its reports let them go."""

FRESH_SHARE = 10
"""One of so many in a batch is of the newest that are due."""

REV_NOW = "(extract(epoch FROM statement_timestamp()) * 1000)::bigint"

# attempts: the sendings before this one. random() keeps a thousand failed rows from coming back as one wave.
_LEASE = "make_interval(secs => LEAST(600, 10 * 2 ^ LEAST(attempts, 10)) * (0.8 + 0.4 * random()))"
# After a refusal: attempts counts this try too. 5 s, 10 s, 20 s … 10 min.
BACK_OFF = "make_interval(secs => LEAST(600, 2.5 * 2 ^ LEAST(attempts, 10)) * (0.8 + 0.4 * random()))"
HOPELESS_BACK_OFF = "make_interval(secs => 3600 * (0.8 + 0.4 * random()))"

_LEASED = f"""
    UPDATE provision_push AS push
    SET sent_rev = desired_rev, attempts = attempts + 1, next_try_at = statement_timestamp() + {_LEASE}
    FROM due WHERE push.id = due.id
    RETURNING push.id, push.kind, push.key, push.desired_rev, push.payload::text
"""  # noqa: S608 - a constant of this file only
_DUE = """
    SELECT id, changed_at FROM provision_push
    WHERE node_id = %(node)s AND desired_rev > applied_rev AND next_try_at <= statement_timestamp()
"""
# The oldest, and a few of the newest if they were changed just now: what somebody edits does not wait behind
# 100,000 others. Those of a rebuild keep their order.
_CLAIM = f"""
    WITH newest AS MATERIALIZED ({_DUE} ORDER BY next_try_at DESC LIMIT %(fresh)s FOR UPDATE SKIP LOCKED),
    fresh AS MATERIALIZED (
        SELECT id FROM newest WHERE changed_at > statement_timestamp() - interval '1 minute'),
    old AS MATERIALIZED ({_DUE} AND id NOT IN (SELECT id FROM fresh)
        ORDER BY next_try_at LIMIT %(limit)s - (SELECT count(*) FROM fresh) FOR UPDATE SKIP LOCKED),
    due AS (SELECT id FROM fresh UNION ALL SELECT id FROM old) {_LEASED}
"""  # noqa: S608 - constants of this file only
_CLAIM_THESE = f"""
    WITH due AS ({_DUE} AND id = ANY(%(ids)s::bigint[])
        ORDER BY next_try_at LIMIT %(limit)s FOR UPDATE SKIP LOCKED) {_LEASED}
"""

_UNCLAIM = """
    UPDATE provision_push
    SET sent_rev = 0, attempts = GREATEST(attempts - 1, 0), next_try_at = statement_timestamp()
    WHERE id = ANY(%s) AND desired_rev > applied_rev
"""


def dispatch(node: Node, *, ids: Collection[int] | None = None, limit: int = contract.BATCH_STATES) -> int:
    """Send up to ``limit`` due states to the node and say how many went. ``ids``: only these rows.

    Raises broker.BrokerAway; what did not go is due at once.
    """
    with connection.cursor() as cursor:
        if ids is None:
            cursor.execute(_CLAIM, {"node": node.pk, "limit": limit, "fresh": limit // FRESH_SHARE})
        else:
            cursor.execute(_CLAIM_THESE, {"node": node.pk, "limit": limit, "ids": list(ids)})
        rows = cursor.fetchall()
    # In the order of keys: a domain's mailboxes lie together in the node's directory.
    unsent = sorted(rows, key=lambda row: row[2])
    try:
        for batch in _batches(unsent):
            states: list[contract.StateMessage] = [
                {"kind": kind, "key": key, "rev": rev, "payload": None if text is None else json.loads(text)}
                for _, kind, key, rev, text in batch
            ]
            message: contract.Batch = {"contract": contract.CONTRACT, "node": node.name, "states": states}
            broker.send(contract.TASK_APPLY, contract.node_queue(node.name), message)
            unsent = unsent[len(batch) :]
    finally:
        if unsent:
            with connection.cursor() as cursor:
                cursor.execute(_UNCLAIM, [[row[0] for row in unsent]])
    return len(rows)


def _batches(rows: list[tuple[Any, ...]]) -> Iterator[list[tuple[Any, ...]]]:
    batch: list[tuple[Any, ...]] = []
    size = 0
    for row in rows:
        weight = len(row[4] or "") + len(row[2])
        if batch and (len(batch) >= contract.BATCH_STATES or size + weight > BATCH_BYTES):
            yield batch
            batch, size = [], 0
        batch.append(row)
        size += weight
    if batch:
        yield batch


@dataclass
class AfterCommit:
    """What a transaction made due; one for each transaction, however many services it called."""

    ids: dict[int, set[int]] = field(default_factory=dict)  # node → rows
    ran: bool = False

    def run(self) -> None:
        self.ran = True
        try:
            for node in Node.objects.filter(pk__in=self.ids):
                if broker.waiting(contract.node_queue(node.name)) < HOLD_AT:
                    dispatch(node, ids=self.ids[node.pk])
            # The rest of bulk work goes from the worker, not from somebody's request.
            if max(map(len, self.ids.values()), default=0) > contract.BATCH_STATES:
                _wake()
        except broker.BrokerAway:
            pass  # said in the log by the broker's module; the rows are due and the sweep sends them


def _wake() -> None:
    with contextlib.suppress(broker.BrokerAway):  # the rows are due all the same
        broker.send(TASK_SWEEP, PANEL_QUEUE)


def bulk_after_commit(nodes: Collection[Node], count: int) -> None:
    """So many rows became due on these nodes that nobody lists them."""

    def go() -> None:
        for node in nodes:
            refill(node)
        if count > contract.BATCH_STATES:
            _wake()

    transaction.on_commit(go, robust=True)


def dispatch_after_commit(ids: dict[int, set[int]]) -> None:
    """Send these rows (node id → row ids) once the running transaction is committed; the request never fails
    by it."""
    # A hook found here lives as long as ours would: those of a rolled back savepoint are already gone. Rows
    # that are rolled back later are not due when the hook looks.
    hooks = [getattr(hook, "__self__", None) for _, hook, *_ in connection.run_on_commit]
    ours = next((hook for hook in hooks if isinstance(hook, AfterCommit) and not hook.ran), None)
    if ours is None:
        ours = AfterCommit()
        transaction.on_commit(ours.run, robust=True)
    for node, rows in ids.items():
        ours.ids.setdefault(node, set()).update(rows)


def sweep() -> int:
    """Send whatever is due, node by node. Raises broker.BrokerAway."""
    sent = 0
    for node in Node.objects.filter(pk__in=_nodes_with_due_rows()):
        room = QUEUE_LIMIT - broker.waiting(contract.node_queue(node.name))
        while room > 0:
            went = dispatch(node)
            sent += went
            room -= 1
            if went < contract.BATCH_STATES:
                break
    return sent


def refill(node: Node) -> None:
    """The node has done something: give it more, if there is more. Never fails."""
    if not _nodes_with_due_rows(node):
        return
    try:
        room = REFILL_LIMIT - broker.waiting(contract.node_queue(node.name))
        for _ in range(min(room, REFILL_MOST)):
            if dispatch(node) < contract.BATCH_STATES:
                return
    except broker.BrokerAway:
        pass  # the sweep goes on when it is back


def _nodes_with_due_rows(node: Node | None = None) -> list[int]:
    # One probe of the partial index a node, however many rows wait.
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id FROM provision_node AS node WHERE (%(node)s::bigint IS NULL OR id = %(node)s)"
            " AND (SELECT next_try_at FROM provision_push AS push"
            " WHERE push.node_id = node.id AND push.desired_rev > push.applied_rev"
            " ORDER BY next_try_at LIMIT 1) <= statement_timestamp()",
            {"node": node.pk if node else None},
        )
        return [row[0] for row in cursor.fetchall()]
