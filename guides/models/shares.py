"""Links that show a mailbox's guides to whoever has one."""

from __future__ import annotations

import datetime as dt
from typing import Any, ClassVar, Self

import pghistory
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from mailboxes.models import Mailbox


class ShareLinkQuerySet(models.QuerySet["ShareLink"]):
    def living(self, now: dt.datetime) -> Self:
        return self.filter(ended_at__isnull=True, expires_at__gt=now)


@pghistory.track(exclude=["seed", "token_hash", "opened_at"])
class ShareLink(models.Model):
    """``seed``: what the link's token is made of, with the panel's secret key (guides.handing.tokens), so
    that the address can be shown again and whoever reads the database cannot open it. ``token_hash``: what a
    link that comes in is found by. ``made_by``, ``sent_to``: addresses as they were then; ``sent_to`` empty:
    nobody was sent it from here."""

    mailbox = models.ForeignKey(Mailbox, on_delete=models.CASCADE, related_name="+")
    seed = models.CharField(max_length=64, db_collation="C")
    token_hash = models.CharField(max_length=64, db_collation="C", unique=True)
    made_by = models.CharField(_("made by"), max_length=320)
    sent_to = models.CharField(_("sent to"), max_length=320, blank=True)
    created_at = models.DateTimeField(_("made"), default=timezone.now)
    expires_at = models.DateTimeField(_("ends"))
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)
    opened_at = models.DateTimeField(_("last opened"), null=True, blank=True)

    objects: ClassVar[Any] = ShareLinkQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["mailbox", "-created_at"], name="share_of_mailbox")]

    def __str__(self) -> str:
        return f"{self.mailbox} until {self.expires_at}"
