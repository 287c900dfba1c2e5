"""What is remembered about signing in: tries, and the places that a person came from."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class TryBucket(models.Model):
    """Wrong tries of one sort (accounts.signin.throttle). ``key``: SHA-256 in hex of what is counted, so the
    table names nobody. ``wrong`` in a row, ``level`` of a bucket that leaks, both as of ``at``."""

    key = models.CharField(max_length=64, primary_key=True)
    wrong = models.IntegerField(default=0)
    level = models.FloatField(default=0)
    at = models.DateTimeField()
    expires_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return self.key[:8]


class SignInPlace(models.Model):
    """A network and a kind of device that a person has signed in from. ``network``: /24 or /48."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="places")
    network = models.CharField(max_length=43)
    device = models.CharField(max_length=80)
    first_at = models.DateTimeField(_("first seen"), default=timezone.now)
    last_at = models.DateTimeField(_("last seen"), default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "network", "device"], name="sign_in_place_once")
        ]

    def __str__(self) -> str:
        return f"{self.device}, {self.network}"
