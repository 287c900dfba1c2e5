"""How long others still come by the MX of before, once the mail of a domain is taken elsewhere: resolvers
keep an answer for its TTL. Until then the node puts off what they bring (450), and their next try asks DNS
anew; a refusal would be a bounce, and so a lost mail."""

from __future__ import annotations

from datetime import datetime, timedelta

from accounts.models import Domain
from dnszone.models import Record, ZoneVersion
from dnszone.routing import BACKUP, LOCAL, REMOTE

AT_LEAST = timedelta(minutes=5)  # secondaries, and clocks
ELSEWHERE = timedelta(days=1)  # the TTL is in a zone that is not here
AT_MOST = timedelta(days=2)  # senders give up after about five


def moved_until(before: str, mode: str, domain: Domain, now: datetime) -> datetime | None:
    """When the last answer is forgotten that led here, if ``mode`` takes the mail away from here; else
    None."""
    if mode != REMOTE or before not in {LOCAL, BACKUP}:
        return None
    return now + min(max(_lasts(domain, now), AT_LEAST), AT_MOST)


def _lasts(domain: Domain, now: datetime) -> timedelta:
    """The longest TTL that the MX have, or had lately: the routing changes before its zone, or after it."""
    if not hasattr(domain, "zone"):
        return ELSEWHERE
    mx = Record.objects.filter(zone__domain=domain, owner="@", type="MX")
    ttls = list(mx.values_list("ttl", flat=True))
    lately = ZoneVersion.objects.filter(
        zone__domain=domain, at__gt=now - AT_MOST, gone__contains=[["@", "MX"]]
    )
    for gone in lately.values_list("gone", flat=True)[:50]:
        ttls += [entry[3] for entry in gone if entry[:2] == ["@", "MX"]]
    return timedelta(seconds=min(max(ttls, default=0), int(AT_MOST.total_seconds())))
