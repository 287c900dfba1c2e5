"""What a zone cannot hold while it is signed."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext as _

from dnszone.models import Zone, ZoneSigning
from dnszone.spec import Row
from lib.errors import Refused


def refuse_unsignable(zone: Zone, before: Sequence[Row], after: Sequence[Row]) -> None:
    """PowerDNS answers an ALIAS without a signature, so resolvers that check would not find a name that has
    one. Raises Refused for a new ALIAS in a zone that is signed."""
    had = {row.identity for row in before if row.type == "ALIAS"}
    new = [row for row in after if row.type == "ALIAS" and row.identity not in had]
    if new and ZoneSigning.objects.filter(zone=zone).exclude(generations=[]).exists():
        raise Refused(
            _(
                "An ALIAS cannot be signed, and DNSSEC is on for this domain: many visitors would not find "
                "“%(name)s”. Write A and AAAA records with its addresses, or switch DNSSEC off first."
            )
            % {"name": new[0].owner},
            "owner",
        )


def alias_owners(rows: Sequence[Row]) -> list[str]:
    """The names in the way of switching DNSSEC on."""
    return sorted({row.owner for row in rows if row.type == "ALIAS"})
