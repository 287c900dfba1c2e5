"""Zones and records as the panel wants them served, what is being gathered, and every version that was."""

from dnszone.models.editing import Draft, ZoneVersion
from dnszone.models.zones import SERIAL_MAX, Record, Zone

__all__ = ["SERIAL_MAX", "Draft", "Record", "Zone", "ZoneVersion"]
