"""Taking a report in. Reports may come late, twice, out of order or never: a row only ever moves forward."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.db.models import Q
from django.utils import timezone

from nodeagent import contract
from provision import asking, kinds, reconcile, reports
from provision.models import Node, Push
from provision.outbox import BACK_OFF, HOPELESS_BACK_OFF, dispatch_after_commit, refill

logger = logging.getLogger(__name__)

PANEL_FAILED = "it is set up there, but the panel could not note it"


def take(envelope: Any) -> None:
    """Check one envelope and act on it. What is forged or unusable is logged and dropped; the sweep sends
    again."""
    name = envelope.get("node") if isinstance(envelope, dict) else None
    node = Node.objects.filter(name=name).first() if isinstance(name, str) and "\0" not in name else None
    if node is None:
        logger.warning("a report from nobody we know was dropped")
        return
    try:
        body = reports.body_of(envelope, node.public_key)
    except reports.Forged:
        logger.warning("a report that %s did not sign was dropped", node)
        return
    try:
        report, at = reports.parse(body, node=node.name, now=timezone.now())
    except reports.Unusable as error:
        logger.warning("a report from %s was dropped: %s", node, error)
        Node.objects.filter(pk=node.pk).exclude(trouble=str(error)[:200]).update(trouble=str(error)[:200])
        return
    _heard_from(node)
    if "outcomes" in report:
        outcomes_take(node=node, outcomes=report["outcomes"], at=at)
    if "manifest" in report:
        reconcile.page_take(node=node, page=report["manifest"], at=at)
    if "usage" in report:
        for callback in kinds.usage_callbacks():
            with transaction.atomic():
                callback(node, report["usage"])
    if "progress" in report:
        for listener in kinds.progress_callbacks():
            with transaction.atomic():
                listener(node, report["progress"])
    if "answer" in report:
        asking.answer_take(node=node, answer=report["answer"])


def _heard_from(node: Node) -> None:
    # On its own and not each time: reports of one node shall not wait for each other at its row.
    now = timezone.now()
    if node.trouble or node.last_report_at is None or (now - node.last_report_at).total_seconds() > 1:
        Node.objects.filter(pk=node.pk).filter(Q(last_report_at=None) | Q(last_report_at__lt=now)).update(
            last_report_at=now, trouble=""
        )


@transaction.atomic
def outcomes_take(*, node: Node, outcomes: Iterable[contract.Outcome], at: datetime) -> None:
    """Move this node's rows to what it reports. Keys that it was never sent are passed over."""
    by_key = {
        outcome["key"]: outcome
        for outcome in sorted(outcomes, key=lambda outcome: (outcome["ok"], outcome["rev"]))
    }
    due, done = _settle_plain(node, by_key, at)
    due += _settle_others([by_key[key] for key in by_key.keys() - done], node=node, at=at)
    if due:
        dispatch_after_commit({node.pk: set(due)})
    transaction.on_commit(lambda: refill(node), robust=True)


def _settle_plain(
    node: Node, by_key: dict[str, contract.Outcome], at: datetime
) -> tuple[list[int], set[str]]:
    """Lock every row that is named, in the order of keys; move those that are proven and that nobody listens
    for, most of all bulk work, in the same statement. Rows that are due at once, and keys that moved."""
    deaf = {kind for kind in {key.partition("/")[0] for key in by_key} if not kinds.listens(kind)}
    outcomes = list(by_key.values())
    values: dict[str, Any] = {
        "node": node.pk,
        "at": at,
        "keys": [outcome["key"] for outcome in outcomes],
        "revs": [outcome["rev"] for outcome in outcomes],
        "proofs": [outcome["proof"] for outcome in outcomes],
        "plain": [outcome["ok"] and outcome["key"].partition("/")[0] in deaf for outcome in outcomes],
    }
    with connection.cursor() as cursor:
        cursor.execute(_PLAIN, values)
        moved = cursor.fetchall()
    return [row for row, _, is_due in moved if is_due], {key for _, key, _ in moved}


def _settle_others(outcomes: list[contract.Outcome], *, node: Node, at: datetime) -> list[int]:
    """One by one; the rows are locked already. Rows that are due at once."""
    by_key = {outcome["key"]: outcome for outcome in outcomes}
    if not by_key:
        return []
    rows = Push.objects.filter(node=node, key__in=list(by_key)).order_by("key")
    if not any(kinds.listens(kind) for kind in {key.partition("/")[0] for key in by_key}):
        rows = rows.defer("payload")  # nobody looks into it
    proven: list[Push] = []
    refused: list[tuple[Push, contract.Outcome]] = []
    ahead: list[tuple[int, int]] = []
    for push in rows:
        outcome = by_key[push.key]
        if outcome["rev"] > push.desired_rev:
            ahead.append((push.pk, outcome["rev"]))
        elif outcome["ok"] and outcome["rev"] > push.applied_rev:
            push.applied_rev, push.proof, push.applied_at = outcome["rev"], outcome["proof"], at
            if _told(push, outcome["facts"]):
                proven.append(push)
            else:
                refused.append((push, outcome | {"error": PANEL_FAILED, "permanent": False}))
        elif not outcome["ok"] and _is_news(push, outcome):
            refused.append((push, outcome))
            _answer(push, outcome["facts"])
    return _save_proven(proven) + _save_ahead(ahead) + _save_refused(refused)


def _is_news(push: Push, outcome: contract.Outcome) -> bool:
    """Whether a refusal is about what we still want: not about a revision that was overtaken meanwhile."""
    behind = push.desired_rev > push.applied_rev
    overtaken = push.applied_rev < outcome["rev"] < push.sent_rev
    return behind and not overtaken


def _told(push: Push, facts: dict[str, Any]) -> bool:
    """Run the kind's on_live for the wanted revision. False: it failed, so the row stays behind and is sent
    again."""
    if push.applied_rev < push.desired_rev or not kinds.listens(push.kind):
        return True
    try:
        with transaction.atomic():
            kinds.get(push.kind).on_live(push, facts)
    except Exception:
        logger.exception("%s is live on node %s, but the panel could not act on it", push.key, push.node_id)
        return False
    return True


def _answer(push: Push, facts: dict[str, Any]) -> None:
    """Let the kind act on what a refusal tells; the refusal stands if that fails."""
    if not facts:
        return
    try:
        with transaction.atomic():
            kinds.get(push.kind).on_refused(push, facts)
    except Exception:
        logger.exception(
            "%s was refused by node %s, and the panel could not act on it", push.key, push.node_id
        )


_MOVED = """
    applied_rev = news.rev, proof = news.proof, applied_at = %(at)s, last_error = '', attempts = 0,
    next_try_at = CASE WHEN push.desired_rev <= news.rev THEN NULL
                       WHEN push.sent_rev > news.rev THEN push.next_try_at
                       ELSE statement_timestamp() END
"""

_PLAIN = f"""
    WITH told AS (
        SELECT * FROM unnest(%(keys)s::text[], %(revs)s::bigint[], %(proofs)s::text[], %(plain)s::boolean[])
            AS told (key, rev, proof, plain)),
    news AS MATERIALIZED (
        SELECT push.id, told.rev, told.proof, told.plain
        FROM told JOIN provision_push AS push ON push.node_id = %(node)s AND push.key = told.key
        ORDER BY push.key FOR UPDATE OF push)
    UPDATE provision_push AS push SET {_MOVED}
    FROM news
    WHERE push.id = news.id AND news.plain AND news.rev > push.applied_rev AND news.rev <= push.desired_rev
    RETURNING push.id, push.key, push.next_try_at <= statement_timestamp()
"""  # noqa: S608 - constants of this file only

_PROVEN = f"""
    UPDATE provision_push AS push SET {_MOVED}
    FROM unnest(%(ids)s::bigint[], %(revs)s::bigint[], %(proofs)s::text[]) AS news (id, rev, proof)
    WHERE push.id = news.id
    RETURNING push.id, push.next_try_at <= statement_timestamp()
"""  # noqa: S608 - a constant of this file only

# Edited since it was sent: the refusal is about the older state, so the newest goes at once.
_REFUSED = f"""
    UPDATE provision_push AS push
    SET last_error = CASE WHEN push.desired_rev > push.sent_rev THEN '' ELSE news.error END,
        next_try_at = statement_timestamp() + CASE
            WHEN push.desired_rev > push.sent_rev THEN interval '0'
            WHEN news.permanent THEN {HOPELESS_BACK_OFF}
            ELSE {BACK_OFF} END
    FROM unnest(%(ids)s::bigint[], %(errors)s::text[], %(permanent)s::boolean[])
        AS news (id, error, permanent)
    WHERE push.id = news.id
    RETURNING push.id, push.next_try_at <= statement_timestamp()
"""  # noqa: S608 - constants of outbox.py only

# The panel was put back to an older state: what it wants now must be newer than what the node holds.
_AHEAD = """
    UPDATE provision_push AS push
    SET desired_rev = news.rev + 1, attempts = 0, last_error = '', next_try_at = statement_timestamp()
    FROM unnest(%(ids)s::bigint[], %(revs)s::bigint[]) AS news (id, rev)
    WHERE push.id = news.id AND push.desired_rev < news.rev
    RETURNING push.id
"""


def _save_proven(proven: list[Push]) -> list[int]:
    """Says which rows are due at once: edited while the proven revision was under way."""
    if not proven:
        return []
    values: dict[str, Any] = {
        "at": proven[0].applied_at,
        "ids": [push.pk for push in proven],
        "revs": [push.applied_rev for push in proven],
        "proofs": [push.proof for push in proven],
    }
    with connection.cursor() as cursor:
        cursor.execute(_PROVEN, values)
        return [row for row, is_due in cursor.fetchall() if is_due]


def _save_refused(refused: list[tuple[Push, contract.Outcome]]) -> list[int]:
    """Says which rows are due at once: edited while the refused revision was under way."""
    if not refused:
        return []
    values: dict[str, Any] = {
        "ids": [push.pk for push, _ in refused],
        "errors": [outcome["error"] or "it gave no reason" for _, outcome in refused],
        "permanent": [outcome["permanent"] for _, outcome in refused],
    }
    with connection.cursor() as cursor:
        cursor.execute(_REFUSED, values)
        return [row for row, is_due in cursor.fetchall() if is_due]


def _save_ahead(ahead: list[tuple[int, int]]) -> list[int]:
    if not ahead:
        return []
    with connection.cursor() as cursor:
        cursor.execute(_AHEAD, {"ids": [row for row, _ in ahead], "revs": [rev for _, rev in ahead]})
        return [row for (row,) in cursor.fetchall()]
