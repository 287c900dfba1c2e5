"""Zones follow the nodes: a new name server gets all of them, a moved port or address is published. And what
mail programs are told follows the brand that names the servers, and the plan that has POP3 or not."""

from __future__ import annotations

from collections.abc import Iterator

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Concat

from accounts.models import Account, Brand
from dnszone import managed, provider, services, template
from dnszone.models import Record, Zone
from dnszone.spec import RecordSpec
from nodeagent import contract
from provision.models import Node, Push

_MAIL_KEY = Concat(Value(f"{contract.MailDomain.KIND}/"), OuterRef("name"))


@transaction.atomic
def node_changed(node: Node) -> None:
    """For provision: runs when a node is added or set anew, which bin/up does at every start."""
    services.provider_zone_ensure(actor=None)
    for zone in _missing_on(node):
        services.zone_push(actor=None, zone=zone)
    programs_follow(node)
    panel_now = template.autoconfig_records(*provider.panel_address())
    for zone in _stale(Q(managed=managed.AUTOCONFIG), [s.rdata for s in panel_now]):
        services.managed_records_set(actor=None, zone=zone, managed=managed.AUTOCONFIG, records=panel_now)


def programs_follow(node: Node) -> int:
    """Where the SRV records that we keep say something else of ``node`` than guides do, they are set anew.
    How many zones that were. Where there are none, a person or a preset took them away: they stay away."""
    changed = 0
    kept = Q(managed=managed.SRV)
    names_it = Record.objects.filter(kept, zone=OuterRef("pk"), rdata__endswith=f" {node.host}.")
    elsewhere = Push.objects.filter(key=_MAIL_KEY, payload__isnull=False).exclude(node=node)
    here = Exists(_mail_on(node)) | (Exists(names_it) & ~Exists(elsewhere))
    for accounts, records in _told(node):
        stale = _stale(kept, [spec.rdata for spec in records])
        for zone in stale.filter(here, domain__account__in=accounts):
            services.managed_records_set(actor=None, zone=zone, managed=managed.SRV, records=records)
            changed += 1
    return changed


def _told(node: Node) -> Iterator[tuple[QuerySet[Account], list[RecordSpec]]]:
    """Accounts, and what their mail programs are told: one for each name and with or without POP3, not one
    for each account."""
    named = Brand.objects.filter(mail_host_node=node.name).exclude(mail_host="").order_by("pk")
    resellers = list(named.values_list("account", flat=True))
    groups = [Q(pk=reseller) | Q(reseller=reseller) for reseller in resellers]
    others = ~Q(pk__in=resellers) & (Q(reseller=None) | ~Q(reseller__in=resellers))
    with_pop3 = Q(pop3=True) & (Q(reseller=None) | Q(reseller__pop3=True))
    for group in [*groups, others]:
        for has_it in (with_pop3, ~with_pop3):
            accounts = Account.objects.filter(group & has_it)
            one = accounts.select_related("reseller").first()
            if one is not None:
                yield accounts, template.service_records(*provider.offered(node, one))


def _mail_on(node: Node) -> QuerySet[Push]:
    return Push.objects.filter(node=node, key=_MAIL_KEY, payload__isnull=False)


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
