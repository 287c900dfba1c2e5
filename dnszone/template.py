"""The records of a new domain, and of the provider's own zone. Pure: plain values in, RecordSpecs out."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Mapping, Sequence

from dnszone import managed
from dnszone.names import APEX
from dnszone.spec import RecordSpec

# RFC 6186 §3.1 to §3.4, RFC 8314 §5.1, RFC 5804 §1.8: service → (port's name on the node, priority).
# With TLS from the start before STARTTLS, IMAP before POP3.
SERVICES: dict[str, tuple[str, int]] = {
    "_submissions._tcp": ("submissions", 0),
    "_submission._tcp": ("submission", 10),
    "_imaps._tcp": ("imaps", 0),
    "_imap._tcp": ("imap", 10),
    "_pop3s._tcp": ("pop3s", 20),
    "_pop3._tcp": ("pop3", 30),
    "_sieve._tcp": ("sieve", 0),
}
NOT_OFFERED = "0 0 0 ."  # RFC 6186 §3.4: so that programs need not try


def address_records(owner: str, addresses: Iterable[str], label: str) -> list[RecordSpec]:
    return [
        RecordSpec(
            owner=owner,
            type="AAAA" if ipaddress.ip_address(address).version == 6 else "A",
            rdata=address,
            managed=label,
        )
        for address in addresses
    ]


def name_servers(provider: str, count: int = 2) -> list[str]:
    """Never fewer than two names: registries ask for two (RFC 1034 §4.1)."""
    return [f"ns{number}.{provider}" for number in range(1, max(2, count) + 1)]


def ns_records(provider: str, count: int = 2) -> list[RecordSpec]:
    return [
        RecordSpec(owner=APEX, type="NS", rdata=f"{server}.", managed=managed.NS)
        for server in name_servers(provider, count)
    ]


def new_domain(
    *,
    provider: str,
    mail_host: str,
    addresses: Sequence[str],
    ports: Mapping[str, int],
    panel_host: str,
    panel_port: int,
    service_host: str = "",
    servers: int = 2,
) -> list[RecordSpec]:
    """Everything that mail needs but DKIM, whose key is made on the node later. ``mail_host``, ``panel_host``
    and ``service_host`` (what mail programs are told, where that is another than ``mail_host``): names
    without a dot at the end; ``addresses``: the mail node's; ``ports``: what is offered, by service name;
    ``servers``: how many name servers there are."""
    return [
        *ns_records(provider, servers),
        *address_records(APEX, addresses, managed.ADDRESS),
        *address_records("mail", addresses, managed.ADDRESS),
        RecordSpec(owner=APEX, type="MX", rdata=f"10 {mail_host}.", managed=managed.MX),
        RecordSpec(owner=APEX, type="TXT", rdata=f"v=spf1 include:_spf.{provider} ~all", managed=managed.SPF),
        RecordSpec(owner="_dmarc", type="TXT", rdata="v=DMARC1; p=none", managed=managed.DMARC),
        *autoconfig_records(panel_host, panel_port),
        *service_records(service_host or mail_host, ports),
    ]


def autoconfig_records(panel_host: str, panel_port: int) -> list[RecordSpec]:
    return [
        RecordSpec(owner="autoconfig", type="CNAME", rdata=f"{panel_host}.", managed=managed.AUTOCONFIG),
        RecordSpec(owner="autodiscover", type="CNAME", rdata=f"{panel_host}.", managed=managed.AUTOCONFIG),
        RecordSpec(
            owner="_autodiscover._tcp",
            type="SRV",
            rdata=f"0 0 {panel_port} {panel_host}.",
            managed=managed.AUTOCONFIG,
        ),
    ]


def service_records(mail_host: str, ports: Mapping[str, int]) -> list[RecordSpec]:
    """One for each service, with its real port. ManageSieve, which few look for, is left out where it is not
    offered."""
    values = {
        service: f"{priority} 0 {ports[port]} {mail_host}." if port in ports else NOT_OFFERED
        for service, (port, priority) in SERVICES.items()
        if port in ports or port != "sieve"
    }
    return [
        RecordSpec(owner=service, type="SRV", rdata=rdata, managed=managed.SRV)
        for service, rdata in values.items()
    ]


def spf_of_nodes(addresses: Iterable[str]) -> str:
    """What customers' SPF records include: every address that mail leaves from (RFC 7208 §5.6)."""
    terms = [f"ip{ipaddress.ip_address(address).version}:{address}" for address in addresses]
    return " ".join(["v=spf1", *terms, "-all"])


def provider_zone(
    *,
    dns: Sequence[Sequence[str]],
    hosts: Mapping[str, Sequence[str]],
    mail_addresses: Sequence[str],
    panel_host: str = "",
) -> list[RecordSpec]:
    """``dns``: addresses of each name server, ns1 first (one alone is both ns1 and ns2). ``hosts``: name
    relative to the zone → addresses. The NS records are not among these. ``panel_host``: where
    ``autoconfig`` leads: Thunderbird asks there about domains that have no such name but our MX."""
    records: dict[tuple[str, str, str], RecordSpec] = {}
    numbers = range(1, max(2, len(dns)) + 1)
    servers = {f"ns{number}": dns[min(number, len(dns)) - 1] for number in numbers} if dns else {}
    for owner, addresses in {**hosts, **servers}.items():
        for spec in address_records(owner, addresses, managed.PROVIDER):
            records[spec.owner, spec.type, spec.rdata] = spec
    spf = RecordSpec(owner="_spf", type="TXT", rdata=spf_of_nodes(mail_addresses), managed=managed.PROVIDER)
    leads = RecordSpec(owner="autoconfig", type="CNAME", rdata=f"{panel_host}.", managed=managed.PROVIDER)
    return [*records.values(), spf, *([leads] if panel_host else [])]
