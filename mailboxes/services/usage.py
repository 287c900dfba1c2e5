"""What nodes measured, stored in one statement however many mailboxes a report names: as it is now, and as
the last of the day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from django.db import connection, transaction
from django.utils import timezone

from mailboxes.models import DomainStorageDay, StorageDay
from mailboxes.models.storage import HISTORY
from nodeagent import contract
from provision.models import Node

# What somebody changes or deletes just now is passed over (the next report tells of it): two that change many
# mailboxes at once never wait for each other.
_STORE = """
WITH free AS (
  SELECT m.id, u.bytes, u.messages
  FROM unnest(%s::text[], %s::bigint[], %s::int[]) AS u(address, bytes, messages)
    JOIN mailboxes_mailbox AS m ON m.address = u.address AND m.deleted_at IS NULL
    JOIN mailboxes_maildomain AS d ON d.id = m.mail_domain_id AND d.node_id = %s
  FOR NO KEY UPDATE OF m SKIP LOCKED),
stored AS (
  UPDATE mailboxes_mailbox AS m
  SET used_mb = free.bytes / 1048576.0, messages = free.messages, used_at = now()
  FROM free WHERE m.id = free.id
  RETURNING m.id, free.bytes, free.messages)
INSERT INTO mailboxes_storageday AS s (mailbox_id, day, used_bytes, messages)
SELECT id, %s, bytes, messages FROM stored
ON CONFLICT (mailbox_id, day) DO UPDATE SET used_bytes = excluded.used_bytes, messages = excluded.messages
WHERE s.used_bytes <> excluded.used_bytes OR s.messages <> excluded.messages
"""
_DOMAINS = """
INSERT INTO mailboxes_domainstorageday AS s (mail_domain_id, day, used_bytes, quota_mb)
SELECT t.mail_domain_id, %s, sum(t.used_bytes), sum(t.quota_mb)
FROM mailboxes_tallypart AS t JOIN mailboxes_maildomain AS d ON d.id = t.mail_domain_id
GROUP BY t.mail_domain_id
ON CONFLICT (mail_domain_id, day) DO UPDATE SET used_bytes = excluded.used_bytes, quota_mb = excluded.quota_mb
WHERE s.used_bytes <> excluded.used_bytes OR s.quota_mb <> excluded.quota_mb
"""
_BYTES, _MESSAGES = 2**62, 2**31 - 1


def usage_store(node: Node, usage: Sequence[contract.Usage]) -> None:
    """Runs in the report's transaction. A node speaks for the domains that live on it, and for no others."""
    if not usage:
        return
    addresses = [row["address"] for row in usage]
    used = [min(max(int(row["used_bytes"]), 0), _BYTES) for row in usage]
    messages = [min(max(int(row["messages"]), 0), _MESSAGES) for row in usage]
    with connection.cursor() as cursor:
        cursor.execute(_STORE, [addresses, used, messages, node.pk, today()])


@transaction.atomic
def storage_days_keep() -> int:
    """The day of each domain, and no more days than HISTORY. How many of the old went."""
    with connection.cursor() as cursor:
        cursor.execute(_DOMAINS, [today()])
    oldest = today() - HISTORY
    gone = 0
    for model in (StorageDay, DomainStorageDay):
        gone += model.objects.filter(day__lt=oldest).delete()[0]
    return gone


def today() -> dt.date:
    """As the history counts days: UTC."""
    return timezone.now().astimezone(dt.UTC).date()
