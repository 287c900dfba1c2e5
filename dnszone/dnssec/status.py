"""From our rows to what deciding looks at."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from dnszone.dnssec import deciding, ds
from dnszone.models import SigningKey, SigningWatch, Zone, ZoneSigning

HOUR = timedelta(hours=1)
SOON = timedelta(minutes=2)
PATIENCE = timedelta(days=2)
"""How long somebody may be at the registrar's; after that looks are rare again."""


def of(zone: Zone, watch: SigningWatch | None = None) -> deciding.Status:
    watch = watch or SigningWatch.objects.filter(zone=zone).first()
    generations = generations_of(zone)
    return told(zone, generations, made(zone, generations), watch)


def generations_of(zone: Zone) -> tuple[int, ...]:
    signing = ZoneSigning.objects.filter(zone=zone).first()
    return tuple(signing.generations) if signing else ()


def told(
    zone: Zone, generations: tuple[int, ...], rows: Iterable[SigningKey], watch: SigningWatch | None
) -> deciding.Status:
    """``rows``: those of ``made``."""
    rows = list(rows)
    if watch is None:
        return deciding.Status(generations=generations)
    ours = {text for row in rows for text in ds.of_key(zone.name, row.dnskey, watch.ds)}
    return deciding.Status(
        generations=generations,
        keys=tuple(key_of(row) for row in rows),
        strangers=len(set(watch.ds) - ours),
        complete_at=watch.complete_at,
        zone_ttl=watch.zone_ttl,
        seen_at=watch.seen_at,
        asked_at=watch.asked_at,
    )


def made(zone: Zone, generations: tuple[int, ...]) -> list[SigningKey]:
    """The keys that sign, with their name servers."""
    return [row for row in keys_of(zone) if is_made(row, generations)]


def keys_of(zone: Zone) -> list[SigningKey]:
    return list(SigningKey.objects.filter(zone=zone).select_related("node"))


def is_made(row: SigningKey, generations: tuple[int, ...]) -> bool:
    return row.state == SigningKey.State.MADE and row.node_id is not None and row.generation in generations


def lost(zone: Zone, rows: Iterable[SigningKey], watch: SigningWatch | None) -> list[SigningKey]:
    """Those of the zone's keys that were lost with their servers and whose DS is still at the zone above."""
    gone = [row for row in rows if row.state == SigningKey.State.LOST]
    return [row for row in gone if watch and ds.of_key(zone.name, row.dnskey, watch.ds)]


def key_of(row: SigningKey) -> deciding.Key:
    return deciding.Key(
        generation=row.generation,
        made_at=row.made_at,
        shown=row.shown,
        seen_at=row.ds_seen_at,
        gone_at=row.ds_gone_at,
        ttl=row.ds_ttl,
    )


def pause(found: deciding.Status, now: datetime, since: datetime) -> timedelta:
    """Until the next look: minutes while a step waits, else an hour."""
    return SOON if deciding.waits(found, now) and now - since < PATIENCE else HOUR
