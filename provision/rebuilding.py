"""A node that lost what it had: everything the panel wants of it is sent again, and it is said what is
missing.

The node itself repairs nothing: what it holds by its ledger is proven again and not done twice, what it does
not hold is made anew (nodeagent.apply).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from lib.errors import Denied
from provision import kinds
from provision.models import Node, NodeRebuild, Push
from provision.outbox import bulk_after_commit

ONE_WITHIN = timedelta(hours=1)
"""Of a node that joined anew and is not whole yet: whoever asks then gets that rebuild, not a second."""

# In the order of keys, as they are sent: a domain before its mailboxes, whose proof needs it. What shall be
# absent, and is, need not be said to a node that holds nothing.
_AGAIN = """
    WITH again AS (
        SELECT id, row_number() OVER (ORDER BY key DESC) AS place FROM provision_push
        WHERE node_id = %(node)s AND (payload IS NOT NULL OR desired_rev > applied_rev)
          AND NOT (sent_rev = 0 AND attempts = 0 AND next_try_at > statement_timestamp()))
    UPDATE provision_push AS push
    SET applied_rev = 0, sent_rev = 0, attempts = 0, last_error = '',
        next_try_at = statement_timestamp() - make_interval(secs => again.place / 1e6)
    FROM again WHERE push.id = again.id
"""


@dataclass(frozen=True, slots=True)
class Progress:
    """``live`` of ``states``; ``failed``: the reasons of some that the node refuses."""

    live: int
    states: int
    failed: list[str]


@transaction.atomic
def node_rebuild(*, actor: User | None, node: Node, anew: bool = False) -> NodeRebuild:
    """Send the node all it shall have. ``actor`` None: the command line, or the node, which joined ``anew``.
    Raises Denied."""
    if actor is not None and (not actor.is_staff or actor.acting_for):
        raise Denied(_("Only the provider looks after nodes."))
    row = Node.objects.select_for_update().get(pk=node.pk)
    if not anew and (running := _running(row)):
        return running
    rebuild = NodeRebuild.objects.create(node=row, actor=actor, anew=anew)
    with connection.cursor() as cursor:
        cursor.execute(_AGAIN, {"node": row.pk})
        rebuild.states = cursor.rowcount
    rebuild.save(update_fields=["states"])
    for watcher in kinds.rebuild_watchers():
        watcher.begun(rebuild)
    if rebuild.states:
        bulk_after_commit([row], rebuild.states)
    return rebuild


def joined(node: Node, anew: bool) -> None:
    """A node with new keys is an empty one (provision.joining)."""
    if anew:
        node_rebuild(actor=None, node=node, anew=True)


def _running(node: Node) -> NodeRebuild | None:
    lately = timezone.now() - ONE_WITHIN
    found = node.rebuilds.filter(anew=True, begun_at__gt=lately).first()
    behind: Any = Push.objects.behind().filter(node=node)
    return found if found and behind.exists() else None


def progress(rebuild: NodeRebuild) -> Progress:
    """How far it is; what was changed since counts as well."""
    behind: Any = Push.objects.behind().filter(node=rebuild.node_id)
    late = behind.count()
    refused = behind.filter(~Q(last_error="")).order_by("pk").values_list("key", "last_error")[:20]
    return Progress(max(rebuild.states - late, 0), rebuild.states, [f"{key}: {why}" for key, why in refused])
