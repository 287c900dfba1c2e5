"""The zone file of a zone as the panel keeps it now."""

from __future__ import annotations

from dnszone.desired import soa
from dnszone.models import Zone
from dnszone.selectors import rows_of
from dnszone.zonefile.writer import written


def zone_file(zone: Zone) -> str:
    """With the SOA that name servers get, and without anybody's draft."""
    rrset = soa(zone)
    return written(zone.name, rrset.records[0], rrset.ttl, zone.serial, rows_of(zone))
