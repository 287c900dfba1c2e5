"""Long work on a node for a mailbox: import, export, restore, clean-up."""

from __future__ import annotations

import uuid
from typing import Any, ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Domain
from mailboxes.models.core import Mailbox, MailDomain


def _ident() -> str:
    return uuid.uuid4().hex


class JobQuerySet(models.QuerySet["Job"]):
    def visible_to(self, user: Any) -> Self:
        return self.filter(mail_domain__domain__in=Domain.objects.visible_to(user))

    def going(self) -> Self:
        return self.filter(ended_at__isnull=True)


class Job(models.Model):
    """``ident``: its name on the node. ``kind``: nodeagent.jobs and mailboxes.jobs.kinds know it. ``args``:
    what it needs (the address is added when it is sent), never a secret: that is ``sealed`` for the node
    alone, and empty once the job ended. ``state``, ``done``, ``total``, ``note`` and ``facts``: what the node
    told last. ``paused``: by a person. ``who``: a person of the panel;
    ``who_name`` for a mailbox's own user too."""

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        RUNNING = "running", _("Running")
        PAUSED = "paused", _("Paused")
        DONE = "done", _("Done")
        FAILED = "failed", _("Stopped")
        CANCELLED = "cancelled", _("Cancelled")

    ident = models.CharField(max_length=40, unique=True, default=_ident)
    kind = models.CharField(max_length=40)
    mail_domain = models.ForeignKey(MailDomain, on_delete=models.CASCADE, related_name="jobs")
    mailbox = models.ForeignKey(Mailbox, on_delete=models.CASCADE, related_name="jobs")
    args = models.JSONField(default=dict)
    sealed = models.TextField(blank=True)
    paused = models.BooleanField(default=False)
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    done = models.BigIntegerField(default=0)
    total = models.BigIntegerField(default=0)
    note = models.TextField(blank=True)
    facts = models.JSONField(default=dict)
    who = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    who_name = models.CharField(max_length=254, blank=True)
    made_at = models.DateTimeField(auto_now_add=True)
    heard_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar[Any] = JobQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["mailbox", "kind", "-made_at"], name="job_of_mailbox"),
            models.Index(fields=["mail_domain", "kind", "-made_at"], name="job_of_domain"),
            models.Index(fields=["ended_at"], name="job_ended", condition=Q(ended_at__isnull=False)),
        ]

    def __str__(self) -> str:
        return self.ident

    @property
    def ended(self) -> bool:
        return self.ended_at is not None

    @property
    def running(self) -> bool:
        return self.state in (self.State.WAITING, self.State.RUNNING)

    @property
    def minutes_left(self) -> int:
        """As its node estimates, begun ones counted; 0: it does not say."""
        seconds = self.facts.get("seconds")
        running = self.state == self.State.RUNNING and isinstance(seconds, int) and 0 < seconds < 10**8
        return -(-seconds // 60) if running else 0

    @property
    def bytes_told(self) -> int:
        """How much there is to go through; 0: unknown."""
        told = self.facts.get("bytes")
        return told if isinstance(told, int) and 0 < told < 2**60 else 0

    @property
    def percent(self) -> int:
        """0 to 100; at most 99 before it is done."""
        if self.state == self.State.DONE:
            return 100
        return min(99, self.done * 100 // self.total) if self.total else 0


class Archive(models.Model):
    """A file with mails: made by a node's export, or given by a person to restore from, and kept until
    ``expires_at``. ``ident``: nobody can guess it. ``job``: what made it or reads it; none while it is still
    coming from a person. ``size``: bytes, of what is there; ``complete``: all of it is."""

    ident = models.CharField(max_length=40, unique=True, default=_ident)
    job = models.OneToOneField(Job, on_delete=models.CASCADE, related_name="archive", null=True, blank=True)
    filename = models.CharField(max_length=200)
    size = models.BigIntegerField(default=0)
    complete = models.BooleanField(default=False)
    expires_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return self.filename


class ArchivePart(models.Model):
    """The bytes of an archive from ``start`` on, as many as are in ``data``; the next part begins behind
    them (mailboxes.archives.store)."""

    archive = models.ForeignKey(Archive, on_delete=models.CASCADE, related_name="parts", db_index=False)
    start = models.BigIntegerField()
    data = models.BinaryField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["archive", "start"], name="archive_part_once")]

    def __str__(self) -> str:
        return str(self.start)
