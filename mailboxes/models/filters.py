"""Rules that sort mail as it comes."""

from __future__ import annotations

from typing import Any, ClassVar, Self

import pghistory
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import Domain
from mailboxes.models.core import Mailbox, MailDomain


class MailboxFilterQuerySet(models.QuerySet["MailboxFilter"]):
    def visible_to(self, user: Any) -> Self:
        return self.filter(owner__mail_domain__domain__in=Domain.objects.visible_to(user))


class DomainFilterQuerySet(models.QuerySet["DomainFilter"]):
    def visible_to(self, user: Any) -> Self:
        return self.filter(owner__domain__in=Domain.objects.visible_to(user))


class Match(models.TextChoices):
    ALL = "all", _("all of the conditions")
    ANY = "any", _("any of the conditions")


class Filter(models.Model):
    """A rule. ``conditions`` and ``actions``: lists of mailboxes.filters.rules.Condition and Action as JSON,
    checked by mailboxes.filters.services. ``stop``: no later rule of the same owner looks at a mail that this
    one caught."""

    owner: Any
    position = models.PositiveIntegerField(_("place"))
    name = models.CharField(_("name"), max_length=100)
    enabled = models.BooleanField(_("on"), default=True)
    match = models.CharField(_("must fit"), max_length=3, choices=Match.choices, default=Match.ALL)
    conditions = models.JSONField(_("conditions"), default=list)
    actions = models.JSONField(_("actions"), default=list)
    stop = models.BooleanField(_("no later filters"), default=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.name


@pghistory.track()
class MailboxFilter(Filter):
    owner = models.ForeignKey(Mailbox, on_delete=models.CASCADE, related_name="filters")

    objects: ClassVar[Any] = MailboxFilterQuerySet.as_manager()

    class Meta:
        verbose_name = _("filter")
        constraints = [
            models.UniqueConstraint(fields=["owner", "position"], name="mailbox_filter_place"),
        ]


@pghistory.track()
class DomainFilter(Filter):
    """Runs before those of each of the domain's mailboxes."""

    owner = models.ForeignKey(MailDomain, on_delete=models.CASCADE, related_name="filters")

    objects: ClassVar[Any] = DomainFilterQuerySet.as_manager()

    class Meta:
        verbose_name = _("filter")
        constraints = [
            models.UniqueConstraint(fields=["owner", "position"], name="domain_filter_place"),
        ]
