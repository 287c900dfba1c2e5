"""Which template a new domain gets, and its records for one domain. Reads the database, changes nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.conf import settings

from accounts.models import Account, Domain
from dnszone import changeset, provider, template
from dnszone.blueprints import merging
from dnszone.blueprints.placeholders import Rendered, Values, render
from dnszone.models import ZoneTemplate
from dnszone.spec import RecordSpec, Row
from provision.models import Node

EXAMPLE = "example.test"


@dataclass(frozen=True, slots=True)
class Made:
    """The records of a new domain. ``template`` None: the panel's own alone."""

    rows: list[Row]
    template: ZoneTemplate | None
    values: Values
    left_out: list[str]


def default_for(account: Account) -> ZoneTemplate | None:
    """Its reseller's template for new domains (a reseller's own domains get it too), else the provider's."""
    owners = [account.reseller_id or (account.pk if account.kind == Account.Kind.RESELLER else None), None]
    for owner in owners:
        found = ZoneTemplate.objects.filter(owner=owner, is_default=True).first()
        if found is not None:
            return found
    return None


def values_for(name: str, node: Node | None) -> dict[str, list[str]]:
    """What stands for the placeholders; ``node``: the domain's mail server."""
    servers = template.name_servers(settings.PROVIDER_DOMAIN)
    addresses = node.addresses if node else []
    return {
        "domain": [name],
        "mail_host": [node.host] if node else [],
        "ipv4": [address for address in addresses if ":" not in address],
        "ipv6": [address for address in addresses if ":" in address],
        "panel_host": [provider.panel_address()[0]],
        "provider": [settings.PROVIDER_DOMAIN],
        "ns1": [servers[0]],
        "ns2": [servers[1]],
    }


def example_values() -> dict[str, list[str]]:
    """A domain that has everything: what is wrong there is wrong everywhere."""
    return values_for(EXAMPLE, None) | {
        "mail_host": [f"mail.{settings.PROVIDER_DOMAIN}"],
        "ipv4": ["192.0.2.10"],
        "ipv6": ["2001:db8::10"],
    }


def tried(text: str) -> Rendered:
    """``text`` on the example domain. Raises BadTemplate."""
    return render(text, example_values())


def panel_records(node: Node, account: Account | None = None, servers: int = 2) -> list[RecordSpec]:
    """What the panel writes for every new domain of ``account``; None: what is the same for all.
    ``servers``: as for template.new_domain."""
    host, port = provider.panel_address()
    service_host, ports = provider.offered(node, account) if account else (node.host, node.ports)
    return template.new_domain(
        provider=settings.PROVIDER_DOMAIN,
        mail_host=node.host,
        service_host=service_host,
        addresses=node.addresses,
        ports=ports,
        panel_host=host,
        panel_port=port,
        servers=servers,
    )


def rows_with(
    name: str, node: Node, own: Sequence[Row], account: Account | None = None, servers: int = 2
) -> list[Row]:
    """The panel's records of a domain with a template's (rendered) on top."""
    panel = [changeset.canonical_row(spec, name) for spec in panel_records(node, account, servers)]
    return merging.composed(panel, own)


def made_for(domain: Domain, node: Node) -> Made:
    """A line that does not fit this domain is left out: no template keeps a domain from being added."""
    found = default_for(domain.account)
    values = values_for(domain.name, node)
    servers = provider.server_count()
    if found is None:
        return Made(rows_with(domain.name, node, [], domain.account, servers), None, values, [])
    rendered = render(found.text, values, strict=False)
    whole = rows_with(domain.name, node, rendered.rows, domain.account, servers)
    own = {row.identity for row in rendered.rows}
    panel = [row for row in whole if row.identity not in own]
    rows, out = merging.fitting(domain.name, panel, [row for row in whole if row.identity in own])
    return Made(rows, found, values, [*rendered.left_out, *(f"{kept.row.owner}: {kept.why}" for kept in out)])
