"""Changes on their way to nodes: put in line, tried again."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.utils.translation import gettext as _

from accounts.access import Right, is_provider, may
from accounts.models import Domain, User
from lib.errors import Denied, Refused
from nodeagent import contract
from provision import kinds
from provision.models import Node, Push
from provision.outbox import REV_NOW, bulk_after_commit, dispatch_after_commit


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """The complete state that ``node`` shall have for ``key``; None: the object shall be absent.

    ``domain``: whose it is, so that its people may see the status. ``not_before``: kept here until then; a
    later wish for the same key takes its place.
    """

    node: Node
    kind: str
    key: str
    state: contract.State | None
    domain: Domain | None = None
    not_before: datetime | None = None


_GIVEN = """
    WITH wanted AS MATERIALIZED (
        SELECT node, key, kind, domain, payload::jsonb AS payload, not_before
        FROM unnest(%(nodes)s::bigint[], %(keys)s::text[], %(kinds)s::text[], %(domains)s::bigint[],
                    %(payloads)s::text[], %(times)s::timestamptz[])
            AS given (node, key, kind, domain, payload, not_before))
"""

# Revisions are milliseconds since 1970, or one more than the last where that is higher: so a panel put back
# to an older state, or made anew beside nodes that kept theirs, never gives a revision a second time for
# something else.
# In flight (sent, not answered, lease running): keep the lease, the answer lets the newest revision go.
_UPSERT = f"""
    INSERT INTO provision_push AS push
        (node_id, key, kind, domain_id, payload, actor_id, desired_rev, sent_rev, applied_rev, attempts,
         next_try_at, last_error, proof, changed_at)
    SELECT node, key, kind, domain, payload, %(actor)s, {REV_NOW}, 0, 0, 0,
           GREATEST(not_before, statement_timestamp()), '', '', statement_timestamp()
    FROM wanted
    ON CONFLICT (node_id, key) DO UPDATE SET
        desired_rev = GREATEST(push.desired_rev + 1, excluded.desired_rev), kind = excluded.kind,
        domain_id = excluded.domain_id, payload = excluded.payload, actor_id = excluded.actor_id,
        attempts = 0, last_error = '', changed_at = excluded.changed_at,
        next_try_at = CASE WHEN push.sent_rev > push.applied_rev AND push.last_error = ''
                           THEN GREATEST(push.next_try_at, excluded.next_try_at) ELSE excluded.next_try_at END
"""  # noqa: S608 - a constant of outbox.py only
_UPSERT_DUE = f"{_GIVEN} {_UPSERT} RETURNING id, node_id, next_try_at <= statement_timestamp()"


@transaction.atomic(savepoint=False)
def push_enqueue(*, actor: User | None, wanted: Iterable[Wanted]) -> None:
    """Record in the caller's transaction what nodes shall have, and send it once that is committed.

    One statement however many. With the broker down nothing fails: the sweep sends it later. The last one
    wins when a (node, key) comes twice. ``actor`` None: the panel itself.
    """
    # Sorted, so that two bulk changes lock their common rows in one order.
    last = {(item.node.pk, item.key): item for item in wanted}
    items = [last[place] for place in sorted(last)]
    if not items:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            _UPSERT_DUE,
            {
                "actor": actor.pk if actor else None,
                "nodes": [item.node.pk for item in items],
                "keys": [item.key for item in items],
                "kinds": [item.kind for item in items],
                "domains": [item.domain.pk if item.domain else None for item in items],
                "payloads": [
                    json.dumps(contract.to_payload(item.state)) if item.state else None for item in items
                ],
                "times": [item.not_before for item in items],
            },
        )
        due: dict[int, set[int]] = {}
        for row, node, is_due in cursor.fetchall():
            if is_due:
                due.setdefault(node, set()).add(row)
    dispatch_after_commit(due)


@transaction.atomic(savepoint=False)
def push_enqueue_rows(
    *, actor: User | None, nodes: Iterable[Node], wanted: str, values: Mapping[str, Any]
) -> int:
    """Record what the rows of a query say, however many: none of them comes into this process; how many.

    ``wanted``: ``WITH … wanted AS (SELECT node, key, kind, domain, payload, not_before …)``, a constant, each
    (node, key) once and in their order; ``values``: its parameters; ``nodes``: those it may name. The first
    go once the transaction is committed, the panel's worker sends the rest.
    """
    with connection.cursor() as cursor:
        cursor.execute(f"{wanted} {_UPSERT}", {**values, "actor": actor.pk if actor else None})
        count: int = cursor.rowcount
    if count:
        bulk_after_commit(list(nodes), count)
    return count


def may_retry(user: Any, domain: Domain | None) -> bool:
    """What is nobody's domain's is the provider's."""
    if user is None or is_provider(user):
        return True
    return domain is not None and may(user, Right.MANAGE, account=domain.account, domain=domain)


@transaction.atomic
def push_retry(*, actor: User, push: Push) -> None:
    """Try again now, with the state that the panel wants today: the refused one may be outdated."""
    row = Push.objects.select_related("node", "domain__account").get(pk=push.pk)
    if not may_retry(actor, row.domain):
        raise Denied(_("Your role may not change this. Ask an owner of the account for more."))
    if row.applied_rev >= row.desired_rev or row.waits:
        return
    # Absent stays absent: the object may live on another node now.
    state = kinds.get(row.kind).desired(row.key) if row.payload is not None else None
    push_enqueue(
        actor=actor,
        wanted=[Wanted(node=row.node, kind=row.kind, key=row.key, state=state, domain=row.domain)],
    )


ROLES = {contract.ROLE_MAIL, contract.ROLE_DNS, contract.ROLE_SECONDARY}


def refuse_name(name: str) -> None:
    """Raises Refused at ``name`` for what is somebody else's name at the broker."""
    if name == "default":
        raise Refused(_("This name is taken. Choose another one."), "name")


@transaction.atomic
def node_set(
    *,
    name: str,
    roles: Collection[str],
    host: str,
    addresses: list[str],
    ports: dict[str, int],
    public_key: str,
    ingest_token_hash: str,
    sealing_key: str = "",
) -> tuple[Node, bool]:
    """Add the node, or make the one of this name so; the second value tells whether it is new.

    Raises Refused with the field that is wrong.
    """
    if not roles or set(roles) - ROLES:
        raise Refused(_("Give mail, dns or both, with a comma between."), "roles")
    if not isinstance(ports, dict) or not all(
        type(port) is int and 0 < port < 65536 for port in ports.values()
    ):
        raise Refused(_("Give a JSON object of service names and port numbers."), "ports")
    refuse_name(name)
    node = Node.objects.select_for_update().filter(name=name).first()
    created = node is None
    node = node or Node(name=name)
    node.roles, node.host, node.addresses, node.ports = sorted(roles), host, addresses, ports
    node.public_key, node.ingest_token_hash = public_key, ingest_token_hash
    node.sealing_key = sealing_key
    try:
        if len(base64.b64decode(public_key, validate=True)) != 32:
            raise Refused(_("An Ed25519 key has 32 bytes."), "public_key")
        if sealing_key and len(base64.b64decode(sealing_key, validate=True)) != 32:
            raise Refused(_("An X25519 key has 32 bytes."), "sealing_key")
        node.full_clean()
    except binascii.Error as error:
        raise Refused(_("The key is not base64."), "public_key") from error
    except ValidationError as error:
        field, wrong = next(iter(error.message_dict.items()))
        raise Refused(wrong[0], field) from error
    node.save()
    for callback in kinds.node_callbacks():
        callback(node)
    return node, created
