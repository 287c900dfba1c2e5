"""Counts that the database keeps by itself, so that no page counts messages."""

from __future__ import annotations

from datetime import timedelta

from django.db import models

from delivery.statuses import Direction, Status


class TrafficPart(models.Model):
    """How many entries began in an hour, in parts to add up: triggers write one for each statement that
    changes entries, services.traffic_fold makes them one again and drops what is older than KEPT. ``hour``:
    its begin, UTC. ``bytes``: of the mails whose size is known."""

    KEPT = timedelta(days=400)

    hour = models.DateTimeField()
    domain_id = models.BigIntegerField()
    peer_domain_id = models.BigIntegerField(null=True)
    direction = models.SmallIntegerField(choices=Direction.choices)
    status = models.SmallIntegerField(choices=Status.choices)
    cause = models.CharField(max_length=40, blank=True)
    entries = models.IntegerField()
    bytes = models.BigIntegerField(default=0)

    class Meta:
        indexes = [
            models.Index(
                fields=["domain_id", "hour"],
                include=["direction", "status", "peer_domain_id", "cause", "entries", "bytes"],
                name="traffic_of_domain",
            ),
            models.Index(fields=["hour"], name="traffic_hour"),
        ]

    def __str__(self) -> str:
        return f"{self.hour:%d %H}: {self.entries:+d}"


class DestinationPart(models.Model):
    """The same for where mail of a domain went, by the day (UTC): ``destination``: the recipient's domain.
    ``delay``: seconds that the delivered ones took, added up."""

    day = models.DateField()
    domain_id = models.BigIntegerField()
    destination = models.CharField(max_length=253)
    mails = models.IntegerField()
    delivered = models.IntegerField()
    deferred = models.IntegerField()
    failed = models.IntegerField()
    delay = models.FloatField(default=0)

    class Meta:
        indexes = [
            models.Index(fields=["domain_id", "day"], name="destination_of_domain"),
            models.Index(fields=["day"], name="destination_day"),
        ]

    def __str__(self) -> str:
        return f"{self.day}: {self.destination}"
