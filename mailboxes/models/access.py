"""Further passwords, and what one may send as: app passwords, sender identities, website senders."""

from __future__ import annotations

from typing import Any, ClassVar, Self

import pghistory
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Domain
from mailboxes.models.core import Mailbox, MailDomain

LABEL_MOST = 60


class Used(models.Model):
    """When, from where and by which protocol a password was last used, as the node's log told."""

    used_at = models.DateTimeField(_("last used"), null=True, blank=True)
    used_from = models.CharField(max_length=45, blank=True)
    used_by = models.CharField(max_length=12, blank=True)

    class Meta:
        abstract = True


class AppPasswordQuerySet(models.QuerySet["AppPassword"]):
    def visible_to(self, user: Any) -> Self:
        return self.filter(mailbox__mail_domain__domain__in=Domain.objects.visible_to(user))


@pghistory.track(exclude=["password_hash", "used_at", "used_from", "used_by"])
class AppPassword(Used):
    """A password of a mailbox for one device or program. ``key``: what the password begins with
    (nodeagent.contract.Login.id). ``networks``: CIDR texts; none: from anywhere."""

    mailbox = models.ForeignKey(Mailbox, on_delete=models.CASCADE, related_name="app_passwords")
    key = models.CharField(max_length=32, unique=True)
    label = models.CharField(_("name"), max_length=LABEL_MOST)
    password_hash = models.CharField(max_length=255)
    imap = models.BooleanField(_("IMAP"), default=True)
    pop3 = models.BooleanField(_("POP3"), default=False)
    smtp = models.BooleanField(_("SMTP"), default=True)
    sieve = models.BooleanField(_("ManageSieve"), default=False)
    networks = models.JSONField(_("networks"), default=list, blank=True)
    expires = models.DateTimeField(_("expires"), null=True, blank=True)
    created_at = models.DateTimeField(_("made"), auto_now_add=True)

    objects: ClassVar[Any] = AppPasswordQuerySet.as_manager()

    class Meta:
        verbose_name = _("app password")
        indexes = [models.Index(fields=["mailbox", "-created_at"], name="app_password_list")]

    def __str__(self) -> str:
        return self.label

    @property
    def expired(self) -> bool:
        return self.expires is not None and self.expires <= timezone.now()


class WebsiteSenderQuerySet(models.QuerySet["WebsiteSender"]):
    def visible_to(self, user: Any) -> Self:
        return self.filter(mail_domain__domain__in=Domain.objects.visible_to(user))


@pghistory.track(exclude=["password_hash", "used_at", "used_from", "used_by"])
class WebsiteSender(Used):
    """A website's own sign-in, which may only send. ``login``: an address of the domain that no mailbox has.
    ``key``, ``networks``: as of an AppPassword. ``mails_*``: its own limits; 0: those of the domain and the
    account alone."""

    mail_domain = models.ForeignKey(MailDomain, on_delete=models.CASCADE, related_name="website_senders")
    login = models.CharField(_("user name"), max_length=254, unique=True, db_collation="C")
    label = models.CharField(_("website"), max_length=LABEL_MOST)
    key = models.CharField(max_length=32, unique=True)
    password_hash = models.CharField(max_length=255)
    networks = models.JSONField(_("networks"), default=list, blank=True)
    mails_hour = models.PositiveIntegerField(_("mails an hour"), default=100)
    mails_day = models.PositiveIntegerField(_("mails a day"), default=500)
    created_at = models.DateTimeField(_("made"), auto_now_add=True)

    objects: ClassVar[Any] = WebsiteSenderQuerySet.as_manager()

    class Meta:
        verbose_name = _("website sender")
        indexes = [models.Index(fields=["mail_domain", "login"], name="website_sender_list")]

    def __str__(self) -> str:
        return self.login


class IdentityQuerySet(models.QuerySet["Identity"]):
    def visible_to(self, user: Any) -> Self:
        mine = Domain.objects.visible_to(user)
        of_mailbox = Q(mailbox__mail_domain__domain__in=mine)
        return self.filter(of_mailbox | Q(website__mail_domain__domain__in=mine))


@pghistory.track()
class Identity(models.Model):
    """``mailbox``, or ``website``, may send as ``address`` too."""

    mailbox = models.ForeignKey(
        Mailbox, on_delete=models.CASCADE, null=True, blank=True, related_name="identities"
    )
    website = models.ForeignKey(
        WebsiteSender, on_delete=models.CASCADE, null=True, blank=True, related_name="identities"
    )
    address = models.CharField(_("address"), max_length=254, db_collation="C")
    created_at = models.DateTimeField(_("made"), auto_now_add=True)

    objects: ClassVar[Any] = IdentityQuerySet.as_manager()

    class Meta:
        verbose_name = _("sender identity")
        verbose_name_plural = _("sender identities")
        constraints = [
            models.CheckConstraint(
                condition=Q(mailbox__isnull=True) ^ Q(website__isnull=True), name="identity_of_one"
            ),
            models.UniqueConstraint(fields=["mailbox", "address"], name="identity_once_a_mailbox"),
            models.UniqueConstraint(fields=["website", "address"], name="identity_once_a_website"),
        ]
        indexes = [models.Index(fields=["address"], name="identity_address")]

    def __str__(self) -> str:
        return self.address
