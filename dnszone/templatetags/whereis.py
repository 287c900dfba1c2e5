"""Where the DNS of a zone was last seen, for heads of pages: asks nobody."""

from __future__ import annotations

from typing import Any

from django import template

from dnszone import names
from dnszone.models import Zone
from dnszone.whereis import deciding

register = template.Library()


@register.simple_tag
def where_is(zone: Zone | None) -> dict[str, Any] | None:
    """``verdict``, ``headline`` (a sentence) and ``at`` (when it was seen); None: nobody looked
    yet. No query where views.base.zone_for fetched the zone."""
    place = getattr(zone, "place", None)  # came with the zone: views.base.zone_for
    if zone is None or place is None or place.at is None:
        return None
    headline = deciding.headline(place.verdict, names.shown(zone.name), place.servers)
    return {"verdict": place.verdict, "headline": headline, "at": place.at}
