"""What nodes measured, stored in one statement however many mailboxes a report names."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import connection

from nodeagent import contract
from provision.models import Node

_STORE = """
UPDATE mailboxes_mailbox AS m SET used_mb = u.bytes / 1048576.0, messages = u.messages, used_at = now()
FROM unnest(%s::text[], %s::bigint[], %s::int[]) AS u(address, bytes, messages), mailboxes_maildomain AS d
WHERE m.address = u.address AND m.deleted_at IS NULL AND d.id = m.mail_domain_id AND d.node_id = %s
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
        cursor.execute(_STORE, [addresses, used, messages, node.pk])
