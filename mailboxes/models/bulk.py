"""Many mailboxes from one file, on their way from the file to the servers. No password is in here: hashes
are, until the mailbox has its own, and the file itself only sealed (mailboxes.bulk.sealing)."""

from __future__ import annotations

import datetime as dt
from typing import Any, ClassVar, Self

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Domain
from lib.said import SaidTextField
from mailboxes.models.core import MailDomain

SEALED_FOR = dt.timedelta(hours=1)  # a file whose columns nobody said
ROWS_FOR = dt.timedelta(days=7)  # the rows, for the lists of what was bad
SILENT_FOR = dt.timedelta(seconds=60)  # a reader that says nothing for so long is gone


class BulkImportQuerySet(models.QuerySet["BulkImport"]):
    def visible_to(self, user: Any) -> Self:
        """One's own: a file may name domains that a colleague of this one does not see."""
        if not getattr(user, "is_authenticated", False) or getattr(user, "is_mailbox", False):
            return self.none()
        return self.filter(who=user, mail_domain__domain__in=Domain.objects.visible_to(user))

    def open_of(self, account_id: int) -> Self:
        """Being read, or its passwords being hashed."""
        busy = models.Q(state=BulkImport.State.READING) | models.Q(hashed__lt=models.F("hashes"))
        states = [BulkImport.State.READING, BulkImport.State.CHECKED, BulkImport.State.CONFIRMED]
        return self.filter(busy, state__in=states, mail_domain__domain__account=account_id)


class BulkImport(models.Model):
    """One file. ``columns``: what each of its columns is (mailboxes.bulk.columns.FIELDS); ``heads``: its
    first row names them; ``left_out``: heads of those that are not used. ``hashes``: rows with a plain
    password, ``hashed``: those done. ``more_mb``: what the good rows take from the account's storage.
    ``trouble``: why it did not go on, for people. ``beat_at``: when the reader was last heard of."""

    class State(models.TextChoices):
        UPLOADED = "uploaded", _("Columns to be said")
        READING = "reading", _("Being read")
        CHECKED = "checked", _("Checked")
        CONFIRMED = "confirmed", _("Being saved")
        SAVED = "saved", _("Saved")
        STOPPED = "stopped", _("Stopped")

    class Mode(models.TextChoices):
        ALL = "all", _("All or nothing")
        GOOD = "good", _("The good rows")

    mail_domain = models.ForeignKey(MailDomain, on_delete=models.CASCADE, related_name="bulk_imports")
    who = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    title = models.CharField(max_length=120, blank=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.UPLOADED)
    mode = models.CharField(max_length=4, choices=Mode.choices, blank=True)
    encoding = models.CharField(max_length=12, blank=True)
    separator = models.CharField(max_length=1, default=",")
    columns = models.JSONField(default=list)
    heads = models.BooleanField(default=True)
    left_out = models.JSONField(default=list)
    quota_mb = models.PositiveIntegerField(default=1024)
    rows = models.PositiveIntegerField(default=0)
    good = models.PositiveIntegerField(default=0)
    bad = models.PositiveIntegerField(default=0)
    there = models.PositiveIntegerField(default=0)
    hashes = models.PositiveIntegerField(default=0)
    hashed = models.PositiveIntegerField(default=0)
    more_mb = models.BigIntegerField(default=0)
    saved = models.PositiveIntegerField(default=0)
    trouble = SaidTextField(blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    beat_at = models.DateTimeField(default=timezone.now)
    confirmed_at = models.DateTimeField(null=True)
    saved_at = models.DateTimeField(null=True)

    objects: ClassVar[Any] = BulkImportQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["mail_domain", "-created_at"], name="bulk_import_of_domain"),
            models.Index(fields=["who", "-created_at"], name="bulk_import_of_person"),
        ]

    def __str__(self) -> str:
        return f"{self.title} ({self.state})"

    @property
    def hashing(self) -> bool:
        return self.hashed < self.hashes


class BulkMade(models.Model):
    """How many mailboxes an import made in a domain: what Activity tells of them, and who has to ask how far
    they are."""

    bulk = models.ForeignKey(BulkImport, on_delete=models.CASCADE, related_name="made")
    mail_domain = models.ForeignKey(MailDomain, on_delete=models.CASCADE, related_name="+")
    title = models.CharField(max_length=120, blank=True)
    made = models.PositiveIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["bulk", "mail_domain"], name="bulk_made_once")]

    def __str__(self) -> str:
        return f"{self.title} ({self.made})"


class BulkPart(models.Model):
    """A piece of the sealed file."""

    bulk = models.ForeignKey(BulkImport, on_delete=models.CASCADE, related_name="parts")
    number = models.PositiveIntegerField()
    sealed = models.BinaryField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["bulk", "number"], name="bulk_part_once")]

    def __str__(self) -> str:
        return str(self.number)


class BulkRow(models.Model):
    """One row of the file, by its first ``line``. Bad: ``address`` as it was written, ``field`` and
    ``reason`` say what is wrong. ``password_hash``: empty while it is being made, and once the mailbox has
    it."""

    class State(models.TextChoices):
        GOOD = "good", _("Good")
        BAD = "bad", _("Bad")
        THERE = "there", _("There already")
        SAVED = "saved", _("Saved")

    bulk = models.ForeignKey(BulkImport, on_delete=models.CASCADE, related_name="lines")
    line = models.PositiveIntegerField()
    state = models.CharField(max_length=5, choices=State.choices)
    address = models.CharField(max_length=320)
    mail_domain = models.ForeignKey(MailDomain, on_delete=models.CASCADE, null=True, related_name="+")
    quota_mb = models.PositiveIntegerField(default=0)
    password_hash = models.CharField(max_length=255, blank=True)
    welcome = models.CharField(max_length=254, blank=True)
    suspended = models.BooleanField(default=False)
    field = models.CharField(max_length=20, blank=True)
    reason = SaidTextField(blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["bulk", "line"], name="bulk_row_once")]
        indexes = [models.Index(fields=["bulk", "state", "line"], name="bulk_row_by_state")]

    def __str__(self) -> str:
        return f"{self.line} {self.address}"

    @property
    def field_name(self) -> str:
        """For people."""
        names = {
            "address": _("Address"),
            "domain": _("Domain"),
            "password": _("Password"),
            "password_hash": _("Password hash"),
            "quota": _("Storage quota"),
            "welcome": _("Welcome mail"),
            "suspended": _("Suspended"),
        }
        return str(names.get(self.field, self.field))
