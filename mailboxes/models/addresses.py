"""Addresses that lead elsewhere."""

from __future__ import annotations

from typing import Any, ClassVar, Self

import pghistory
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Domain
from mailboxes.models.core import Mailbox, MailDomain


def _targets() -> ArrayField[list[str], list[str]]:
    return ArrayField(models.CharField(max_length=254), verbose_name=_("goes to"))


class AliasQuerySet(models.QuerySet["Alias"]):
    def visible_to(self, user: Any) -> Self:
        return self.filter(mail_domain__domain__in=Domain.objects.visible_to(user))


@pghistory.track()
class Alias(models.Model):
    """``address`` (lower-case A-labels) leads to ``targets``, at least one. Those outside the account get
    mail once their Consent is there. ``home``: the folder of what its script withholds; unique for ever."""

    mail_domain = models.ForeignKey(MailDomain, on_delete=models.CASCADE, related_name="aliases")
    address = models.CharField(_("address"), max_length=254, unique=True, db_collation="C")
    local = models.CharField(max_length=64, db_collation="C")
    targets = _targets()
    home = models.CharField(max_length=400, unique=True)
    created_at = models.DateTimeField(_("made"), auto_now_add=True)

    objects: ClassVar[Any] = AliasQuerySet.as_manager()

    class Meta:
        verbose_name_plural = _("forwarders")
        indexes = [
            models.Index(fields=["mail_domain", "address"], name="alias_list"),
            GinIndex(OpClass("address", name="gin_trgm_ops"), name="alias_search"),
            GinIndex(fields=["targets"], name="alias_targets"),
        ]

    def __str__(self) -> str:
        return self.address


@pghistory.track()
class Forwarding(models.Model):
    """A mailbox's mail goes to ``targets`` too; with ``keep`` it stays here as well."""

    mailbox = models.OneToOneField(Mailbox, on_delete=models.CASCADE, related_name="forwarding")
    targets = _targets()
    keep = models.BooleanField(_("keep a copy"), default=True)
    changed_at = models.DateTimeField(auto_now=True)

    def __str__(self) -> str:
        return str(self.mailbox)


class Consent(models.Model):
    """Whether ``target``, an address outside, wants the mail of ``source``. ``asked_at``, ``asked``: when it
    was asked last, and how often. ``nonce``: part of the link; another one makes older links void."""

    mail_domain = models.ForeignKey(MailDomain, on_delete=models.CASCADE, related_name="consents")
    source = models.CharField(max_length=254, db_collation="C")
    target = models.CharField(max_length=254, db_collation="C")
    nonce = models.CharField(max_length=32)
    asked_at = models.DateTimeField(default=timezone.now)
    asked = models.PositiveSmallIntegerField(default=1)
    confirmed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["source", "target"], name="consent_once")]
        indexes = [models.Index(fields=["target", "asked_at"], name="consent_asked")]

    def __str__(self) -> str:
        return f"{self.source} → {self.target}"


@pghistory.track()
class RoleContact(models.Model):
    """Who gets mail to postmaster@ and abuse@ of the domain, where nothing else has these addresses."""

    mail_domain = models.OneToOneField(MailDomain, on_delete=models.CASCADE, related_name="role_contact")
    address = models.CharField(_("address"), max_length=254)

    def __str__(self) -> str:
        return self.address
