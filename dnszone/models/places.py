"""Where the DNS of a zone is, as it was last seen."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from dnszone.models.zones import Zone


class Verdict(models.TextChoices):
    """What the zone above says (dnszone.whereis.deciding)."""

    HERE = "here", _("here")
    ELSEWHERE = "elsewhere", _("at another provider")
    HALF = "half", _("half here, half elsewhere")
    NOWHERE = "nowhere", _("nowhere yet")
    UNKNOWN = "unknown", _("not known")


class ZonePlace(models.Model):
    """``verdict`` and ``servers`` are of the last look that found out (``at``); ``asked_at``: the last look
    of all. ``found``: all that it saw, in JSON (dnszone.whereis.seen). ``here_since``: when the zone above
    was first seen to name us, and us alone."""

    zone = models.OneToOneField(Zone, on_delete=models.CASCADE, related_name="place")
    verdict = models.CharField(max_length=10, choices=Verdict.choices, default=Verdict.UNKNOWN)
    servers = models.JSONField(default=list)
    found: Any = models.JSONField(default=dict)
    at = models.DateTimeField(null=True)
    asked_at = models.DateTimeField(null=True)
    here_since = models.DateTimeField(null=True)
    next_check_at = models.DateTimeField(default=timezone.now, db_index=True)

    def __str__(self) -> str:
        return f"{self.zone}: {self.verdict}"
