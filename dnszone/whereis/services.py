"""Looking where the DNS of zones is, and keeping what was seen. DNS is asked with no transaction open."""

from __future__ import annotations

import logging
import random
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from dnszone import names, provider, rdata, services, template
from dnszone.models import Draft, Zone, ZonePlace
from dnszone.selectors import rows_of
from dnszone.spec import Row
from dnszone.whereis import deciding, live
from dnszone.whereis.differences import asks, differences
from dnszone.whereis.live import Question
from dnszone.whereis.seen import Seen, read, written
from lib.errors import Refused
from provision.models import Node

logger = logging.getLogger(__name__)

AGAIN = timedelta(hours=1)
AGAIN_UNKNOWN = timedelta(minutes=10)
JUST_NOW = timedelta(seconds=3)  # a look that recent is not repeated: two tabs, a double click
AT_ONCE = 4
BATCH = 40
ALL_SECONDS = 40.0


def verdict_of(zone: Zone) -> ZonePlace | None:
    """Where its DNS was last seen; None: nobody looked yet. One query, asks nobody."""
    found: ZonePlace | None = ZonePlace.objects.filter(zone=zone).first()
    return found


def look_now(zone: Zone) -> ZonePlace:
    """Asks the world, live.SECONDS at most, and keeps what it says."""
    place = verdict_of(zone)
    if place and place.asked_at and timezone.now() - place.asked_at < JUST_NOW:
        return place
    return place_keep(zone=zone, seen=live.look(question_for(zone, rows_of(zone))), whole=True)


def question_for(zone: Zone, rows: Sequence[Row] | None) -> Question:
    """``rows`` None: only where it is, nothing about records."""
    wanted = asks(rows, zone.name, mail_hosts(rows)) if rows is not None else []
    aliases = [rdata.target("CNAME", row.rdata) for row in rows or () if row.type == "CNAME"]
    return Question(
        name=zone.name,
        ours=_ours(),
        asks=wanted,
        targets=list(dict.fromkeys(name.removesuffix(".") for name in aliases)),
    )


def mail_hosts(rows: Sequence[Row]) -> set[str]:
    """Where the domain's MX point, absolute."""
    return {rdata.target("MX", row.rdata) for row in rows if row.type == "MX" and row.owner == names.APEX}


def _ours() -> dict[str, list[tuple[str, int]]]:
    """Our name servers by name, as dnszone.template hands out the names, with where they answer."""
    nodes = provider.numbered(Node.objects.order_by("pk"))
    found = {}
    for number, server in enumerate(template.name_servers(settings.PROVIDER_DOMAIN, len(nodes))):
        node = nodes[min(number, len(nodes) - 1)] if nodes else None
        port = node.ports.get("dns", 53) if node else 53
        found[server.lower()] = [(address, port) for address in node.addresses[:2]] if node else []
    return found


@transaction.atomic
def place_keep(*, zone: Zone, seen: Seen, whole: bool) -> ZonePlace:
    """Keeps what a look saw; while nobody could be asked, what was seen before stays with its time.
    ``whole``: it asked for records too; what an earlier one found stays beside a quick look."""
    now = timezone.now()
    ZonePlace.objects.get_or_create(zone=zone)
    place = ZonePlace.objects.select_for_update().get(zone=zone)
    decision = deciding.decide(seen, provider.name_servers())
    place.asked_at = now
    place.next_check_at = now + AGAIN * random.uniform(0.9, 1.1)  # noqa: S311 - spreads the load
    if decision.verdict == deciding.UNKNOWN:
        place.next_check_at = now + AGAIN_UNKNOWN
        place.save()
        return place
    if not whole:
        before = read(place.found)
        seen.source, seen.found, seen.targets = before.source, before.found, before.targets
    if decision.verdict != deciding.HERE:
        place.here_since = None
    elif place.verdict != deciding.HERE:
        place.here_since = now if place.at else None  # seen for the first time, it may be there for years
    place.verdict, place.servers, place.at, place.found = (
        decision.verdict,
        decision.servers,
        now,
        written(seen),
    )
    place.save()
    return place


def look_at_all() -> int:
    """Beat: zones that are due, BATCH at most and for ALL_SECONDS at most; how many."""
    zones = _due()
    end = time.monotonic() + ALL_SECONDS
    looked = 0
    while zones and time.monotonic() < end:
        bunch, zones = zones[:AT_ONCE], zones[AT_ONCE:]
        questions = [question_for(zone, None) for zone in bunch]
        with ThreadPoolExecutor(AT_ONCE) as pool:  # no thread of it touches the database
            looks = [pool.submit(live.look, question) for question in questions]
            wait(looks)
        for zone, answer in zip(bunch, looks, strict=True):
            place_keep(zone=zone, seen=answer.result(), whole=False)
            looked += 1
    if zones:
        ZonePlace.objects.filter(zone__in=zones).update(next_check_at=timezone.now())
    return looked


@transaction.atomic
def _due() -> list[Zone]:
    """Theirs alone who asked first: the next run sees them an hour later."""
    new = Zone.objects.filter(~Exists(ZonePlace.objects.filter(zone=OuterRef("pk")))).order_by("pk")
    ZonePlace.objects.bulk_create([ZonePlace(zone=zone) for zone in new[:500]], ignore_conflicts=True)
    now = timezone.now()
    rows = ZonePlace.objects.select_for_update(of=("self",), skip_locked=True).select_related("zone")
    due = list(rows.filter(next_check_at__lte=now).order_by("next_check_at")[:BATCH])
    ZonePlace.objects.filter(pk__in=[place.pk for place in due]).update(next_check_at=now + AGAIN)
    return [place.zone for place in due]


@transaction.atomic
def take_over(*, actor: User, zone: Zone, digests: Sequence[str]) -> Draft:
    """Puts what the other provider has and we do not into the person's draft: the differences with these
    digests, of what was last seen. Refused when there are none of them any more."""
    place = verdict_of(zone)
    seen = read(place.found) if place else Seen()
    wanted = set(digests)
    found = [one for one in differences(rows_of(zone), zone.name, seen) if one.digest in wanted]
    if not found:
        raise Refused(_("Choose at least one of the records that are listed now."))
    changes = [change for one in found for change in one.changes]
    return services.draft_change(actor=actor, zone=zone, changes=changes)
