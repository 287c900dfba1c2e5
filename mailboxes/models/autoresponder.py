"""Automatic answers."""

from __future__ import annotations

import datetime as dt

import pghistory
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from mailboxes.models.core import Mailbox


@pghistory.track()
class Autoresponder(models.Model):
    """What a mailbox answers by itself while ``enabled``, between ``starts`` and ``ends`` (None: open), once
    to each sender in ``days``. ``zone``: the IANA time zone in which a person wrote the two, and reads them.
    ``contacts_only``: only to people whom the mailbox's user ever wrote to. ``text``: lines end with LF."""

    mailbox = models.OneToOneField(Mailbox, on_delete=models.CASCADE, related_name="autoresponder")
    enabled = models.BooleanField(_("on"), default=False)
    starts = models.DateTimeField(_("from"), null=True, blank=True)
    ends = models.DateTimeField(_("until"), null=True, blank=True)
    zone = models.CharField(_("time zone"), max_length=64, default="UTC")
    subject = models.CharField(_("subject"), max_length=200)
    text = models.TextField(_("text"), max_length=20_000)
    days = models.PositiveSmallIntegerField(
        _("days"), default=7, validators=[MinValueValidator(1), MaxValueValidator(60)]
    )
    contacts_only = models.BooleanField(_("only to people I wrote to"), default=False)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(days__range=(1, 60)), name="autoresponder_days"),
            models.CheckConstraint(
                condition=Q(starts__isnull=True) | Q(ends__isnull=True) | Q(ends__gt=F("starts")),
                name="autoresponder_ends_later",
            ),
        ]

    def __str__(self) -> str:
        return str(self.mailbox)

    def answers_at(self, now: dt.datetime) -> bool:
        """Whether it is on, and its time has come and is not over."""
        begun = self.starts is None or self.starts <= now
        return self.enabled and begun and not self.is_over(now)

    def is_over(self, now: dt.datetime) -> bool:
        return self.ends is not None and self.ends <= now
