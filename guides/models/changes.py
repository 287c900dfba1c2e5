"""What the mailboxes of a domain were told to type, and when that changed."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.utils import timezone

from accounts.models import Domain


class Told(models.Model):
    """What the domain's mailboxes are told since ``since``: guides.changed.values.Values as JSON. The first
    row of a domain is written without telling anybody."""

    domain = models.OneToOneField(Domain, on_delete=models.CASCADE, related_name="+")
    values = models.JSONField()
    since = models.DateTimeField(default=timezone.now)

    objects: ClassVar[Any]

    def __str__(self) -> str:
        return f"{self.domain} since {self.since}"


class Change(models.Model):
    """``before`` → ``after`` (JSON as in Told). Mails leave from ``due_at`` on; ``begun_at``: the first has;
    ``reached``: the last mailbox's key that was looked at; ``done_at``: everybody was told."""

    domain = models.ForeignKey(Domain, on_delete=models.CASCADE, related_name="+")
    before = models.JSONField()
    after = models.JSONField()
    at = models.DateTimeField(default=timezone.now)
    due_at = models.DateTimeField()
    begun_at = models.DateTimeField(null=True)
    reached = models.BigIntegerField(default=0)
    told = models.PositiveIntegerField(default=0)
    done_at = models.DateTimeField(null=True)

    objects: ClassVar[Any]

    class Meta:
        indexes = [
            models.Index(fields=["domain", "-at"], name="change_of_domain"),
            models.Index(fields=["due_at"], name="change_due", condition=models.Q(done_at__isnull=True)),
        ]
        constraints = [
            # While mails leave nothing of it is changed; what comes meanwhile is a change of its own.
            models.UniqueConstraint(
                fields=["domain"],
                name="change_waits_once",
                condition=models.Q(begun_at__isnull=True, done_at__isnull=True),
            )
        ]

    def __str__(self) -> str:
        return f"{self.domain} at {self.at}"
