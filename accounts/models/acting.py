"""That somebody of a reseller, or of the provider, worked in a client's place."""

from __future__ import annotations

import pghistory
from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models.accounts import Account


@pghistory.track()
class Acting(models.Model):
    """Kept for the client to read: who, for how long, why. It ends at ``until`` by itself, or before that at
    ``ended_at``; a sign-out leaves that empty. The session holds the place, and only while this row goes
    on."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="+")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    started_at = models.DateTimeField(_("began"), default=timezone.now)
    until = models.DateTimeField(_("ends"))
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.user} for {self.account}"
