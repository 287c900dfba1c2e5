"""Mails that the panel sends: written with the change they tell of, sent after it."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any, ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

KEPT = dt.timedelta(days=30)


class NoticeQuerySet(models.QuerySet["Notice"]):
    def open(self) -> Self:
        return self.filter(sent_at__isnull=True, failed_at__isnull=True)

    def due(self) -> Self:
        return self.open().filter(next_try_at__lte=timezone.now())

    def old(self) -> Self:
        """``dedupe`` outlives the mail: whoever set it takes it away."""
        return self.filter(created_at__lt=timezone.now() - KEPT, dedupe__isnull=True)


class Notice(models.Model):
    """One mail to one address. ``context``: JSON without secrets (notices.kinds). ``brand``: as
    accounts.selectors.brand_of gave it, {} is the provider's. ``message_key``: the Message-ID's, the same at
    every try. ``next_try_at``: while a worker sends it, when another one may. ``dedupe``: at most one row has
    it."""

    kind = models.CharField(_("kind"), max_length=32)
    to = models.EmailField(_("to"))
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        related_name="+",
        verbose_name=_("person"),
    )
    context = models.JSONField(default=dict)
    brand = models.JSONField(default=dict)
    language = models.CharField(max_length=12, blank=True)
    dedupe = models.CharField(max_length=200, null=True, unique=True)  # noqa: DJ001 - unique, and most have none
    message_key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    created_at = models.DateTimeField(_("written"), default=timezone.now, db_index=True)
    sent_at = models.DateTimeField(_("sent"), null=True)
    failed_at = models.DateTimeField(_("given up"), null=True)
    attempts = models.PositiveIntegerField(_("tries"), default=0)
    next_try_at = models.DateTimeField(_("next try"), default=timezone.now)
    last_error = models.CharField(_("reason"), max_length=500, blank=True)

    objects: ClassVar[Any] = NoticeQuerySet.as_manager()

    class Meta:
        verbose_name = _("mail")
        verbose_name_plural = _("mails")
        constraints = [
            models.CheckConstraint(
                condition=Q(sent_at__isnull=True) | Q(failed_at__isnull=True), name="notice_sent_or_failed"
            )
        ]
        indexes = [
            models.Index(
                fields=["next_try_at"],
                name="notice_due",
                condition=Q(sent_at__isnull=True, failed_at__isnull=True),
            ),
            models.Index(fields=["to", "-created_at"], name="notice_by_address"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} to {self.to}"

    @property
    def state(self) -> str:
        """sent, failed, retried or waiting."""
        if self.sent_at:
            return "sent"
        if self.failed_at:
            return "failed"
        return "retried" if self.last_error else "waiting"
