"""How far back an account may look."""

from __future__ import annotations

from datetime import timedelta

from django.db import models
from django.db.models import DurationField, Exists, ExpressionWrapper, F, OuterRef
from django.db.models.functions import Now

from accounts.models import Domain


def kept() -> Exists:
    """Of rows with ``domain_id`` and ``at``: not older than the ``log_days`` of the domain's account."""
    days = ExpressionWrapper(F("account__log_days") * timedelta(days=1), output_field=DurationField())
    since = ExpressionWrapper(Now() - days, output_field=models.DateTimeField())
    owner = Domain.objects.annotate(since=since).filter(since__lte=OuterRef("at"))
    return Exists(owner.filter(pk=OuterRef("domain_id")))
