"""What of a domain's DNS waits for a person: a chain of DNSSEC that is broken, name servers in two places."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Domain
from dnszone.dnssec import deciding, saying, status
from dnszone.dnssec.deciding import Stage
from dnszone.models import SigningWatch, Zone, ZonePlace
from dnszone.whereis.deciding import HALF, headline
from panel.overview.needs import Need

_BROKEN = {Stage.OFF_BUT_DS, Stage.PARTLY, Stage.BROKEN}


def dns_needs(domain: Domain) -> list[Need]:
    """Worst first. Two queries; more only where the zone above has, or had, a DS record."""
    zone: Zone | None = getattr(domain, "zone", None)
    if zone is None:
        return []
    return [*_dnssec(zone), *_place(zone)]


def _dnssec(zone: Zone) -> list[Need]:
    watch = SigningWatch.objects.filter(zone=zone).first()
    if watch is None or not watch.ds:
        return []
    stage = deciding.stage(status.of(zone, watch), timezone.now())
    if stage not in _BROKEN:
        return []
    said = saying.STAGES[stage]
    return [_need(f"{said.title}.", str(said.text), "zone-dnssec", zone, _("DNSSEC"))]


def _place(zone: Zone) -> list[Need]:
    place = ZonePlace.objects.filter(zone=zone, verdict=HALF).first()
    if place is None:
        return []
    why = _("Some visitors and senders get the records of here, others those of another provider.")
    name = zone.domain.display_name if zone.domain else zone.name
    what = headline(place.verdict, name, place.servers)
    return [_need(what, why, "zone-servers", zone, _("Name servers"))]


def _need(what: str, why: str, page: str, zone: Zone, action: Any) -> Need:
    return Need(what=what, why=why, url=reverse(page, args=[zone.name]), action=str(action))


def place_words(domain: Domain) -> str:
    """Where its DNS was last seen, in one sentence; empty while nobody has looked, or nobody could say."""
    place = ZonePlace.objects.filter(zone__domain=domain, at__isnull=False).first()
    return headline(place.verdict, domain.display_name, place.servers) if place else ""
