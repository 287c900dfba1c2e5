"""The desk's first page: what waits for the provider. Each part for those who may look at its list."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.db.models import (
    Case,
    Count,
    F,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
    Window,
)
from django.db.models.functions import Coalesce, RowNumber

from accounts.models import Account, Domain, DomainClaim
from delivery.alerts.words import Told, told
from delivery.models import Alert
from delivery.traffic import Sender, top_senders
from panel.desk.figures import Near, near_of, with_uses
from provision.models import Node, Push
from provision.selectors import silent

SHOWN = 5


@dataclass(frozen=True, slots=True)
class NodeLine:
    """``trouble``: its report was refused; ``away``: it says nothing while something waits for it."""

    node: Node
    failed: int
    waiting: int
    away: bool

    @property
    def calm(self) -> bool:
        return not (self.failed or self.waiting or self.node.trouble or self.away)


@dataclass(frozen=True, slots=True)
class NearLine:
    account: Account
    limits: list[Near]


@dataclass(frozen=True, slots=True, kw_only=True)
class Attention:
    """None: not for this person. Lists hold the first SHOWN. ``alerts``: the provider's own, also of nodes
    whose logs are not read; ``alerted``: the domains with most open ones."""

    nodes: list[NodeLine] | None = None
    failing: list[Push] = field(default_factory=list)
    alerts: list[Told] | None = None
    alerted: list[tuple[Domain, int]] = field(default_factory=list)
    senders: list[Sender] | None = None
    near: list[NearLine] | None = None
    near_more: bool = False
    claims: list[DomainClaim] | None = None
    claims_more: bool = False
    suspended: list[Account] | None = None
    suspended_more: bool = False

    @property
    def failed(self) -> int:
        return sum(line.failed for line in self.nodes or ())

    @property
    def waiting(self) -> int:
        return sum(line.waiting for line in self.nodes or ())

    @property
    def troubled(self) -> list[NodeLine]:
        return [line for line in self.nodes or () if line.node.trouble or line.away]


def attention(user: Any) -> Attention:
    """Eight queries at most."""
    parts: dict[str, Any] = {}
    if user.has_perm("provision.view_push") and user.has_perm("provision.view_node"):
        parts |= {"nodes": _nodes(), "failing": _failing()}
    if user.has_perm("delivery.view_alert"):
        parts |= _alerts()
    if user.has_perm("accounts.view_account"):
        near, suspended = _near(), _suspended()
        parts |= {
            "senders": top_senders(SHOWN),
            "near": [NearLine(account, near_of(account)) for account in near[:SHOWN]],
            "near_more": len(near) > SHOWN,
            "suspended": suspended[:SHOWN],
            "suspended_more": len(suspended) > SHOWN,
        }
    if user.has_perm("accounts.view_domainclaim"):
        claims = list(DomainClaim.objects.select_related("account").order_by("created_at")[: SHOWN + 1])
        parts |= {"claims": claims[:SHOWN], "claims_more": len(claims) > SHOWN}
    return Attention(**parts)


def _alerts() -> dict[str, Any]:
    """The provider's own, and of each domain its newest for their number. One query."""
    rows = Alert.objects.still_open().annotate(
        many=Window(Count("pk"), partition_by=F("domain")),
        place=Window(RowNumber(), partition_by=F("domain"), order_by=F("pk").desc()),
        theirs=Case(When(domain=None, then=0), default=1),
    )
    first: Any = rows.filter(Q(domain=None, place__lte=SHOWN) | Q(place=1)).select_related("domain")
    found = list(first.order_by("theirs", "-many", "-pk")[: 2 * SHOWN])
    return {
        "alerts": [told(row) for row in found if row.domain is None],
        "alerted": [(row.domain, row.many) for row in found if row.domain is not None][:SHOWN],
    }


def _nodes() -> list[NodeLine]:
    behind = Push.objects.behind().filter(node=OuterRef("pk")).order_by().values("node")
    rows = Node.objects.annotate(
        failed=_count(behind.exclude(last_error="")), waiting=_count(behind.filter(last_error=""))
    )
    return [
        NodeLine(row, row.failed, row.waiting, bool(row.waiting or row.failed) and silent(row))
        for row in rows
    ]


def _count(grouped: QuerySet[Any, Any]) -> Coalesce:
    inner = grouped.annotate(n=Count("pk")).values("n")
    return Coalesce(Subquery(inner, output_field=IntegerField()), Value(0))


def _failing() -> list[Push]:
    """The latest refusals."""
    rows = Push.objects.failed().select_related("node").defer("payload")
    return list(rows.order_by("-changed_at", "-pk")[:SHOWN])


def _near() -> list[Any]:
    """Accounts that are awake, the fullest first would need a sum of sums: by name."""
    rows = with_uses(Account.objects.present()).filter(near=1).select_related("reseller")
    return list(rows.order_by("name", "pk")[: SHOWN + 1])


def _suspended() -> list[Account]:
    stopped = Q(no_sign_in=True) | Q(no_receive=True) | Q(no_send=True)
    rows = Account.objects.present().filter(stopped).select_related("reseller", "suspended_by")
    return list(rows.order_by("-suspended_at", "pk")[: SHOWN + 1])
