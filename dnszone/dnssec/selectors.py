"""What the page of a zone's DNSSEC shows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from dnszone.dnssec import ds, saying, status
from dnszone.dnssec.deciding import (
    Ds,
    Stage,
    Status,
    ds_state,
    may_cancel,
    may_finish,
    may_switch_off,
    stage,
)
from dnszone.models import SigningKey, SigningWatch, Zone, ZonePlace
from dnszone.models.places import Verdict


@dataclass(frozen=True, slots=True)
class ShownKey:
    """One name server's key in the registrar's forms of it. ``new``: of the generation that is to stay."""

    key: ds.Key
    node: str
    new: bool
    shown: bool
    records: list[tuple[ds.Fields, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """``strange``: DS records at the zone above that fit no key here; ``elsewhere``: the zone above does not
    name our servers (alone); ``lost``: keys that went with their servers and whose DS is still there."""

    on: bool
    rolling: bool
    stage: Stage
    said: saying.Said
    ds_said: saying.Said
    ds_known: bool
    strange: list[str]
    seen_at: datetime | None
    asked_at: datetime | None
    until: datetime | None
    steps: list[saying.Step]
    steps_off: list[saying.Step]
    making: bool
    keys: list[ShownKey]
    lost: list[SigningKey]
    elsewhere: bool
    can_finish: bool
    why_not_finish: str
    can_cancel: bool
    can_off: bool


def page(zone: Zone, now: datetime) -> Page:
    watch = SigningWatch.objects.filter(zone=zone).first()
    generations, every = status.generations_of(zone), status.keys_of(zone)
    rows = [row for row in every if status.is_made(row, generations)]
    found = status.told(zone, generations, rows, watch)
    here = stage(found, now)
    texts = watch.ds if watch else []
    ours = {text for row in rows for text in ds.of_key(zone.name, row.dnskey, texts)}
    finish = may_finish(found, now)
    waiting = here in (Stage.SPREADING, Stage.ROLL_SPREADING)
    return Page(
        on=bool(found.generations),
        rolling=len(found.generations) > 1,
        stage=here,
        said=saying.STAGES[here],
        ds_said=_ds_said(found),
        ds_known=watch is not None and watch.seen_at is not None and watch.seen_at == watch.asked_at,
        strange=[text for text in texts if text not in ours],
        seen_at=found.seen_at,
        asked_at=found.asked_at,
        until=found.spread_at if waiting else finish.until,
        steps=saying.steps(found, here, now),
        steps_off=saying.steps_off(found, now),
        making=here in (Stage.MAKING, Stage.ROLL_MAKING),
        keys=[_shown(zone, row, found.generations[-1]) for row in reversed(rows)],
        lost=status.lost(zone, every, watch),
        elsewhere=_is_elsewhere(zone),
        can_finish=finish.ok,
        why_not_finish=saying.why_not(finish),
        can_cancel=may_cancel(found, now).ok,
        can_off=may_switch_off(found, now).ok,
    )


def _ds_said(found: Status) -> saying.Said:
    state = ds_state(found)
    return saying.NONE_AS_IT_SHOULD if state == Ds.NONE and not found.generations else saying.DS[state]


def _shown(zone: Zone, row: SigningKey, newest: int) -> ShownKey:
    key = ds.key(row.dnskey)
    assert key is not None  # noqa: S101 - the services keep no other
    records = [(one, ds.line(zone.name, one)) for one in ds.records(zone.name, row.dnskey)]
    node = row.node.name if row.node else ""
    return ShownKey(key, node, row.generation == newest, row.shown, records)


def _is_elsewhere(zone: Zone) -> bool:
    place: ZonePlace | None = getattr(zone, "place", None)
    return place is not None and place.verdict in (Verdict.ELSEWHERE, Verdict.HALF)
