"""Looking for DS records at the zones above: DNS first, with no transaction open, then what follows."""

from __future__ import annotations

import logging
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q
from django.utils import timezone

from dnszone.dnssec import services
from dnszone.models import SigningWatch, Zone
from lib import delegation, resolver
from lib.errors import Refused

logger = logging.getLogger(__name__)

ONE_LOOK = 6.0  # seconds that one zone may take
WHILE_WAITED_FOR = 4.0
ALL_LOOKS = 40.0  # seconds of one run of Beat's task
AT_ONCE = 8


@dataclass(frozen=True, slots=True)
class Finding:
    """``texts`` None: the zone above could not be asked."""

    at: datetime
    texts: tuple[str, ...] | None = None
    ttl: int = 0


def ask(name: str, seconds: float = ONE_LOOK) -> Finding:
    """No database. What a stranger's server can make us stumble over is no answer."""
    at = timezone.now()
    try:
        texts, ttl = delegation.ds(name, until=time.monotonic() + seconds)
    except resolver.ResolverAway as away:
        logger.info("asked again later: %s", away)
        return Finding(at)
    except Exception:
        logger.exception("the look for the DS of %s failed", name)
        return Finding(at)
    return Finding(at, tuple(texts), ttl)


def look(zone: Zone) -> Finding:
    """One look at one zone while somebody waits for it; kept."""
    found = ask(zone.name, WHILE_WAITED_FOR)
    services.ds_seen(zone=zone, found=found.texts, ttl=found.ttl, at=found.at)
    return found


def look_at_all() -> int:
    """The signed zones that are due, and those that a DS record outlived, for at most ALL_LOOKS; how many."""
    looked, end = 0, time.monotonic() + ALL_LOOKS
    while time.monotonic() < end and (due := _due()):
        with ThreadPoolExecutor(AT_ONCE) as pool:  # no thread of it touches the database
            found = list(pool.map(ask, [zone.name for zone in due]))
        for zone, finding in zip(due, found, strict=True):
            services.ds_seen(zone=zone, found=finding.texts, ttl=finding.ttl, at=finding.at)
            with suppress(Refused):  # deleted meanwhile
                services.signing_settle(zone=zone)
        looked += len(due)
    return looked


def _due() -> list[Zone]:
    rows = SigningWatch.objects.filter(next_check_at__lte=timezone.now())
    rows = rows.filter(~Q(ds=[]) | Q(zone__signing__generations__len__gt=0))
    return [row.zone for row in rows.select_related("zone").order_by("next_check_at")[:AT_ONCE]]
