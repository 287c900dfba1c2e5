"""The desk's first page: what waits for the provider. Each part for those who may look at its list."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
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
from dnszone import names
from dnszone.models import SecondaryWatch
from mailboxes.models import MailboxLoss
from nodeagent import contract
from panel.desk.figures import Near, near_of, with_uses
from provision.models import Node, Push
from provision.placement import pools_asked_for, takes_new
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
    def invited(self) -> bool:
        """It has no keys yet; a secondary name server never has."""
        return not self.node.public_key and not self.secondary

    @property
    def secondary(self) -> bool:
        """No agent speaks for it: Beat asks it (dnszone.secondaries)."""
        return contract.ROLE_SECONDARY in self.node.roles

    @property
    def watch(self) -> SecondaryWatch | None:
        return getattr(self.node, "secondary_watch", None)

    @property
    def examples(self) -> str:
        """Some of the zones that a secondary has not as they are."""
        behind = list(self.watch.behind) if self.watch else []
        return ", ".join(names.shown(name) for name in behind[:3])

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
    whose logs are not read; ``alerted``: the domains with most open ones. ``closed``: pools of which accounts
    would get a node, and no node takes new domains."""

    nodes: list[NodeLine] | None = None
    closed: list[str] = field(default_factory=list)
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
        nodes, closed = _nodes()
        parts |= {"nodes": nodes, "closed": closed, "failing": _failing()}
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


def _nodes() -> tuple[list[NodeLine], list[str]]:
    """With the pools that no node is open for; empty while there is no node at all."""
    behind = Push.objects.behind().filter(node=OuterRef("pk")).order_by().values("node")
    rows = Node.objects.select_related("secondary_watch").annotate(
        failed=_count(behind.exclude(last_error="")),
        waiting=_count(behind.filter(last_error="")),
        asked=ArraySubquery(pools_asked_for()),
        lost=_count(
            MailboxLoss.objects.real().filter(rebuild__node=OuterRef("pk")).order_by().values("rebuild__node")
        ),
    )
    found = list(rows)
    open_ = {row.pool for row in found if takes_new(row)}
    lines = [NodeLine(row, row.failed, row.waiting, _away(row)) for row in found]
    return lines, sorted({pool for row in found[:1] for pool in row.asked} - open_)


def _away(row: Any) -> bool:
    if watch := getattr(row, "secondary_watch", None):
        return watch.silent_since is not None
    return bool(row.waiting or row.failed) and silent(row)


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
