"""Keeping what mailboxes had, comparing it with what the new node measures, and seeing to it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.access import is_provider
from lib.errors import Denied
from mailboxes.models import MailboxLoss
from mailboxes.services.usage import today
from nodeagent import contract
from provision.models import Node, NodeRebuild

# A mailbox that was lost twice keeps what it had the first time: nobody has seen to that yet. Where the
# node has measured nothing, it may have done so when all was gone already: what counts is the last day
# before.
_KEEP = """
    INSERT INTO mailboxes_mailboxloss (rebuild_id, mailbox_id, had_bytes, had_messages)
    SELECT %(rebuild)s, had.id, max(had.bytes), max(had.messages) FROM (
        SELECT m.id,
               GREATEST((m.used_mb * 1048576)::bigint, COALESCE(l.had_bytes, 0), COALESCE(day.used_bytes,
               0)) AS bytes, GREATEST(m.messages, COALESCE(l.had_messages, 0), COALESCE(day.messages, 0))
               AS messages FROM mailboxes_mailbox AS m
        JOIN mailboxes_maildomain AS d ON d.id = m.mail_domain_id AND d.node_id = %(node)s
        LEFT JOIN mailboxes_mailboxloss AS l ON l.mailbox_id = m.id AND l.seen_at IS NULL
        LEFT JOIN LATERAL (
            SELECT s.used_bytes, s.messages FROM mailboxes_storageday AS s
            WHERE m.used_mb = 0 AND s.mailbox_id = m.id AND s.day < %(today)s ORDER BY s.day DESC LIMIT 1)
            AS day ON true
        WHERE m.deleted_at IS NULL) AS had
    WHERE had.bytes > 0 GROUP BY had.id
"""
_FORGET_EARLIER = """
    DELETE FROM mailboxes_mailboxloss AS l USING provision_noderebuild AS r
    WHERE l.rebuild_id = r.id AND r.node_id = %(node)s AND l.seen_at IS NULL AND l.rebuild_id <> %(rebuild)s
"""
# An index file more or less is no mail: what is within a twentieth counts as all.
_COMPARE = """
    WITH told AS (
        SELECT * FROM unnest(%(addresses)s::text[], %(bytes)s::bigint[], %(messages)s::int[])
            AS told (address, bytes, messages)),
    open AS (
        SELECT l.id, told.bytes, told.messages,
               told.messages >= l.had_messages AND told.bytes >= l.had_bytes * 0.95 AS whole
        FROM mailboxes_mailboxloss AS l
        JOIN provision_noderebuild AS r ON r.id = l.rebuild_id AND r.node_id = %(node)s
        JOIN mailboxes_mailbox AS m ON m.id = l.mailbox_id
        JOIN told ON told.address = m.address
        WHERE l.seen_at IS NULL FOR UPDATE OF l SKIP LOCKED),
    gone AS (DELETE FROM mailboxes_mailboxloss AS l USING open WHERE l.id = open.id AND open.whole)
    UPDATE mailboxes_mailboxloss AS l
    SET has_bytes = open.bytes, has_messages = open.messages, measured_at = now()
    FROM open WHERE l.id = open.id AND NOT open.whole
"""


def sizes_keep(rebuild: NodeRebuild) -> None:
    """In the transaction that begins the rebuild."""
    values: dict[str, Any] = {"rebuild": rebuild.pk, "node": rebuild.node_id, "today": today()}
    with connection.cursor() as cursor:
        cursor.execute(_KEEP, values)
        cursor.execute(_FORGET_EARLIER, values)


def losses_compare(node: Node, usage: Sequence[contract.Usage]) -> None:
    """Runs in the report's transaction, for the domains that live on that node."""
    if not usage or not MailboxLoss.objects.filter(rebuild__node=node, seen_at=None).exists():
        return
    values: dict[str, Any] = {
        "addresses": [row["address"] for row in usage],
        "bytes": [min(max(int(row["used_bytes"]), 0), 2**62) for row in usage],
        "messages": [min(max(int(row["messages"]), 0), 2**31 - 1) for row in usage],
        "node": node.pk,
    }
    with connection.cursor() as cursor:
        cursor.execute(_COMPARE, values)


@transaction.atomic
def losses_seen(*, actor: Any, losses: Iterable[MailboxLoss]) -> int:
    """The provider has restored what there was, or has nothing: it is told to nobody any more. How many.
    Raises Denied."""
    if not is_provider(actor):
        raise Denied(_("Only the provider says what became of lost mail."))
    rows = MailboxLoss.objects.filter(pk__in=[loss.pk for loss in losses], seen_at=None)
    return int(rows.update(seen_at=timezone.now(), seen_by=actor))
