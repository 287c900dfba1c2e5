"""Alerts kept, told once, muted and resolved."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.db import connection, transaction
from django.db.models import Q
from django.utils import timezone

from accounts import events
from accounts.access import Right, require, require_provider
from accounts.models import Domain
from delivery.alerts.looking import look
from delivery.alerts.rules import Sign
from delivery.models import Alert, AlertMute

QUIET = dt.timedelta(minutes=30)  # no longer so for that long: it is over
AGAIN = dt.timedelta(hours=12)  # before the same is told once more
HUSHED = dt.timedelta(hours=1)  # after a person has seen to it
KEPT = dt.timedelta(days=90)
MUTES = {"day": dt.timedelta(days=1), "week": dt.timedelta(days=7), "always": None}
_ONE_AT_A_TIME = 0x616C6572


def alerts_look(now: dt.datetime | None = None) -> int:
    """Look, and keep what was found. How many are new; 0 too when somebody else is at it."""
    moment = now or timezone.now()
    return alerts_keep(look(moment), now=moment)


@transaction.atomic
def alerts_keep(signs: Sequence[Sign], *, now: dt.datetime) -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [_ONE_AT_A_TIME])
        if not cursor.fetchone()[0]:
            return 0
    seen_to = Alert.objects.filter(resolved_by__isnull=False, resolved_at__gte=now - HUSHED)
    hushed = set(seen_to.values_list("domain_id", "kind", "subject"))
    known = {(row.domain_id, row.kind, row.subject): row for row in Alert.objects.still_open()}
    fresh = []
    for sign in signs:
        row = known.get(sign.key)
        if row is None and sign.key not in hushed:
            fresh.append(_begin(sign, now))
        elif row is None:
            continue
        else:
            row.facts, row.seen_at = sign.facts, now
            row.save(update_fields=["facts", "seen_at"])
    Alert.objects.still_open().filter(seen_at__lt=now - QUIET).update(resolved_at=now)
    Alert.objects.filter(resolved_at__lt=now - KEPT).delete()
    AlertMute.objects.filter(until__lt=now).delete()
    return len(fresh)


def _begin(sign: Sign, now: dt.datetime) -> Alert:
    same: dict[str, Any] = {"domain_id": sign.domain_id, "kind": sign.kind, "subject": sign.subject}
    told = Alert.objects.filter(**same, told_at__gte=now - AGAIN).exists()
    row: Alert = Alert.objects.create(**same, facts=sign.facts, began_at=now, seen_at=now)
    if not told and not _muted(row, now):
        row.told_at = now
        row.save(update_fields=["told_at"])
        events.emit("alert", target=row, actor=None)
    return row


def _muted(row: Alert, now: dt.datetime) -> bool:
    return AlertMute.objects.filter(**_same(row)).filter(Q(until=None) | Q(until__gte=now)).exists()


def _same(alert: Alert) -> dict[str, Any]:
    return {"domain_id": alert.domain_id, "kind": alert.kind, "subject": alert.subject}


@transaction.atomic
def alert_mute(*, actor: Any, alert: Alert, for_: str) -> AlertMute:
    """``for_``: one of MUTES. Such alerts are still shown on their page."""
    _may(actor, alert.domain)
    span = MUTES[for_]
    until = timezone.now() + span if span else None
    row, _made = AlertMute.objects.update_or_create(**_same(alert), defaults={"until": until, "who": actor})
    return row


@transaction.atomic
def alert_unmute(*, actor: Any, alert: Alert) -> None:
    _may(actor, alert.domain)
    AlertMute.objects.filter(**_same(alert)).delete()


@transaction.atomic
def alert_resolve(*, actor: Any, alert: Alert) -> None:
    """A person has seen to it. What is still so after HUSHED comes back."""
    _may(actor, alert.domain)
    if alert.resolved_at is None:
        alert.resolved_at, alert.resolved_by = timezone.now(), actor
        alert.save(update_fields=["resolved_at", "resolved_by"])


def _may(actor: Any, domain: Domain | None) -> None:
    if domain is not None:
        require(actor, Right.MANAGE, account=domain.account, domain=domain)
    else:
        require_provider(actor)
