"""The score of each domain once a day, and how it went. Each domain is written by itself, so a run that is
killed goes on where it was."""

from __future__ import annotations

import datetime as dt
import logging

from django.db import Error
from django.db.models import Exists, OuterRef
from django.utils import timezone

from accounts.models import Domain
from guides.checklist.points import score
from guides.checklist.whole import of_domain
from guides.models import ScoreDay

logger = logging.getLogger(__name__)

BATCH = 200
KEPT = dt.timedelta(days=400)
BACK = dt.timedelta(days=30)


def scores_note() -> int:
    """Of at most BATCH domains that have no score of today; how many there were."""
    today = timezone.localdate()
    ScoreDay.objects.filter(day__lt=today - KEPT).delete()
    known = ScoreDay.objects.filter(domain=OuterRef("pk"), day=today)
    due = Domain.objects.filter(~Exists(known), mail__isnull=False).select_related("mail", "zone", "account")
    many = 0
    for domain in due.order_by("pk")[:BATCH]:
        try:
            value = score(of_domain(domain)).value
            ScoreDay.objects.get_or_create(domain=domain, day=today, defaults={"score": value})
        except Error:  # the next run tries this one again; the others do not wait for it
            logger.exception("no score of %s", domain)
        many += 1
    return many


def before(domain: Domain) -> ScoreDay | None:
    """The oldest score of the last BACK, to say what has changed since. One query."""
    today = timezone.localdate()
    rows = ScoreDay.objects.filter(domain=domain, day__gte=today - BACK, day__lt=today)
    found: ScoreDay | None = rows.order_by("day").first()
    return found
