"""The provider's own names: where the panel answers, and what its zone says about the nodes."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import urlsplit

from django.conf import settings
from django.db.models import Q

from accounts.branding.select import mail_host
from accounts.domains import refuse_touching
from accounts.limits import has
from accounts.models import Account
from dnszone import names, template
from dnszone.spec import RecordSpec
from nodeagent import contract
from provision.models import Node, Push


def panel_address() -> tuple[str, int]:
    """Host and port that autoconfig and autodiscover point at. A panel at localhost, or at a bare address,
    goes by ``panel.`` in the provider's zone: a CNAME needs a name."""
    url = urlsplit(settings.PANEL_URL)
    host = url.hostname or ""
    if "." not in host or names.is_address(host):
        host = f"panel.{settings.PROVIDER_DOMAIN}"
    return host, url.port or 443


def offered(node: Node, account: Account) -> tuple[str, dict[str, int]]:
    """What mail programs of ``account`` are told of ``node``: its host by the name of the brand, where the
    node has proved to answer to it, and its ports by service; without POP3 where the plan has it not: the
    node would refuse it."""
    pop3 = has(account, "pop3")
    ports = {name: port for name, port in node.ports.items() if pop3 or not name.startswith("pop3")}
    return mail_host(account, node.name) or node.host, ports


def mail_nodes(names_: Iterable[str]) -> dict[str, Node]:
    """Name of a domain → the node that has its mail; without those whose mail none has. One query."""
    keys = [f"{contract.MailDomain.KIND}/{name}" for name in names_]
    rows = Push.objects.select_related("node").filter(key__in=keys, payload__isnull=False).defer("payload")
    return {row.key.partition("/")[2]: row.node for row in rows}


def name_servers() -> list[str]:
    """What a domain is delegated to when its zone is here; no dot at the end."""
    return template.name_servers(settings.PROVIDER_DOMAIN, server_count())


def server_count() -> int:
    answering = Q(roles__contains=[contract.ROLE_DNS]) | Q(roles__contains=[contract.ROLE_SECONDARY])
    return Node.objects.filter(answering).count()


def numbered(nodes: Iterable[Node]) -> list[Node]:
    """The name servers among ``nodes``: ns1, ns2 and so on. Whose host is called so has that number, if there
    are so many; of the others primaries come first."""
    zone = settings.PROVIDER_DOMAIN
    servers = [node for node in nodes if {contract.ROLE_DNS, contract.ROLE_SECONDARY} & set(node.roles)]
    servers.sort(key=lambda node: (contract.ROLE_DNS not in node.roles, node.pk))
    names_ = [f"ns{number}" for number in range(1, len(servers) + 1)]
    placed = {owner: node for node in servers if (owner := _below(node.host, zone)) in names_}
    called = {node.pk for node in placed.values()}
    others = iter(node for node in servers if node.pk not in called)
    return [placed.get(name) or next(others) for name in names_]


def refuse_ours(name: str, display: str) -> None:
    """Raises Refused (field ``name``) for a server of ours and for what lies above or below one: whoever has
    such a name has its mail, its certificates, and the customers that follow it."""
    hosts = Node.objects.values_list("host", flat=True)
    own = [panel_address()[0], *name_servers(), *(host.lower().removesuffix(".") for host in hosts)]
    refuse_touching(name, display, own)


def own_records() -> list[RecordSpec]:
    """Name servers, the panel, every node, and the SPF terms that customers include."""
    zone = settings.PROVIDER_DOMAIN
    nodes = list(Node.objects.order_by("pk"))
    hosts = {owner: node.addresses for node in nodes if (owner := _below(node.host, zone))}
    if panel := _below(panel_address()[0], zone):
        # Of a small provider the first node is the panel's own machine; a second one changes nothing there.
        addresses = settings.PANEL_ADDRESSES or (nodes[0].addresses if nodes else [])
        hosts.setdefault(panel, addresses)
    return template.provider_zone(
        dns=[node.addresses for node in numbered(nodes)],
        hosts=hosts,
        mail_addresses=[address for node in nodes if "mail" in node.roles for address in node.addresses],
        panel_host=panel_address()[0],
    )


def _below(host: str, zone: str) -> str:
    """``host`` relative to ``zone``; empty when it lies elsewhere."""
    host = host.lower().removesuffix(".")
    if host == zone:
        return names.APEX
    return host.removesuffix(f".{zone}") if host.endswith(f".{zone}") else ""
