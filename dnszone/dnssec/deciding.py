"""What may be done about a signed zone now, and what comes next. Pure: a Status and a time in, answers out.

The rule behind all of it: a key goes only when no resolver may still hold a DS record for it, and a DS is
handed out only when no resolver may still hold answers without its signature (RFC 6781 §4.1.2, RFC 7583
§3.3). A look tells what the zone above had at one moment; a DS that it no longer shows was there until just
before, for all we know, so its TTL runs from the first look that misses it. A DS that came and went between
two looks of one chain (GAP) is the one thing nobody can know."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

FRESH = timedelta(minutes=10)
"""How old a look may be that something is decided upon."""
GAP = timedelta(hours=3)
"""Looks that are further apart are no chain: a DS may have been there meanwhile."""
UNSEEN_TTL = 86_400
"""Seconds that a DS is thought to be kept when nobody saw its TTL; the largest registries have this."""


class Ds(StrEnum):
    """What the zone above says."""

    UNKNOWN = "unknown"
    NONE = "none"
    MATCHES = "matches"
    PARTLY = "partly"
    OTHER = "other"


class Stage(StrEnum):
    OFF = "off"
    OFF_BUT_DS = "off_but_ds"
    MAKING = "making"
    SPREADING = "spreading"
    GIVE_DS = "give_ds"
    SECURE = "secure"
    PARTLY = "partly"
    BROKEN = "broken"
    ROLL_MAKING = "roll_making"
    ROLL_SPREADING = "roll_spreading"
    ROLL_EXCHANGE = "roll_exchange"
    ROLL_EXPIRING = "roll_expiring"
    ROLL_READY = "roll_ready"


class Why(StrEnum):
    """Why not; OK: it may be done."""

    OK = "ok"
    LOOK = "look"
    STANDS = "stands"
    CACHED = "cached"
    NOT_ROLLING = "not_rolling"
    MAKING = "making"
    SPREADING = "spreading"
    NEW_MISSING = "new_missing"
    OLD_STANDS = "old_stands"
    OLD_CACHED = "old_cached"
    NEW_STANDS = "new_stands"
    NEW_CACHED = "new_cached"


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """A key that signs, and what was seen of its DS (models.SigningKey)."""

    generation: int
    made_at: datetime
    shown: bool = False
    seen_at: datetime | None = None
    gone_at: datetime | None = None
    ttl: int = 0

    def cached_until(self) -> datetime | None:
        """When the last resolver has forgotten a DS that is no longer there; None: there never was one."""
        return None if self.gone_at is None else self.gone_at + timedelta(seconds=self.ttl)


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """``keys``: those that sign. ``strangers``: how many DS records at the zone above fit none of them.
    ``complete_at``: since when all name servers answer with all keys, None: not yet. ``zone_ttl``: seconds
    that answers of before may be kept. ``seen_at``: the last look that found out, ``asked_at``: the last of
    all."""

    generations: tuple[int, ...] = ()
    keys: tuple[Key, ...] = ()
    strangers: int = 0
    complete_at: datetime | None = None
    zone_ttl: int = 0
    seen_at: datetime | None = None
    asked_at: datetime | None = None

    def of(self, generation: int) -> tuple[Key, ...]:
        return tuple(key for key in self.keys if key.generation == generation)

    def shown(self, generation: int) -> bool:
        """Whether the zone above vouches for the key of every name server (RFC 8901 §3)."""
        keys = self.of(generation)
        return bool(keys) and all(key.shown for key in keys)

    @property
    def spread_at(self) -> datetime | None:
        """When no resolver holds an answer without the signatures of now; the time to give out the DS."""
        return None if self.complete_at is None else self.complete_at + timedelta(seconds=self.zone_ttl)


@dataclass(frozen=True, slots=True)
class Verdict:
    """``until``: when ``why`` ends by itself, if it does."""

    why: Why = Why.OK
    until: datetime | None = None

    @property
    def ok(self) -> bool:
        return self.why == Why.OK


def seen(key: Key, *, shown: bool, ttl: int, at: datetime, before: datetime | None) -> Key:
    """``key`` after a look that found out. ``ttl``: of the DS records that were there; ``before``: the last
    look of that kind before this one."""
    if shown:
        return replace(key, shown=True, seen_at=at, gone_at=None, ttl=max(key.ttl, ttl))
    known_since = max(before, key.made_at) if before else key.made_at
    if at - known_since > GAP:
        return replace(key, shown=False, gone_at=at, ttl=max(key.ttl, UNSEEN_TTL))
    if key.seen_at is not None and key.gone_at is None:
        return replace(key, shown=False, gone_at=at)
    return replace(key, shown=False)


def ds_state(status: Status) -> Ds:
    if status.seen_at is None:
        return Ds.UNKNOWN
    if any(status.shown(generation) for generation in status.generations):
        return Ds.MATCHES
    if any(key.shown for key in status.keys):
        return Ds.PARTLY
    return Ds.OTHER if status.strangers else Ds.NONE


def stage(status: Status, now: datetime) -> Stage:
    if not status.generations:
        return Stage.OFF_BUT_DS if status.strangers else Stage.OFF
    if ds_state(status) == Ds.OTHER:
        return Stage.BROKEN
    return _rolling(status, now) if len(status.generations) > 1 else _steady(status, now)


def _steady(status: Status, now: datetime) -> Stage:
    found = ds_state(status)
    if found == Ds.PARTLY:  # a name server that joined later, too
        return Stage.PARTLY
    if status.complete_at is None:
        return Stage.MAKING
    if found == Ds.MATCHES:
        return Stage.SECURE
    return Stage.SPREADING if _spreads(status, now) else Stage.GIVE_DS


def _rolling(status: Status, now: datetime) -> Stage:
    if status.complete_at is None:
        return Stage.ROLL_MAKING
    if _spreads(status, now):
        return Stage.ROLL_SPREADING
    why = _finish(status, now).why
    if why in (Why.OK, Why.LOOK):
        return Stage.ROLL_READY
    return Stage.ROLL_EXPIRING if why == Why.OLD_CACHED else Stage.ROLL_EXCHANGE


def may_switch_off(status: Status, now: datetime) -> Verdict:
    """All signatures go: refused while somebody may expect them."""
    if not _is_fresh(status, now):
        return Verdict(Why.LOOK)
    if status.strangers or any(key.shown for key in status.keys):
        return Verdict(Why.STANDS)
    return _cached(status.keys, now, Why.CACHED)


def may_finish(status: Status, now: datetime) -> Verdict:
    """The old generation goes: the zone above shows the new one alone, and everybody knows."""
    if len(status.generations) < 2:
        return Verdict(Why.NOT_ROLLING)
    if not _is_fresh(status, now):
        return Verdict(Why.LOOK)
    return _finish(status, now)


def _finish(status: Status, now: datetime) -> Verdict:
    *old, new = status.generations
    if status.complete_at is None:
        return Verdict(Why.MAKING)
    if _spreads(status, now):
        return Verdict(Why.SPREADING, status.spread_at)
    if not status.shown(new):
        return Verdict(Why.NEW_MISSING)
    keys = tuple(key for generation in old for key in status.of(generation))
    if any(key.shown for key in keys):
        return Verdict(Why.OLD_STANDS)
    return _cached(keys, now, Why.OLD_CACHED)


def may_cancel(status: Status, now: datetime) -> Verdict:
    """The new generation goes, as if it had never been."""
    if len(status.generations) < 2:
        return Verdict(Why.NOT_ROLLING)
    if not _is_fresh(status, now):
        return Verdict(Why.LOOK)
    keys = status.of(status.generations[-1])
    if any(key.shown for key in keys):
        return Verdict(Why.NEW_STANDS)
    return _cached(keys, now, Why.NEW_CACHED)


def waits(status: Status, now: datetime) -> bool:
    """Whether somebody may be at the registrar's just now."""
    return stage(status, now) not in (Stage.OFF, Stage.SECURE)


def _cached(keys: tuple[Key, ...], now: datetime, why: Why) -> Verdict:
    ends = [until for key in keys if (until := key.cached_until()) is not None and until > now]
    return Verdict(why, max(ends)) if ends else Verdict()


def _spreads(status: Status, now: datetime) -> bool:
    return status.spread_at is None or status.spread_at > now


def _is_fresh(status: Status, now: datetime) -> bool:
    return status.seen_at is not None and status.seen_at == status.asked_at and now - status.seen_at <= FRESH
