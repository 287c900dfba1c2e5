"""What a mailbox, or all those of a domain, make of mail that may be spam."""

from __future__ import annotations

from typing import Any, ClassVar, Self

import pghistory
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Domain
from mailboxes.models.core import Mailbox, MailDomain

USUAL_THRESHOLD = 6
LARGEST_THRESHOLD = 20


class OfMailboxes(models.QuerySet[Any]):
    def visible_to(self, user: Any) -> Self:
        return self.filter(owner__mail_domain__domain__in=Domain.objects.visible_to(user))


class OfDomains(models.QuerySet[Any]):
    def visible_to(self, user: Any) -> Self:
        return self.filter(owner__domain__in=Domain.objects.visible_to(user))


class SpamSettings(models.Model):
    """Of one mailbox, or of every mailbox of a domain without its own. ``threshold``: the
    score from which on a mail is spam. ``does``: what happens to spam; ``quarantine_from``: the score from
    which on it goes into quarantine whatever ``does`` says (None: never)."""

    class Does(models.TextChoices):
        JUNK = "junk", _("Put it into the Junk folder")
        QUARANTINE = "quarantine", _("Keep it in quarantine, out of the folders")
        MARK = "mark", _("Only mark it and deliver it as other mail")

    threshold = models.PositiveSmallIntegerField(_("spam threshold"), default=USUAL_THRESHOLD)
    does = models.CharField(_("what happens to spam"), max_length=10, choices=Does.choices, default=Does.JUNK)
    quarantine_from = models.PositiveSmallIntegerField(_("quarantine from"), null=True, blank=True)

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(
                condition=Q(threshold__gte=1, threshold__lte=LARGEST_THRESHOLD),
                name="%(class)s_threshold_fits",
            ),
            models.CheckConstraint(
                condition=Q(quarantine_from__isnull=True)
                | Q(quarantine_from__gte=models.F("threshold"), quarantine_from__lte=50),
                name="%(class)s_quarantine_above",
            ),
        ]

    def __str__(self) -> str:
        return str(self.owner)  # type: ignore[attr-defined]  # of the tables below


@pghistory.track()
class MailboxSpam(SpamSettings):
    owner = models.OneToOneField(Mailbox, on_delete=models.CASCADE, related_name="spam")
    objects: ClassVar[Any] = OfMailboxes.as_manager()


@pghistory.track()
class DomainSpam(SpamSettings):
    owner = models.OneToOneField(MailDomain, on_delete=models.CASCADE, related_name="spam")
    objects: ClassVar[Any] = OfDomains.as_manager()


class ListEntry(models.Model):
    """A sender who is always welcome, or never. ``sender``: ``ana@example.org``, ``@example.org`` or
    ``*.example.org`` (every name below it), in lower-case A-labels. ``unproven``, of allowed ones: welcome
    even if nothing proves who wrote. ``drops``, of denied ones: their mail is thrown away unread."""

    class Kind(models.TextChoices):
        ALLOW = "allow", _("Allowlist")
        DENY = "deny", _("Denylist")

    kind = models.CharField(_("list"), max_length=5, choices=Kind.choices)
    sender = models.CharField(_("sender"), max_length=254, db_collation="C")
    unproven = models.BooleanField(_("even unproven"), default=False)
    drops = models.BooleanField(_("thrown away"), default=False)
    note = models.CharField(_("note"), max_length=200, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        abstract = True
        verbose_name_plural = _("list entries")
        constraints = [
            models.UniqueConstraint(fields=["owner", "sender"], name="%(class)s_once"),
            models.CheckConstraint(
                condition=Q(kind="allow", drops=False) | Q(kind="deny", unproven=False),
                name="%(class)s_fits_its_kind",
            ),
        ]

    def __str__(self) -> str:
        return self.sender


@pghistory.track(exclude=["created_at"])
class MailboxListEntry(ListEntry):
    owner = models.ForeignKey(Mailbox, on_delete=models.CASCADE, related_name="list_entries")
    objects: ClassVar[Any] = OfMailboxes.as_manager()


@pghistory.track(exclude=["created_at"])
class DomainListEntry(ListEntry):
    owner = models.ForeignKey(MailDomain, on_delete=models.CASCADE, related_name="list_entries")
    objects: ClassVar[Any] = OfDomains.as_manager()
