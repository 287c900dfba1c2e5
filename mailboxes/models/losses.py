"""What mailboxes had before their node was lost."""

from __future__ import annotations

from typing import Any, ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.access import Right, domains_where, is_provider
from mailboxes.models.core import Mailbox
from provision.models import NodeRebuild


class MailboxLossQuerySet(models.QuerySet["MailboxLoss"]):
    def visible_to(self, user: Any) -> Self:
        if is_provider(user):
            return self
        return self.filter(mailbox__mail_domain__domain__in=domains_where(user, Right.LOOK))

    def real(self) -> Self:
        """The node has told what is there, that is less, and nobody has seen to it."""
        return self.filter(seen_at=None, measured_at__isnull=False, mailbox__deleted_at=None)


class MailboxLoss(models.Model):
    """What a mailbox ``had`` when its node was lost, and what the new one ``has``. Gone once that is as much
    again. ``seen_at``: the provider has restored what there was, or says that there is nothing."""

    rebuild = models.ForeignKey(NodeRebuild, on_delete=models.CASCADE, related_name="+")
    mailbox = models.ForeignKey(Mailbox, on_delete=models.CASCADE, related_name="losses")
    had_bytes = models.BigIntegerField(_("had"))
    had_messages = models.IntegerField(_("mails it had"))
    has_bytes = models.BigIntegerField(_("has"), null=True)
    has_messages = models.IntegerField(_("mails it has"), null=True)
    measured_at = models.DateTimeField(_("measured"), null=True)
    seen_at = models.DateTimeField(_("seen to"), null=True)
    seen_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )

    objects: ClassVar[Any] = MailboxLossQuerySet.as_manager()

    class Meta:
        verbose_name = _("mailbox with missing mail")
        verbose_name_plural = _("mailboxes with missing mail")
        constraints = [models.UniqueConstraint(fields=["rebuild", "mailbox"], name="loss_once")]
        indexes = [
            models.Index(fields=["mailbox", "-rebuild"], name="loss_latest", condition=Q(seen_at=None)),
        ]

    def __str__(self) -> str:
        return str(self.mailbox)
