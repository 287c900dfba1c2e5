"""The rows of Track Delivery's lists."""

from __future__ import annotations

from typing import Any, ClassVar, Self

from django.contrib.postgres.search import SearchVectorField
from django.db import models

from accounts.access import Right, domains_where, is_provider
from delivery.models.keeping import kept
from delivery.statuses import Direction, Status


class EntryQuerySet(models.QuerySet["Entry"]):
    def visible_to(self, user: Any) -> Self:
        """What happened to mail is for whoever reads mail settings, as far back as the account may look."""
        if is_provider(user):
            return self
        return self.filter(domain_id__in=domains_where(user, Right.SETTINGS).values("pk")).kept()

    def kept(self) -> Self:
        """Not older than the ``log_days`` of the account whose domain it is."""
        return self.filter(kept())


class Entry(models.Model):
    """What one domain sees of one recipient of one message. All that a list shows is here: no list needs
    another table.

    ``address`` is what this side may know (the sender sees the address that was written to, never where an
    alias leads); ``via`` the alias, for its owner. ``peer_domain_id``: on an incoming row, the domain of
    ours that sent it. ``sender`` None: not known yet, "": the mail system (RFC 5321 §4.5.5). ``login``: who
    signed in to send it, on the sender's side alone. ``server``: the other server, who took it or handed it
    in. ``cause``: slug of delivery.explain. ``lead_id``: this refusal is one of a flood and is shown under
    that entry, which counts the others in ``alike``. ``changed_at``: when the row last changed. ``words``:
    what it is found by."""

    domain_id = models.BigIntegerField(null=True)
    peer_domain_id = models.BigIntegerField(null=True)
    message_id = models.BigIntegerField()
    direction = models.SmallIntegerField(choices=Direction.choices)
    status = models.SmallIntegerField(choices=Status.choices)
    at = models.DateTimeField()
    changed_at = models.DateTimeField()
    sender = models.CharField(max_length=400, null=True)  # noqa: DJ001 - the empty sender is a sender (RFC 5321 §4.5.5)
    address = models.CharField(max_length=400)
    via = models.CharField(max_length=400, blank=True)
    login = models.CharField(max_length=320, blank=True)
    subject = models.TextField(null=True)  # noqa: DJ001 - not known is not the same as empty
    size = models.BigIntegerField(null=True)
    server = models.CharField(max_length=300, blank=True)
    agent = models.CharField(max_length=32, blank=True)
    dsn = models.CharField(max_length=12, blank=True)
    reply = models.TextField(blank=True)
    cause = models.CharField(max_length=40, blank=True)
    delay = models.FloatField(null=True)
    queue_id = models.CharField(max_length=64, blank=True)
    notice = models.BooleanField(default=False)
    lead_id = models.BigIntegerField(null=True)
    alike = models.IntegerField(default=0)
    words = SearchVectorField()

    objects: ClassVar[Any] = EntryQuerySet.as_manager()

    class Meta:
        # As the migration makes them: indexes of a partitioned table.
        indexes: ClassVar[list[models.Index]] = []

    def __str__(self) -> str:
        return self.address


class Flood(models.Model):
    """Refusals of one server for one reason in one hour (services/floods.py). ``domain_id`` 0: of no domain
    of ours."""

    hour = models.DateTimeField()
    domain_id = models.BigIntegerField()
    client = models.CharField(max_length=64)
    cause = models.CharField(max_length=40)
    lead_id = models.BigIntegerField()
    entries = models.IntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["hour", "domain_id", "client", "cause"], name="flood_once")
        ]

    def __str__(self) -> str:
        return f"{self.entries} × {self.cause}"
