"""How full mailboxes were, who was told, and clean-ups."""

from __future__ import annotations

import datetime as dt
from typing import Any, ClassVar, Self

import pghistory
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from mailboxes.models.core import Mailbox, MailDomain
from mailboxes.models.jobs import Job

HISTORY = dt.timedelta(days=400)


class StorageDay(models.Model):
    """What a mailbox held when its node last measured it on that day (UTC). services.usage writes it."""

    mailbox = models.ForeignKey(Mailbox, on_delete=models.CASCADE, related_name="storage_days")
    day = models.DateField()
    used_bytes = models.BigIntegerField()
    messages = models.IntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["mailbox", "day"], name="storage_day_once")]
        indexes = [models.Index(fields=["day"], name="storage_day_old")]

    def __str__(self) -> str:
        return f"{self.day}: {self.used_bytes}"


class DomainStorageDay(models.Model):
    """The same for all mailboxes of a domain together, from TallyPart."""

    mail_domain = models.ForeignKey(MailDomain, on_delete=models.CASCADE, related_name="storage_days")
    day = models.DateField()
    used_bytes = models.BigIntegerField()
    quota_mb = models.BigIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["mail_domain", "day"], name="domain_storage_day_once")]
        indexes = [models.Index(fields=["day"], name="domain_storage_day_old")]

    def __str__(self) -> str:
        return f"{self.day}: {self.used_bytes}"


class StorageWarning(models.Model):
    """That people heard of a mailbox that is nearly full: the highest step (percent) since it was last well
    below. None here: nobody was told."""

    mailbox = models.OneToOneField(Mailbox, on_delete=models.CASCADE, related_name="storage_warning")
    step = models.SmallIntegerField()
    told_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"{self.step} %"


class CleanUpQuerySet(models.QuerySet["CleanUp"]):
    def visible_to(self, user: Any) -> Self:
        return self.filter(mailbox__in=Mailbox.objects.visible_to(user).present())


@pghistory.track(exclude=["before"])
class CleanUp(models.Model):
    """Mails that somebody was rid of, by ``job``: those that a preview showed (nodeagent.cleaning). ``days``,
    ``over_mb``: 0 where ``what`` needs none. ``before``: Unix seconds. ``mails`` and ``size_bytes``: of the
    preview."""

    class What(models.TextChoices):
        TRASH = "trash", _("Empty the Trash")
        JUNK = "junk", _("Empty Junk")
        OLD = "old", _("Remove old mail")
        BIG = "big", _("Remove large mail")

    mailbox = models.ForeignKey(Mailbox, on_delete=models.CASCADE, related_name="clean_ups")
    job = models.OneToOneField(Job, on_delete=models.CASCADE, related_name="clean_up")
    what = models.CharField(_("clean-up"), max_length=8, choices=What.choices)
    folder = models.CharField(_("folder"), max_length=1000, blank=True)
    days = models.PositiveIntegerField(_("days"), default=0)
    over_mb = models.PositiveIntegerField(_("MB"), default=0)
    to_trash = models.BooleanField(_("into the Trash"), default=False)
    before = models.BigIntegerField(default=0)
    mails = models.IntegerField(_("mails"))
    size_bytes = models.BigIntegerField(_("bytes"))
    created_at = models.DateTimeField(auto_now_add=True)

    objects: ClassVar[Any] = CleanUpQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["mailbox", "-created_at"], name="clean_up_newest")]

    def __str__(self) -> str:
        return str(self.get_what_display())
