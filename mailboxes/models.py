"""Mail of a domain: where it lives, its mailboxes, its signing keys."""

from __future__ import annotations

from typing import Any, ClassVar, Self

import pghistory
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Domain
from provision.models import Node


@pghistory.track()
class MailDomain(models.Model):
    """The mail side of a domain: the node it lives on."""

    domain = models.OneToOneField(Domain, on_delete=models.CASCADE, related_name="mail")
    node = models.ForeignKey(Node, on_delete=models.PROTECT, related_name="mail_domains")
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return str(self.domain)


class MailboxQuerySet(models.QuerySet["Mailbox"]):
    def visible_to(self, user: Any) -> Self:
        return self.filter(mail_domain__domain__in=Domain.objects.visible_to(user))

    def present(self) -> Self:
        return self.filter(deleted_at__isnull=True)


@pghistory.track(exclude=["password_hash", "used_mb", "messages", "used_at"])
class Mailbox(models.Model):
    """One mailbox. ``address`` is ``local@domain`` in lower-case A-labels. ``deleted_at``: gone for its user and for the
    node, its mail is kept until the grace time ends; the address may be made again meanwhile."""

    mail_domain = models.ForeignKey(MailDomain, on_delete=models.CASCADE, related_name="mailboxes")
    address = models.CharField(_("address"), max_length=254, db_collation="C")
    local = models.CharField(_("address"), max_length=64, db_collation="C")
    password_hash = models.CharField(max_length=255)
    home = models.CharField(max_length=400, unique=True)
    quota_mb = models.PositiveIntegerField(_("storage quota (MB)"))
    suspended_at = models.DateTimeField(null=True, blank=True)
    suspended_reason = models.CharField(max_length=200, blank=True)
    deleted_at = models.DateTimeField(null=True, blank=True)
    used_mb = models.FloatField(null=True, blank=True)
    messages = models.PositiveIntegerField(null=True, blank=True)
    used_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects: ClassVar[Any] = MailboxQuerySet.as_manager()

    class Meta:
        verbose_name_plural = _("mailboxes")
        constraints = [
            models.UniqueConstraint(fields=["address"], condition=Q(deleted_at__isnull=True), name="mailbox_address_once"),
            models.CheckConstraint(condition=Q(quota_mb__gte=1), name="mailbox_quota_at_least_1"),
        ]
        indexes = [models.Index(fields=["mail_domain", "address"], name="mailbox_list")]

    def __str__(self) -> str:
        return self.address


@pghistory.track()
class DkimKey(models.Model):
    """A signing key made on a node; only its public half is known here. Signing starts when resolvers show it."""

    mail_domain = models.ForeignKey(MailDomain, on_delete=models.CASCADE, related_name="dkim_keys")
    node = models.ForeignKey(Node, on_delete=models.CASCADE, related_name="+")
    selector = models.CharField(max_length=63)
    public_key = models.TextField(blank=True)
    seen_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["mail_domain", "selector"], name="dkim_selector_once")]

    def __str__(self) -> str:
        return f"{self.selector}._domainkey.{self.mail_domain}"
