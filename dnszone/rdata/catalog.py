"""All types that people can write here, in the order in which pages offer them."""

from __future__ import annotations

from django.utils.translation import gettext as _

from dnszone.rdata import common, service, trust
from dnszone.rdata.base import RecordType
from lib.errors import Refused

TYPES: dict[str, RecordType] = {
    kind.name: kind
    for kind in (
        common.A,
        common.AAAA,
        common.CNAME,
        common.MX,
        common.TXT,
        common.SRV,
        trust.CAA,
        common.NS,
        trust.DS,
        common.ALIAS,
        service.HTTPS,
        service.SVCB,
        trust.TLSA,
        trust.SSHFP,
        common.PTR,
        service.NAPTR,
    )
}


def record_type(name: str) -> RecordType:
    """Raises Refused for a type that has no entry."""
    kind = TYPES.get(name.strip().upper())
    if kind is None and name.strip().upper() == "SOA":
        raise Refused(
            _("The SOA record is the panel’s: it keeps the serial number. Leave it out; nothing is lost."),
            "type",
        )
    if kind is None:
        raise Refused(_("Choose one of these types: %(types)s.") % {"types": ", ".join(TYPES)}, "type")
    return kind
