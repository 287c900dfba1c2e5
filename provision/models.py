"""Nodes, and for each object on a node the state it should have and the state it is proven to have."""

from __future__ import annotations

import uuid
from typing import Any, ClassVar, Self

import pghistory
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.access import Right, domains_where, is_provider
from accounts.models import Domain
from nodeagent import contract


# Who placed what where; not its reports, and not the digests of its secrets.
@pghistory.track(
    exclude=[
        "ingest_token_hash", "join_hash", "broker_hash", "sealing_key", "last_report_at", "trouble",
    ]
)  # fmt: skip
class Node(models.Model):
    """A machine that runs mail or DNS for us. ``ports``: service name (as in var/endpoints.json) → number.
    ``trouble``: why its last report was not taken, empty while all is well. ``pool``: it takes domains
    of plans that name this pool; empty: of those that name none. ``join_hash``: who shows the token of this
    hash may say what the node's keys are; a node that was invited and has not joined has no ``public_key``.
    ``broker_hash``: of its password at the broker."""

    name = models.SlugField(max_length=32, unique=True)
    roles = ArrayField(
        models.CharField(
            max_length=16,
            choices=[
                (contract.ROLE_MAIL, _("mail")),
                (contract.ROLE_DNS, _("DNS")),
                (contract.ROLE_SECONDARY, _("secondary DNS")),
            ],
        )
    )
    pool = models.SlugField(_("pool"), max_length=32, blank=True, db_default="")
    host = models.CharField(
        _("host name"), max_length=253, help_text=_("what mail programs and MX records say")
    )
    addresses = ArrayField(models.GenericIPAddressField(), default=list, blank=True)
    ports = models.JSONField(default=dict, blank=True)
    public_key = models.CharField(
        max_length=64, blank=True, help_text=_("Ed25519, base64: signs the node's reports")
    )
    ingest_token_hash = models.CharField(max_length=64, blank=True, help_text=_("SHA-256, hex"))
    join_hash = models.CharField(
        max_length=64, blank=True, db_default="", editable=False, help_text=_("SHA-256, hex")
    )
    broker_hash = models.CharField(
        max_length=64, blank=True, db_default="", editable=False, help_text=_("SHA-256, hex")
    )
    sealing_key = models.CharField(
        max_length=64, blank=True, help_text=_("X25519, base64: secrets are sealed for it (lib.sealing)")
    )
    draining = models.BooleanField(_("takes no new domains"), default=False)
    last_report_at = models.DateTimeField(_("last report"), null=True, blank=True, editable=False)
    trouble = models.CharField(_("trouble"), max_length=200, blank=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class PushQuerySet(models.QuerySet["Push"]):
    def visible_to(self, user: Any) -> Self:
        """How far mailboxes are is for whoever sees them; the rest for whoever reads mail settings."""
        if is_provider(user):
            return self
        boxes = Q(kind=contract.Mailbox.KIND, domain__in=domains_where(user, Right.LOOK))
        return self.filter(boxes | Q(domain__in=domains_where(user, Right.SETTINGS)))

    def behind(self) -> Self:
        """Wanted now, and not live. What waits for a day that was set for it is not behind."""
        waits = Q(sent_rev=0, attempts=0, next_try_at__gt=Now())  # Push.waits
        return self.filter(~waits, desired_rev__gt=F("applied_rev"))

    def failed(self) -> Self:
        return self.behind().exclude(last_error="")


class Push(models.Model):
    """Outbox and status badge at once: one row per (node, key). ``payload`` None: the object shall be absent.

    ``desired_rev`` grows with each change (services.py says how), ``sent_rev`` is the last one handed to the
    node's queue, ``applied_rev`` the last one that the node proved, at ``applied_at`` by the node's own
    clock. ``attempts`` counts the sendings of this revision. ``next_try_at``: nothing is sent before it (a
    lease after sending, a back-off after a refusal); None when nothing is to do.
    """

    # No index of its own: the unique constraint begins with it, and each one is written for every sending.
    node = models.ForeignKey(Node, on_delete=models.CASCADE, related_name="pushes", db_index=False)
    key = models.CharField(max_length=512, db_collation="C")
    kind = models.CharField(max_length=32)
    domain = models.ForeignKey(Domain, on_delete=models.SET_NULL, null=True, related_name="+")
    payload = models.JSONField(null=True)
    desired_rev = models.BigIntegerField(default=1)
    sent_rev = models.BigIntegerField(default=0)
    applied_rev = models.BigIntegerField(default=0)
    attempts = models.PositiveIntegerField(_("tries"), default=0)
    next_try_at = models.DateTimeField(_("next try"), null=True)
    last_error = models.TextField(_("reason"), blank=True)
    proof = models.CharField(max_length=200, blank=True)
    applied_at = models.DateTimeField(_("live since"), null=True)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    changed_at = models.DateTimeField(_("changed"), auto_now_add=True)

    objects: ClassVar[Any] = PushQuerySet.as_manager()

    class Meta:
        verbose_name_plural = _("pushes")
        constraints = [
            models.UniqueConstraint(fields=["node", "key"], name="push_once_per_node_and_key"),
            models.CheckConstraint(condition=Q(applied_rev__lte=F("desired_rev")), name="push_never_ahead"),
            # The guarantee: what is behind always has a time at which the sweep sends it.
            models.CheckConstraint(
                condition=Q(applied_rev__gte=F("desired_rev")) | Q(next_try_at__isnull=False),
                name="push_behind_is_due",
            ),
        ]
        indexes = [
            models.Index(
                fields=["node", "next_try_at"], name="push_due", condition=Q(desired_rev__gt=F("applied_rev"))
            ),
            models.Index(fields=["key"], name="push_key"),
            models.Index(
                fields=["domain"], name="push_behind", condition=Q(desired_rev__gt=F("applied_rev"))
            ),
        ]

    def __str__(self) -> str:
        return self.key

    @property
    def waits(self) -> bool:
        """Never sent, and not to be before its day (services.Wanted.not_before)."""
        never_sent = not self.sent_rev and not self.attempts
        return never_sent and self.next_try_at is not None and self.next_try_at > timezone.now()


class Question(models.Model):
    """Asked of a node (provision.asking). ``what``: the question's name. ``error``: why there is no
    ``result``."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    node = models.ForeignKey(Node, on_delete=models.CASCADE, related_name="+")
    what = models.CharField(max_length=40)
    asked_at = models.DateTimeField(auto_now_add=True, db_index=True)
    answered_at = models.DateTimeField(null=True)
    result = models.JSONField(null=True)
    error = models.TextField(blank=True)

    def __str__(self) -> str:
        return self.what


class NodeRebuild(models.Model):
    """A node that lost what it had is sent everything again. ``anew``: it joined with new keys and so began
    this itself; else ``actor``, or the command line."""

    node = models.ForeignKey(Node, on_delete=models.CASCADE, related_name="rebuilds")
    begun_at = models.DateTimeField(_("begun"), auto_now_add=True)
    states = models.PositiveIntegerField(default=0, help_text=_("sent again"))
    anew = models.BooleanField(default=False)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )

    class Meta:
        ordering = ["-begun_at"]
        indexes = [models.Index(fields=["node", "-begun_at"], name="rebuild_latest")]

    def __str__(self) -> str:
        return f"{self.node} {self.begun_at:%Y-%m-%d %H:%M}"
