"""What can be asked about pushes and nodes."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any, Literal

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext as _

from lib.errors import Refused
from nodeagent import contract
from provision.models import Node, Push

StateWord = Literal["live", "moving", "failed", "away", "none"]
AWAY_AFTER = timedelta(seconds=15)
_WORST_FIRST: tuple[StateWord, ...] = ("failed", "away", "moving", "live")


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """Where one object is, over all nodes that hold it: the worst state wins, ``nodes`` are those in it.

    ``absent``: it is to be removed (or, once live, is removed). ``since``: when it was last changed;
    ``seen_at``: when the node last reported. ``push_id`` is the row to try again when failed.
    """

    key: str
    state: StateWord = "none"
    nodes: tuple[str, ...] = ()
    error: str = ""
    next_try_at: datetime | None = None
    proof: str = ""
    applied_at: datetime | None = None
    absent: bool = False
    push_id: int | None = None
    since: datetime | None = None
    seen_at: datetime | None = None

    @property
    def settled(self) -> bool:
        """Nothing more will happen by itself: no need to look again."""
        return self.state in {"live", "none"}

    @property
    def look_again_in(self) -> int:
        """Seconds until it is worth asking again: soon at first, less often for what takes long."""
        if self.state != "moving" or self.since is None:
            return 10
        return 1 if timezone.now() - self.since < 2 * AWAY_AFTER else 5


def statuses(keys: Collection[str]) -> dict[str, Status]:
    """The status of each key, in one query. A key never pushed has the state ``none``."""
    found = {key: Status(key=key) for key in keys}
    rows = (
        Push.objects.filter(key__in=list(found))
        .select_related("node")
        .defer("payload")
        .order_by("key", "node__name")
    )
    rows = rows.annotate(is_absent=Q(payload__isnull=True))
    for key, pushes in groupby(rows, key=lambda push: push.key):
        found[key] = _status(key, list(pushes))
    return found


def status_of(push: Push) -> StateWord:
    """The state of one row on its node."""
    if push.applied_rev >= push.desired_rev:
        return "live"
    if push.last_error:
        return "failed"
    if push.waits or push.changed_at > timezone.now() - AWAY_AFTER:
        return "moving"
    return "away" if silent(push.node) else "moving"


def silent(node: Node) -> bool:
    """Whether the node has not reported lately; it says something only while something waits for it."""
    return node.last_report_at is None or node.last_report_at < timezone.now() - AWAY_AFTER


def _status(key: str, pushes: list[Any]) -> Status:
    states = {push.pk: status_of(push) for push in pushes}
    worst = min(states.values(), key=_WORST_FIRST.index)
    there = [push for push in pushes if states[push.pk] == worst]
    shown = max(there, key=lambda push: (push.applied_at is not None, push.applied_at or push.changed_at))
    return Status(
        key=key,
        state=worst,
        nodes=tuple(push.node.name for push in there),
        error=shown.last_error if worst == "failed" else "",
        next_try_at=shown.next_try_at if worst == "failed" else None,
        proof=shown.proof,
        applied_at=shown.applied_at,
        absent=all(push.is_absent for push in pushes),
        push_id=shown.pk,
        since=shown.changed_at,
        seen_at=shown.node.last_report_at,
    )


def mail_nodes() -> QuerySet[Node]:
    """Those that take mail, or did; not who was invited and never joined."""
    rows: QuerySet[Node] = Node.objects.filter(roles__contains=[contract.ROLE_MAIL]).exclude(public_key="")
    return rows


def emptiest(pool: str = "") -> Node | None:
    """Of the nodes that take new domains of ``pool`` the one with the fewest, by name among equals. To be
    relied on under the lock of placement.node_for."""
    # By key: the unique index answers it, however many mailboxes the node has.
    held = Push.objects.filter(
        node=OuterRef("pk"),
        key__startswith=f"{contract.MailDomain.KIND}/",
        payload__isnull=False,
        domain__isnull=False,  # its own name for postmaster@ is no customer's
    )
    counted = held.order_by().values("node").annotate(n=Count("pk")).values("n")
    nodes = mail_nodes().filter(draining=False, pool=pool)
    return nodes.annotate(held=Coalesce(Subquery(counted), 0)).order_by("held", "name").first()


def mail_node(pool: str = "") -> Node:
    """As emptiest. Raises Refused if there is none."""
    node = emptiest(pool)
    if node is None:
        raise Refused(_("No mail server takes new domains at the moment. Ask your provider."))
    return node


def dns_nodes() -> list[Node]:
    """Every node that serves DNS: each one holds every zone."""
    return list(Node.objects.filter(roles__contains=["dns"]).order_by("name"))


def waiting_by_node(nodes: Iterable[Node]) -> dict[int, int]:
    """Node id → how many pushes wait."""
    rows = (
        Push.objects.behind().filter(node__in=list(nodes)).values("node").annotate(n=Count("pk")).order_by()
    )
    return {row["node"]: row["n"] for row in rows}
