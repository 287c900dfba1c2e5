"""What can become of a mail, and which way it went. Numbers as they are stored."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Status(models.IntegerChoices):
    PROGRESS = 1, _("In progress")
    DELIVERED = 2, _("Delivered")
    DEFERRED = 3, _("Deferred")
    FAILED = 4, _("Failed")
    REJECTED = 5, _("Rejected")
    HELD = 6, _("Held")


class Direction(models.IntegerChoices):
    """Bits: mail inside one domain is both."""

    IN = 1, _("Incoming")
    OUT = 2, _("Outgoing")
    INSIDE = 3, _("Inside")
