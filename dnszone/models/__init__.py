"""Zones and records as the panel wants them served, what is being gathered, and every version that was."""

from dnszone.models.blueprints import (
    ZoneRollout,
    ZoneRolloutItem,
    ZoneTemplate,
    ZoneTemplateRevision,
    ZoneTemplateUse,
)
from dnszone.models.editing import Draft, ZoneVersion
from dnszone.models.places import ZonePlace
from dnszone.models.secondaries import SecondaryWatch
from dnszone.models.signing import SigningKey, SigningWatch, ZoneSigning
from dnszone.models.zones import SERIAL_MAX, Record, Zone

__all__ = [
    "SERIAL_MAX",
    "Draft",
    "Record",
    "SecondaryWatch",
    "SigningKey",
    "SigningWatch",
    "Zone",
    "ZonePlace",
    "ZoneRollout",
    "ZoneRolloutItem",
    "ZoneSigning",
    "ZoneTemplate",
    "ZoneTemplateRevision",
    "ZoneTemplateUse",
    "ZoneVersion",
]
