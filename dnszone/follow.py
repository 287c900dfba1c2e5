"""Zones follow the nodes: a new name server gets all of them, a moved port or address is published."""

from __future__ import annotations

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Concat

from dnszone import managed, provider, services, template
from dnszone.models import Record, Zone
from nodeagent import contract
from provision.models import Node, Push


@transaction.atomic
def node_changed(node: Node) -> None:
    """For provision: runs when a node is added or set anew, which bin/up does at every start."""
    services.provider_zone_ensure(actor=None)
    for zone in _missing_on(node):
        services.zone_push(actor=None, zone=zone)
    services_now = template.service_records(node.host, node.ports)
    for zone in _stale(
        Q(managed=managed.SRV, rdata__endswith=f" {node.host}."), [s.rdata for s in services_now]
    ):
        services.managed_records_set(actor=None, zone=zone, managed=managed.SRV, records=services_now)
    panel_now = template.autoconfig_records(*provider.panel_address())
    for zone in _stale(Q(managed=managed.AUTOCONFIG), [s.rdata for s in panel_now]):
        services.managed_records_set(actor=None, zone=zone, managed=managed.AUTOCONFIG, records=panel_now)


def _missing_on(node: Node) -> QuerySet[Zone]:
    """The zones that this name server was never told of."""
    zones: QuerySet[Zone] = Zone.objects.all()
    if contract.ROLE_DNS not in node.roles:
        return zones.none()
    key = Concat(Value(f"{contract.Zone.KIND}/"), OuterRef("name"))
    return zones.exclude(Exists(Push.objects.filter(node=node, key=key)))


def _stale(kept: Q, now: list[str]) -> QuerySet[Zone]:
    """Zones whose records of that kind say something else than ``now``."""
    records = Record.objects.filter(kept, zone=OuterRef("pk")).exclude(rdata__in=now)
    zones: QuerySet[Zone] = Zone.objects.filter(Exists(records)).order_by(F("pk"))
    return zones
