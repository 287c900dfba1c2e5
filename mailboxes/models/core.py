"""Mail of a domain: where it lives, its mailboxes, its signing keys."""

from __future__ import annotations

import datetime as dt
from typing import Any, ClassVar, Self

import pghistory
from django.conf import settings
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Account, Domain
from accounts.models.suspension import Suspendable, dated
from dnszone import routing
from provision.models import Node

GRACE = dt.timedelta(days=14)  # how long the mail of a deleted mailbox is kept


class Routing(models.TextChoices):
    """Email Routing: what happens to mail for a domain (see mailboxes.routing)."""

    AUTOMATIC = routing.AUTOMATIC, _("Automatic")
    LOCAL = routing.LOCAL, _("Local")
    BACKUP = routing.BACKUP, _("Backup")
    REMOTE = routing.REMOTE, _("Remote")
    OFF = routing.OFF, _("Off")


@pghistory.track(
    exclude=[
        "decided_at",
        "decided_why",
        "found",
        "pending",
        "pending_at",
        "looked_at",
        "next_look_at",
        "moved_until",
    ]
)
class MailDomain(models.Model):
    """The mail side of a domain: the node it lives on, and its Email Routing.

    ``routing``: what a person chose. ``decided``: what holds, and what the node does: the same, or what
    AUTOMATIC found. ``decided_why``: the finding behind it (routing.deciding.Finding as JSON; empty: nobody
    looked yet), ``found``: the newest one, of ``looked_at``. ``pending``: what a look would have changed it
    to, if a second one says so too. ``moved_until``: while some still come by the MX of before
    (routing.moving); None: nobody does.

    ``catch_all``, ``plus`` and ``alias_of`` as in nodeagent.contract.MailDomain."""

    domain = models.OneToOneField(Domain, on_delete=models.CASCADE, related_name="mail")
    node = models.ForeignKey(Node, on_delete=models.PROTECT, related_name="mail_domains")
    routing = models.CharField(
        _("Email Routing"), max_length=10, choices=Routing.choices, default=Routing.AUTOMATIC
    )
    decided = models.CharField(
        _("incoming mail"), max_length=10, choices=Routing.choices, default=Routing.LOCAL
    )
    decided_at = models.DateTimeField(default=timezone.now)
    decided_why = models.JSONField(default=dict, blank=True)
    found = models.JSONField(default=dict, blank=True)
    pending = models.CharField(max_length=10, choices=Routing.choices, blank=True)
    pending_at = models.DateTimeField(null=True, blank=True)
    looked_at = models.DateTimeField(null=True, blank=True)
    next_look_at = models.DateTimeField(default=timezone.now)
    moved_until = models.DateTimeField(null=True, blank=True)
    catch_all = models.CharField(_("catch-all"), max_length=254, blank=True)
    plus = models.BooleanField(_("plus-addressing"), default=True)
    alias_of = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="aliased",
        verbose_name=_("domain alias of"),
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(routing=Routing.AUTOMATIC) | Q(routing=models.F("decided")),
                name="mail_domain_as_chosen",
            ),
            models.CheckConstraint(
                condition=Q(decided__in=[mode for mode in routing.MODES if mode != routing.AUTOMATIC]),
                name="mail_domain_decided",
            ),
        ]
        indexes = [
            models.Index(fields=["next_look_at"], name="mail_domain_look_due"),
            models.Index(
                fields=["moved_until"], name="mail_domain_moved", condition=Q(moved_until__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return str(self.domain)


class MailboxQuerySet(models.QuerySet["Mailbox"]):
    def visible_to(self, user: Any) -> Self:
        return self.filter(mail_domain__domain__in=Domain.objects.visible_to(user))

    def of_account(self, account: Account) -> Self:
        return self.filter(mail_domain__domain__account=account)

    def present(self) -> Self:
        return self.filter(deleted_at__isnull=True)

    def restorable(self) -> Self:
        """Deleted, and the mail is still kept."""
        return self.filter(deleted_at__gt=timezone.now() - GRACE)

    def expired(self, now: dt.datetime) -> Self:
        """Deleted so long ago that the mail goes for good."""
        return self.filter(deleted_at__lte=now - GRACE)


# Made and gone by the ten thousand (mailboxes.bulk): one trigger for the statement, not one for each row.
@pghistory.track(
    pghistory.InsertEvent(level=pghistory.Statement),
    pghistory.UpdateEvent(),
    pghistory.DeleteEvent(level=pghistory.Statement),
    exclude=["password_hash", "used_mb", "messages", "used_at"],
)
class Mailbox(Suspendable):
    """One mailbox. ``address`` is ``local@domain`` in lower-case A-labels. ``deleted_at``: gone for its user
    and the node, its mail is kept until the grace time ends; the address may be made again. ``used_mb`` and
    ``messages`` are what the node measured at ``used_at`` (None: not yet). ``imap``, ``pop3``, ``smtp`` and
    ``sieve``: by which protocols its user may sign in."""

    mail_domain = models.ForeignKey(MailDomain, on_delete=models.CASCADE, related_name="mailboxes")
    address = models.CharField(_("address"), max_length=254, db_collation="C")
    local = models.CharField(_("address"), max_length=64, db_collation="C")
    password_hash = models.CharField(max_length=255)
    password_set_at = models.DateTimeField(_("password set"), default=timezone.now)
    home = models.CharField(max_length=400, unique=True)
    quota_mb = models.PositiveIntegerField(_("storage quota (MB)"))
    imap = models.BooleanField(_("IMAP"), default=True)
    pop3 = models.BooleanField(_("POP3"), default=True)
    smtp = models.BooleanField(_("SMTP"), default=True)
    sieve = models.BooleanField(_("ManageSieve"), default=True)
    deleted_at = models.DateTimeField(_("deleted"), null=True, blank=True)
    used_mb = models.FloatField(_("used (MB)"), default=0)
    messages = models.PositiveIntegerField(_("messages"), default=0)
    used_at = models.DateTimeField(_("measured"), null=True, blank=True)
    created_at = models.DateTimeField(_("made"), auto_now_add=True)

    objects: ClassVar[Any] = MailboxQuerySet.as_manager()

    class Meta:
        verbose_name_plural = _("mailboxes")
        constraints = [
            models.UniqueConstraint(
                fields=["address"], condition=Q(deleted_at__isnull=True), name="mailbox_address_once"
            ),
            models.CheckConstraint(condition=Q(quota_mb__gte=1), name="mailbox_quota_at_least_1"),
            dated("mailbox"),
        ]
        indexes = [
            models.Index(
                fields=["mail_domain", "address"], name="mailbox_list", condition=Q(deleted_at__isnull=True)
            ),
            models.Index(
                fields=["mail_domain", "quota_mb", "address"],
                name="mailbox_by_quota",
                condition=Q(deleted_at__isnull=True),
            ),
            models.Index(
                fields=["mail_domain", "used_mb", "address"],
                name="mailbox_by_use",
                condition=Q(deleted_at__isnull=True),
            ),
            models.Index(
                fields=["mail_domain", "deleted_at"],
                name="mailbox_deleted",
                condition=Q(deleted_at__isnull=False),
            ),
            models.Index(
                fields=["deleted_at"], name="mailbox_expired", condition=Q(deleted_at__isnull=False)
            ),
            GinIndex(
                OpClass("address", name="gin_trgm_ops"),
                name="mailbox_search",
                condition=Q(deleted_at__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return self.address

    @property
    def suspended_with(self) -> Domain:
        return self.mail_domain.domain

    @property
    def kept_until(self) -> dt.datetime | None:
        """Until when a deleted mailbox can be brought back."""
        return self.deleted_at + GRACE if self.deleted_at else None


class TallyPart(models.Model):
    """What the mailboxes of a domain come to, in parts to add up: triggers write one for each statement that
    changes mailboxes, and nobody waits for anybody's count; services.tallies_fold makes them one again.
    Deleted mailboxes count for nothing. Sizes are whole bytes and MiB, so that sums stay exact."""

    mail_domain = models.ForeignKey(
        MailDomain, on_delete=models.DO_NOTHING, db_constraint=False, related_name="tally_parts"
    )
    boxes = models.IntegerField()
    quota_mb = models.BigIntegerField()
    used_bytes = models.BigIntegerField()
    messages = models.BigIntegerField()
    full_boxes = models.IntegerField()
    suspended_boxes = models.IntegerField()

    def __str__(self) -> str:
        return f"{self.boxes:+d}"


@pghistory.track()
class DkimKey(models.Model):
    """A signing key made on a node; only its public half is known here. Signing starts when resolvers show it
    (``seen_at``). ``selector`` names the generation and the node: ``pr1-mail1``. Without ``mail_domain`` it
    is for the provider's own name, which the panel's mails come from."""

    mail_domain = models.ForeignKey(
        MailDomain, on_delete=models.CASCADE, null=True, blank=True, related_name="dkim_keys"
    )
    node = models.ForeignKey(Node, on_delete=models.CASCADE, related_name="+")
    selector = models.CharField(max_length=63)
    public_key = models.TextField(blank=True)
    seen_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["mail_domain", "selector"], name="dkim_selector_once"),
            models.UniqueConstraint(
                fields=["node"], condition=Q(mail_domain__isnull=True), name="dkim_own_once_a_node"
            ),
        ]
        indexes = [models.Index(fields=["created_at"], name="dkim_unseen", condition=Q(seen_at__isnull=True))]

    def __str__(self) -> str:
        return f"{self.selector}._domainkey.{self.signs_for}"

    @property
    def signs_for(self) -> str:
        return self.mail_domain.domain.name if self.mail_domain else str(settings.PROVIDER_DOMAIN)
