"""Alerts as pages show them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Q
from django.utils import timezone

from accounts.models import Domain
from delivery.alerts.words import Told, told
from delivery.models import Alert, AlertMute
from delivery.selectors import Key

PAGE = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """``muted``: nobody is told. ``until`` None then: for good."""

    told: Told
    muted: AlertMute | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    now: list[Shown]
    before: list[Shown]
    older: Key | None


def alerts(user: Any, domain: Domain | None, *, older: Key | None = None) -> Page:
    """What is so now, and what was, the newest first. Three queries."""
    seen = Alert.objects.visible_to(user).select_related("domain", "resolved_by")
    if domain is not None:
        seen = seen.filter(domain=domain)
    current = [] if older else list(seen.still_open().order_by("-began_at", "-pk")[:PAGE])
    past = seen.exclude(resolved_at=None)
    if older is not None:
        past = past.filter(pk__lt=older.pk)
    rows = list(past.order_by("-pk")[: PAGE + 1])
    mutes = _mutes([*current, *rows[:PAGE]])
    return Page(
        now=[_shown(row, mutes) for row in current],
        before=[_shown(row, mutes) for row in rows[:PAGE]],
        older=Key.of(rows[PAGE - 1]) if len(rows) > PAGE else None,
    )


def _mutes(rows: list[Alert]) -> dict[tuple[int | None, str, str], AlertMute]:
    now = timezone.now()
    ids = {row.domain_id for row in rows}
    there = Q(domain__in=ids - {None}) | (Q(domain=None) if None in ids else Q(pk=None))
    found = AlertMute.objects.filter(there).filter(Q(until=None) | Q(until__gte=now)) if rows else ()
    return {(mute.domain_id, mute.kind, mute.subject): mute for mute in found}


def _shown(row: Alert, mutes: dict[tuple[int | None, str, str], AlertMute]) -> Shown:
    return Shown(told=told(row), muted=mutes.get((row.domain_id, row.kind, row.subject)))
