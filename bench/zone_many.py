"""A thousand domains with their zones, by the panel's services. For bench.zone_seed, once Django is up."""

from __future__ import annotations

from django.db import transaction

from accounts.models import Account, Domain
from dnszone.services import zone_create, zone_delete
from nodeagent import contract
from provision import broker
from provision.models import Node
from provision.selectors import mail_node

BATCH = 50


def make(tag: str, count: int) -> dict[str, int]:
    """Names of the zones, with their serials."""
    account = Account.objects.create(name=tag, max_domains=count)
    names = [f"{tag}-{number}.test" for number in range(count)]
    serials: dict[str, int] = {}
    node = mail_node()
    for start in range(0, count, BATCH):
        with transaction.atomic():
            for name in names[start : start + BATCH]:
                domain = Domain.objects.create(account=account, name=name, display_name=name)
                serials[name] = zone_create(actor=None, domain=domain, mail_node=node).serial
    return serials


def compare() -> None:
    for node in Node.objects.filter(roles__contains=[contract.ROLE_DNS]):
        broker.send(
            contract.TASK_MANIFEST,
            contract.node_queue(node.name),
            {"contract": contract.CONTRACT, "node": node.name},
        )


def drop(tag: str) -> None:
    domains = list(Domain.objects.filter(account__name=tag).select_related("zone"))
    for start in range(0, len(domains), BATCH):
        with transaction.atomic():
            for domain in domains[start : start + BATCH]:
                zone_delete(actor=None, zone=domain.zone)
                domain.delete()
    Account.objects.filter(name=tag).delete()
