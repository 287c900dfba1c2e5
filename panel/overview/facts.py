"""Everything the overview shows about one domain, read in a bounded number of queries."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from django.db.models import Count, F, Q, Sum
from django.utils import timezone

from accounts.models import Domain
from delivery import selectors as delivery
from delivery.models import Alert
from dnszone.models import Record
from mailboxes.models import Compromise, DkimKey, Mailbox
from nodeagent import contract
from panel import probe
from provision.models import Node, Push
from provision.selectors import Status, statuses

RACK = 21  # mailboxes drawn


@dataclass(frozen=True, kw_only=True)
class Boxes:
    """Counts over all mailboxes of the domain; ``used_mb`` and ``full`` as last measured."""

    total: int = 0
    suspended: int = 0
    full: int = 0
    used_mb: float = 0.0
    messages: int = 0
    failed: int = 0
    moving: int = 0

    @property
    def live(self) -> int:
        """Proven, and nobody has to look at them."""
        return max(0, self.total - self.failed - self.moving - self.suspended - self.full)


@dataclass(frozen=True, kw_only=True)
class Facts:
    """``ports``: which of the node's services took a connection. ``today``: what delivery counted since
    midnight."""

    domain: Domain
    node: Node | None
    mx: list[tuple[int, str]]
    own_hosts: Mapping[str, Node]
    spf: bool
    dmarc: bool
    dkim: DkimKey | None
    boxes: Boxes
    rack: list[Mailbox]
    statuses: Mapping[str, Status]
    ports: Mapping[str, probe.Answer]
    today: Mapping[str, int]
    stopped: list[Compromise] = field(default_factory=list)
    alerts: list[Alert] = field(default_factory=list)


def facts(domain: Domain) -> Facts:
    """``domain`` as found by visible_to, with ``mail__node`` selected."""
    mail = getattr(domain, "mail", None)
    node = mail.node if mail else None
    records = _records(domain)
    rack = list(Mailbox.objects.present().filter(mail_domain=mail).order_by("address")[:RACK]) if mail else []
    dkim = (
        DkimKey.objects.filter(mail_domain=mail).order_by(F("seen_at").desc(nulls_last=True), "-pk").first()
        if mail
        else None
    )
    return Facts(
        domain=domain,
        node=node,
        mx=sorted(_mx(record.rdata) for record in records if record.type == "MX"),
        own_hosts={each.host: each for each in Node.objects.filter(roles__contains=[contract.ROLE_MAIL])},
        spf=any(
            record.type == "TXT" and record.owner == "@" and "v=spf1" in record.rdata for record in records
        ),
        dmarc=any(record.owner == "_dmarc" and "v=DMARC1" in record.rdata for record in records),
        dkim=dkim,
        boxes=_boxes(domain),
        rack=rack,
        statuses=statuses([zone_key(domain), mail_key(domain), dkim_key(dkim, domain), *map(box_key, rack)]),
        ports=_ports(node),
        today=delivery.counts_today(domain)[domain.pk],
        stopped=_stopped(domain),
        alerts=_alerts(domain),
    )


def _stopped(domain: Domain) -> list[Compromise]:
    rows = Compromise.objects.still_open().filter(mail_domain__domain=domain)
    return list(rows.exclude(mailbox__deleted_at__isnull=False).order_by("-pk")[:RACK])


def _alerts(domain: Domain) -> list[Alert]:
    """Those that somebody was told of, the newest first."""
    rows = Alert.objects.still_open().filter(domain=domain).exclude(told_at=None)
    return list(rows.select_related("domain").order_by("-began_at", "-pk")[:RACK])


def zone_key(domain: Domain) -> str:
    return f"{contract.Zone.KIND}/{domain.name}"


def mail_key(domain: Domain) -> str:
    return f"{contract.MailDomain.KIND}/{domain.name}"


def dkim_key(dkim: DkimKey | None, domain: Domain) -> str:
    return f"{contract.DkimKey.KIND}/{domain.name}/{dkim.selector if dkim else ''}"


def box_key(mailbox: Mailbox) -> str:
    return f"{contract.Mailbox.KIND}/{mailbox.address}"


def _records(domain: Domain) -> list[Record]:
    ours = Q(owner="@", type__in=["MX", "TXT"]) | Q(owner="_dmarc", type="TXT")
    return list(Record.objects.filter(ours, zone__domain=domain))


def _mx(rdata: str) -> tuple[int, str]:
    preference, _space, target = rdata.partition(" ")
    return int(preference), target.rstrip(".")


def _boxes(domain: Domain) -> Boxes:
    present = Mailbox.objects.present().filter(mail_domain__domain=domain)
    sums = present.aggregate(
        total=Count("pk"),
        suspended=Count("pk", filter=Q(suspended_at__isnull=False)),
        full=Count("pk", filter=Q(used_mb__gte=F("quota_mb"))),
        used_mb=Sum("used_mb"),
        messages=Sum("messages"),
    )
    behind = Push.objects.behind().filter(domain=domain, kind=contract.Mailbox.KIND, payload__isnull=False)
    waits = behind.aggregate(
        failed=Count("pk", filter=~Q(last_error="")), moving=Count("pk", filter=Q(last_error=""))
    )
    return Boxes(
        total=sums["total"],
        suspended=sums["suspended"],
        full=sums["full"],
        used_mb=sums["used_mb"] or 0.0,
        messages=sums["messages"] or 0,
        failed=waits["failed"],
        moving=waits["moving"],
    )


def _ports(node: Node | None) -> dict[str, probe.Answer]:
    """Service → answer, for the services a letter meets."""
    if node is None or not node.addresses:
        return {}
    services = [name for name in ("smtp", "imaps", "pop3s", "submissions") if name in node.ports]
    targets = {name: (str(node.addresses[0]), int(node.ports[name])) for name in services}
    found = probe.answers(targets.values())
    return {name: found[target] for name, target in targets.items()}


def measured_at(found: Facts) -> float:
    """Unix seconds of the oldest measurement behind the page; now when nothing could be measured."""
    return min((answer.at for answer in found.ports.values()), default=timezone.now().timestamp())
