"""What is wanted of DNSSEC for a zone, the keys that its name servers made, and what the zone above says."""

from __future__ import annotations

from typing import Any, ClassVar

import pghistory
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from dnszone.models.editing import OfZone
from dnszone.models.zones import Zone
from provision.models import Node


@pghistory.track(exclude=["last"])
class ZoneSigning(models.Model):
    """What a person wants. ``generations``: of the keys that sign, rising; none: DNSSEC is off; two: a
    roll-over. ``last``: the highest that was ever given away, so that none means two keys."""

    zone = models.OneToOneField(Zone, on_delete=models.CASCADE, related_name="signing")
    generations = ArrayField(
        models.PositiveIntegerField(), verbose_name=_("signing keys"), default=list, blank=True
    )
    last = models.PositiveIntegerField(default=0)

    objects: ClassVar[Any] = OfZone.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(generations__len__lte=2), name="signing_two_generations")
        ]

    def __str__(self) -> str:
        return f"{self.zone}: {self.generations}"


class SigningWatch(models.Model):
    """How far it is, for the panel's own use. ``since``: when ``generations`` last changed; ``complete_at``:
    since when every name server answers with every key of them. ``zone_ttl``: seconds that resolvers may keep
    what they were told before. ``ds``, ``ds_ttl``: the DS records at the zone above in the last look that
    found out (``seen_at``); ``asked_at``: the last look of all."""

    zone = models.OneToOneField(Zone, on_delete=models.CASCADE, related_name="signing_watch")
    since = models.DateTimeField(default=timezone.now)
    complete_at = models.DateTimeField(null=True)
    zone_ttl = models.PositiveIntegerField(default=0)
    ds = models.JSONField(default=list)
    ds_ttl = models.PositiveIntegerField(default=0)
    seen_at = models.DateTimeField(null=True)
    asked_at = models.DateTimeField(null=True)
    next_check_at = models.DateTimeField(default=timezone.now, db_index=True)

    def __str__(self) -> str:
        return f"{self.zone}"


class SigningKey(models.Model):
    """One public key that a name server made; its private half is there and nowhere else. ``dnskey``: its
    rdata, ``ds``: the rdata of its DS records (SHA-256, SHA-384). ``shown``: whether one of its DS records
    was at the zone above in the last look that found out; ``ds_seen_at``, ``ds_gone_at``: the last look that
    saw one, the first after it that did not; ``ds_ttl``: the longest that resolvers keep it."""

    class State(models.TextChoices):
        MADE = "made", _("signs")
        LOST = "lost", _("lost with its server")
        REMOVED = "removed", _("removed")

    zone = models.ForeignKey(Zone, on_delete=models.CASCADE, related_name="signing_keys")
    node = models.ForeignKey(Node, on_delete=models.SET_NULL, null=True, related_name="+")
    generation = models.PositiveIntegerField()
    key_tag = models.PositiveIntegerField()
    algorithm = models.PositiveSmallIntegerField()
    dnskey = models.TextField()
    ds = models.JSONField(default=list)
    state = models.CharField(max_length=8, choices=State.choices, default=State.MADE)
    made_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True)
    shown = models.BooleanField(default=False)
    ds_seen_at = models.DateTimeField(null=True)
    ds_gone_at = models.DateTimeField(null=True)
    ds_ttl = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["generation", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["zone", "node", "generation"], condition=Q(state="made"), name="signing_key_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.zone} {self.generation} {self.key_tag}"
