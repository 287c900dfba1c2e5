"""From our rows to the state that the name servers shall serve."""

from __future__ import annotations

from collections.abc import Iterable

from django.conf import settings

from dnszone import names
from dnszone.dnssec import wanted
from dnszone.models import Zone
from dnszone.spec import DEFAULT_TTL, Row
from nodeagent import contract


def soa(zone: Zone) -> contract.RRset:
    """RFC 1035 §3.3.13: the panel owns it. Refresh 3 h, retry 1 h, expire 14 days, negative answers 1 h (RFC
    2308 §5)."""
    provider = settings.PROVIDER_DOMAIN
    rdata = f"ns1.{provider}. hostmaster.{provider}. {zone.serial} 10800 3600 1209600 3600"
    return contract.RRset(name=f"{zone.name}.", type="SOA", ttl=DEFAULT_TTL, records=[rdata])


def state(zone: Zone, rows: Iterable[Row]) -> contract.Zone:
    """The whole zone; RRsets and their records sorted, so that equal zones are equal states."""
    rrsets: dict[tuple[str, str], contract.RRset] = {}
    for row in sorted(rows, key=lambda row: (row.owner, row.type, row.rdata)):
        rrset = rrsets.setdefault(
            row.rrset,
            contract.RRset(name=names.absolute(row.owner, zone.name), type=row.type, ttl=row.ttl, records=[]),
        )
        rrset.records.append(row.rdata)
    signing, dnskeys = wanted.of(zone)
    return contract.Zone(
        name=zone.name,
        serial=zone.serial,
        rrsets=[soa(zone), *rrsets.values()],
        signing=signing,
        dnskeys=dnskeys,
    )


def desired_zone(key: str) -> contract.Zone | None:
    """For provision: ``zone/example.test`` → its state now, None when we have no such zone."""
    zone = Zone.objects.filter(name=key.removeprefix(f"{contract.Zone.KIND}/")).first()
    return state(zone, [record.row() for record in zone.records.all()]) if zone else None
