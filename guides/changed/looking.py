"""Compares what every domain's mailboxes are told with what they were told, as often as one likes."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.models import Domain
from guides.changed.values import kept_of, same
from guides.models import Change, Told
from guides.selectors import settings_for

# A host that is withdrawn for a minute, or a port typed wrongly and put right, is nobody's business.
SETTLE = dt.timedelta(minutes=15)
CHUNK = 500


def look_at_all() -> int:
    """Domains whose settings differ from what was told. A few queries for CHUNK domains. The first look at a
    domain stores, and tells nobody."""
    found, last = 0, 0
    while True:
        rows = Domain.objects.select_related("account__reseller", "mail__node").order_by("pk")
        rows = rows.filter(mail__isnull=False, account__deleted_at__isnull=True, pk__gt=last)
        domains = list(rows[:CHUNK])
        if not domains:
            return found
        last = domains[-1].pk
        told = {row.domain_id: row for row in Told.objects.filter(domain__in=domains)}
        new = []
        for domain in domains:
            now = kept_of(settings_for("", domain=domain), domain.mail.node.name)
            before = told.get(domain.pk)
            if before is None:
                new.append(Told(domain=domain, values=now))
            elif before.values != now:
                found += _changed(domain, now)
        Told.objects.bulk_create(new, ignore_conflicts=True)


@transaction.atomic
def _changed(domain: Domain, now: dict[str, Any]) -> bool:
    """One change waits at a time: what comes meanwhile becomes its end; back again is no change."""
    told = Told.objects.select_for_update().filter(domain=domain).first()
    if told is None or told.values == now:
        return False
    before, told.values = told.values, now
    if same(before, now):
        told.save(update_fields=["values"])
        return False
    moment = timezone.now()
    told.since = moment
    told.save(update_fields=["values", "since"])
    waiting = Change.objects.select_for_update().filter(domain=domain, begun_at=None, done_at=None).first()
    if waiting is None:
        Change.objects.create(domain=domain, before=before, after=now, at=moment, due_at=moment + SETTLE)
    elif same(waiting.before, now):
        waiting.delete()
    else:
        waiting.after, waiting.at, waiting.due_at = now, moment, moment + SETTLE
        waiting.save(update_fields=["after", "at", "due_at"])
    return True
