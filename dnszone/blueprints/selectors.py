"""What can be asked about templates, the zones made from them, and roll-outs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, F, Q, QuerySet
from django.utils.translation import gettext as _

from accounts.models import Account
from dnszone import provider
from dnszone.blueprints import merging
from dnszone.blueprints.making import rows_with, values_for
from dnszone.blueprints.merging import Plan
from dnszone.blueprints.placeholders import render
from dnszone.models import (
    Record,
    Zone,
    ZoneRollout,
    ZoneRolloutItem,
    ZoneTemplate,
    ZoneTemplateRevision,
    ZoneTemplateUse,
)
from dnszone.spec import Row
from lib.errors import Refused
from nodeagent.contract import ROLE_MAIL
from provision.models import Node

PAGE = 50
BEHIND, CURRENT, OTHERS = "behind", "current", "others"


@dataclass(frozen=True, slots=True, kw_only=True)
class ZonesPage:
    """``zones``: each with ``used_revision`` (None: not made from the template). Cursors are names."""

    zones: list[Any]
    previous: str
    next: str


@dataclass(frozen=True, slots=True)
class Outlook:
    """What a roll-out would do to a zone; ``left_out``: lines that this domain has no value for."""

    plan: Plan
    rows: list[Row]
    values: dict[str, list[str]]
    left_out: list[str]


def templates_of(owner: Account | None) -> QuerySet[ZoneTemplate]:
    """With ``n_zones`` and ``n_behind``: those not at the newest revision."""
    rows = ZoneTemplate.objects.filter(owner=owner).annotate(
        n_zones=Count("uses"), n_behind=Count("uses", filter=Q(uses__revision__lt=F("revision")))
    )
    return rows.order_by("name", "pk")


def zones_offered(user: Any, template: ZoneTemplate) -> QuerySet[Zone]:
    """Zones that the template may be rolled out to: of the reseller's clients and itself (the provider's: of
    its own clients), that the person sees; no account that is suspended or deleted, nor below such a one."""
    account = "domain__account"
    asleep = Q()
    for place in ("domain", account, f"{account}__reseller"):
        for switch in ("no_sign_in", "no_receive", "no_send"):
            asleep |= Q(**{f"{place}__{switch}": True})
    gone = Q(**{f"{account}__deleted_at__isnull": False})
    gone |= Q(**{f"{account}__reseller__deleted_at__isnull": False})
    rows: QuerySet[Zone] = Zone.objects.visible_to(user).filter(domain__isnull=False)
    if template.owner_id is not None:
        rows = rows.filter(
            Q(domain__account=template.owner_id) | Q(domain__account__reseller=template.owner_id)
        )
    return rows.exclude(asleep | gone)


def zones_listed(
    user: Any, template: ZoneTemplate, *, search: str = "", which: str = BEHIND
) -> QuerySet[Zone]:
    """``which``: made from it and BEHIND its newest revision, CURRENT, or OTHERS: not made from it."""
    rows = zones_offered(user, template).annotate(used_revision=F("template_use__revision"))
    if which == OTHERS:
        rows = rows.exclude(template_use__template=template)
    else:
        rows = rows.filter(template_use__template=template)
        newest = Q(template_use__revision__gte=template.revision)
        rows = rows.filter(newest) if which == CURRENT else rows.exclude(newest)
    search = search.replace("\x00", "").strip().lower()[:253]
    return (
        rows.filter(Q(name__contains=search) | Q(domain__display_name__icontains=search)) if search else rows
    )


def zones_page(rows: QuerySet[Zone], *, after: str = "", before: str = "") -> ZonesPage:
    """One query; the cursor is the name of the first or last row seen."""
    rows = rows.select_related("domain__account")
    if before:
        found = list(rows.filter(name__lt=before.replace("\x00", "")[:253]).order_by("-name")[: PAGE + 1])
    else:
        found = list(rows.filter(name__gt=after.replace("\x00", "")[:253]).order_by("name")[: PAGE + 1])
    more = len(found) > PAGE
    found = found[:PAGE]
    if before:
        found.reverse()
    earlier, later = (more, True) if before else (bool(after), more)
    return ZonesPage(
        zones=found,
        previous=found[0].name if found and earlier else "",
        next=found[-1].name if found and later else "",
    )


def outlooks(zones: Sequence[Zone], template: ZoneTemplate, text: str) -> dict[int, Outlook | Refused]:
    """By key of the zone: its old revision as it was rendered then, against ``text`` (the new one) as it
    renders now; Refused when no mail server is known. Five queries."""
    rows: dict[int, list[Row]] = {zone.pk: [] for zone in zones}
    columns = ("zone_id", "pk", "owner", "type", "rdata", "ttl", "managed", "since_serial", "comment")
    found: Any = Record.objects.filter(zone__in=rows).order_by("owner", "type", "rdata")
    for key, *values in found.values_list(*columns):
        rows[key].append(Row(*values))
    uses = {use.zone_id: use for use in ZoneTemplateUse.objects.filter(zone__in=rows, template=template)}
    numbers = {use.revision for use in uses.values()}
    revisions = ZoneTemplateRevision.objects.filter(template=template, number__in=numbers)
    texts = dict(revisions.values_list("number", "text"))
    nodes = list(Node.objects.filter(roles__contains=[ROLE_MAIL]).order_by("pk"))
    homes = provider.mail_nodes([zone.name for zone in zones])
    seen: dict[int, Outlook | Refused] = {}
    for zone in zones:
        use = uses.get(zone.pk)
        try:
            old = render(texts.get(use.revision, ""), use.values, strict=False).rows if use else []
            node = homes.get(zone.name) or _node_of(nodes, rows[zone.pk], use)
            seen[zone.pk] = _outlook(zone, rows[zone.pk], node, old, text)
        except Refused as refused:
            seen[zone.pk] = refused
    return seen


def outlook(zone: Zone, template: ZoneTemplate, text: str) -> Outlook:
    """As outlooks, of one zone. Raises Refused."""
    found = outlooks([zone], template, text)[zone.pk]
    if isinstance(found, Refused):
        raise found
    return found


def _outlook(zone: Zone, rows: list[Row], node: Node, old: Sequence[Row], text: str) -> Outlook:
    values = values_for(zone.name, node)
    fresh = render(text, values, strict=False)
    before, after = rows_with(zone.name, node, old), rows_with(zone.name, node, fresh.rows)
    return Outlook(merging.plan(zone.name, rows, before, after), rows, values, fresh.left_out)


def _node_of(nodes: Sequence[Node], rows: Iterable[Row], use: ZoneTemplateUse | None) -> Node:
    """Of a domain that has no mail here, the mail server that the zone was made for: what the template was
    filled with, else what the panel's own records name, else the first."""
    hosts = {node.host: node for node in nodes}
    known = use.values.get("mail_host", []) if use else []
    named = [row.rdata.rpartition(" ")[2].removesuffix(".") for row in rows if row.managed in ("mx", "srv")]
    for host in (*known, *named):
        if host in hosts:
            return hosts[host]
    if not nodes:
        raise Refused(_("There is no mail server yet, so the template cannot be filled in."))
    return nodes[0]


def tally(rollout: ZoneRollout) -> dict[str, int]:
    """How many of its zones are in each state, and ``all``."""
    found = Counter(dict.fromkeys(ZoneRolloutItem.State.values, 0))
    for state, many in (
        ZoneRolloutItem.objects.filter(rollout=rollout)
        .order_by()
        .values_list("state")
        .annotate(n=Count("pk"))
    ):
        found[state] = many
    return dict(found) | {"all": sum(found.values())}
