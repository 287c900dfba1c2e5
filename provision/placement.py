"""On which node a new domain's mail lives: the emptiest of those that its plan's pool has."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.db.models import F, QuerySet, Value
from django.db.models.functions import Coalesce, NullIf
from django.utils.translation import gettext as _

from accounts.access import is_provider
from accounts.models import Account
from lib.errors import Denied, Refused
from nodeagent import contract
from provision import selectors
from provision.models import Node

_PLACING = 0x706C6163  # key of the advisory lock


def pool_of(account: Account) -> str:
    """The pool that the account's plan names, else its reseller's plan; empty: that of the nodes in no
    pool."""
    above = account.reseller
    plans = (account.plan, above.plan if above else None)
    return next((plan.pool for plan in plans if plan and plan.pool), "")


def pools_asked_for() -> QuerySet[Any, Any]:
    """The pools that accounts would be given a node of, each once: as pool_of, in the database."""
    plans = (NullIf(F("plan__pool"), Value("")), NullIf(F("reseller__plan__pool"), Value("")))
    asked = Account.objects.present().order_by()
    found: QuerySet[Any, Any] = asked.values_list(Coalesce(*plans, Value("")), flat=True).distinct()
    return found


def takes_new(node: Node) -> bool:
    """Whether it takes new domains of its pool; as selectors.emptiest asks it of the database."""
    return contract.ROLE_MAIL in node.roles and bool(node.public_key) and not node.draining


@transaction.atomic(savepoint=False)
def node_for(*, actor: Any, account: Account, chosen: Node | None = None) -> Node:
    """The node for a new domain of ``account``; ``chosen``: the one that the provider names instead. One at a
    time until the caller's transaction ends, so that of many domains at once each counts those before it.
    Raises Refused when no node takes it; Denied."""
    if chosen is not None:
        return _chosen(actor, chosen)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_PLACING])
    pool = pool_of(account)
    node = selectors.emptiest(pool)
    if node is None:
        raise Refused(
            _(
                "No mail server for this account takes new domains at the moment. Nothing was changed. The "
                "provider sees this on its desk and makes room: try again later, or ask it."
            )
        )
    return node


def _chosen(actor: Any, node: Node) -> Node:
    """A draining one, or one of another pool, too: the provider knows what it does."""
    if actor is not None and not is_provider(actor):
        raise Denied(_("Only the provider chooses the mail server."))
    found = selectors.mail_nodes().filter(pk=node.pk).first()
    if found is None:
        text = _("%(node)s has not joined as a mail server. Choose another one.")
        raise Refused(text % {"node": node.name}, "node")
    return found


@transaction.atomic
def node_place(*, actor: Any, node: Node, pool: str | None = None, draining: bool | None = None) -> Node:
    """Which pool the node is in and whether it takes new domains; what it has stays. For the provider's
    staff. Raises Refused at ``pool``; Denied."""
    if actor is not None and (not actor.is_staff or actor.acting_for):
        raise Denied(_("Only the provider looks after nodes."))
    row = Node.objects.select_for_update(no_key=True).get(pk=node.pk)
    row.pool = row.pool if pool is None else pool
    row.draining = row.draining if draining is None else draining
    try:
        row.clean_fields(exclude=_all_but("pool"))
    except ValidationError as error:
        raise Refused(error.message_dict["pool"][0], "pool") from error
    row.save(update_fields=["pool", "draining"])
    return row


def _all_but(name: str) -> Collection[str]:
    return {field.name for field in Node._meta.fields} - {name}
