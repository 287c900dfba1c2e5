"""Logins whose sending was stopped because somebody else seems to use them."""

from __future__ import annotations

from typing import Any, ClassVar, Self

import pghistory
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Domain
from mailboxes.models.core import Mailbox, MailDomain


class CompromiseQuerySet(models.QuerySet["Compromise"]):
    def visible_to(self, user: Any) -> Self:
        return self.filter(mail_domain__domain__in=Domain.objects.visible_to(user))

    def still_open(self) -> Self:
        return self.filter(released_at__isnull=True)


@pghistory.track(exclude=["reasons", "reviewed_at", "queue_reviewed_at"])
class Compromise(models.Model):
    """``login``: the sign-in name that sends nothing until ``released_at``; ``mailbox`` None: a website
    sender. ``reasons``: what was seen, as panel.compromise.signs.Sign in JSON. ``reviewed_at``: somebody
    looked at the filters, forwards and sign-ins; ``queue_reviewed_at``: at the mail that waits."""

    mail_domain = models.ForeignKey(MailDomain, on_delete=models.CASCADE, related_name="compromises")
    mailbox = models.ForeignKey(
        Mailbox, on_delete=models.CASCADE, null=True, blank=True, related_name="compromises"
    )
    login = models.CharField(_("sign-in name"), max_length=254, db_collation="C")
    since = models.DateTimeField(_("since"), default=timezone.now)
    reasons = models.JSONField(default=list)
    reviewed_at = models.DateTimeField(null=True, blank=True)
    queue_reviewed_at = models.DateTimeField(null=True, blank=True)
    released_at = models.DateTimeField(_("released"), null=True, blank=True)
    released_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )

    objects: ClassVar[Any] = CompromiseQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["login"], condition=Q(released_at__isnull=True), name="compromise_open_once"
            )
        ]
        indexes = [models.Index(fields=["mailbox", "-since"], name="compromise_of_mailbox")]

    def __str__(self) -> str:
        return self.login
