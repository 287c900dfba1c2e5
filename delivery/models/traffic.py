"""Counts that the database keeps by itself, so that no page counts messages."""

from __future__ import annotations

from datetime import timedelta

from django.db import models

from delivery.statuses import Direction, Status


class TrafficPart(models.Model):
    """How many entries began in an hour, in parts to add up: triggers write one for each statement that
    changes entries, services.traffic_fold adds them to the one that is ``folded`` (and to TrafficDay) and
    drops what is older than KEPT. ``hour``: its begin, UTC. ``bytes``: of the mails whose size is known."""

    KEPT = timedelta(days=100)

    hour = models.DateTimeField()
    domain_id = models.BigIntegerField()
    peer_domain_id = models.BigIntegerField(null=True)
    direction = models.SmallIntegerField(choices=Direction.choices)
    status = models.SmallIntegerField(choices=Status.choices)
    cause = models.CharField(max_length=40, blank=True)
    entries = models.IntegerField()
    bytes = models.BigIntegerField(default=0)
    folded = models.BooleanField(default=False, db_default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["hour", "domain_id", "peer_domain_id", "direction", "status", "cause"],
                condition=models.Q(folded=True),
                nulls_distinct=False,
                name="traffic_folded_once",
            )
        ]
        indexes = [
            models.Index(fields=["domain_id"], condition=models.Q(folded=False), name="traffic_not_folded"),
            models.Index(fields=["hour"], condition=models.Q(entries=0, bytes=0), name="traffic_nought"),
            models.Index(
                fields=["domain_id", "hour"],
                include=["direction", "status", "peer_domain_id", "cause", "entries", "bytes"],
                name="traffic_of_domain",
            ),
            models.Index(fields=["hour"], name="traffic_hour"),
        ]

    def __str__(self) -> str:
        return f"{self.hour:%d %H}: {self.entries:+d}"


class TrafficDay(models.Model):
    """The folded parts of a day added up, so that months are drawn without their hours: only together with
    the parts that are not folded yet are the numbers whole. ``start``: the day's begin in the panel's time
    zone (an hour counts for the day in which it begins); services.traffic_fold counts anew from the hours
    when that zone was changed. ``domain_id`` ALL: of the whole provider, mail between two domains once, as
    its sender sees it."""

    KEPT = timedelta(days=400)
    ALL = 0

    start = models.DateTimeField()
    domain_id = models.BigIntegerField()
    peer_domain_id = models.BigIntegerField(null=True)
    direction = models.SmallIntegerField(choices=Direction.choices)
    status = models.SmallIntegerField(choices=Status.choices)
    cause = models.CharField(max_length=40, blank=True)
    entries = models.BigIntegerField()
    bytes = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["domain_id", "start", "peer_domain_id", "direction", "status", "cause"],
                include=["entries", "bytes"],
                nulls_distinct=False,
                name="traffic_day_once",
            )
        ]
        indexes = [
            models.Index(fields=["start"], name="traffic_day"),
            models.Index(fields=["start"], condition=models.Q(entries=0, bytes=0), name="traffic_day_nought"),
        ]

    def __str__(self) -> str:
        return f"{self.start:%d}: {self.entries:+d}"


class DestinationPart(models.Model):
    """The same as TrafficPart for where mail of a domain went, by the day (UTC): ``destination``: the
    recipient's domain. ``delay``: seconds that the delivered ones took, added up.
    Kept as long as TrafficDay."""

    day = models.DateField()
    domain_id = models.BigIntegerField()
    destination = models.CharField(max_length=253)
    mails = models.IntegerField()
    delivered = models.IntegerField()
    deferred = models.IntegerField()
    failed = models.IntegerField()
    delay = models.FloatField(default=0)
    folded = models.BooleanField(default=False, db_default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["domain_id", "day", "destination"],
                condition=models.Q(folded=True),
                name="destination_folded_once",
            )
        ]
        indexes = [
            models.Index(
                fields=["domain_id"], condition=models.Q(folded=False), name="destination_not_folded"
            ),
            models.Index(fields=["domain_id", "day"], name="destination_of_domain"),
            models.Index(fields=["day"], name="destination_day"),
        ]

    def __str__(self) -> str:
        return f"{self.day}: {self.destination}"
