"""Questions to support, as they were sent."""

from __future__ import annotations

from typing import Any, ClassVar, Self

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Domain
from mailboxes.models import Mailbox
from notices.models import Notice


class SupportRequestQuerySet(models.QuerySet["SupportRequest"]):
    def visible_to(self, user: Any) -> Self:
        """One's own: what is asked is between the one who asks and support."""
        if getattr(user, "is_mailbox", False):
            return self.filter(mailbox=user.pk, user__isnull=True)
        return self.filter(user=user.pk)


class SupportRequest(models.Model):
    """``user``: who asks; None: the user of ``mailbox`` itself. ``about``: what page it came from.
    ``attached``: {title: lines}, what was shown and left ticked. ``to``: support's address at that time;
    ``notice``: the mail there."""

    reference = models.CharField(_("reference"), max_length=16, unique=True, db_collation="C")
    domain = models.ForeignKey(Domain, on_delete=models.SET_NULL, null=True, related_name="+")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, related_name="+")
    mailbox = models.ForeignKey(Mailbox, on_delete=models.CASCADE, null=True, related_name="+")
    about = models.CharField(_("about"), max_length=300, blank=True)
    text = models.TextField(_("question"))
    attached = models.JSONField(default=dict)
    to = models.EmailField(_("to"))
    notice = models.ForeignKey(Notice, on_delete=models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(_("when"), default=timezone.now)

    objects: ClassVar[Any] = SupportRequestQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["user", "-created_at"], name="support_of_user"),
            models.Index(fields=["mailbox", "-created_at"], name="support_of_mailbox"),
        ]

    def __str__(self) -> str:
        return self.reference
