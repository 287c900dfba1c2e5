"""Nodes, and for each object on a node the state it should have and the state it is proven to have."""

from __future__ import annotations

from typing import Any, ClassVar, Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Domain


class Node(models.Model):
    """A machine that runs mail or DNS for us. ``ports``: service name (as in var/endpoints.json) → number."""

    name = models.SlugField(max_length=32, unique=True)
    roles = ArrayField(models.CharField(max_length=8, choices=[("mail", _("mail")), ("dns", _("DNS"))]))
    host = models.CharField(_("host name"), max_length=253, help_text=_("what mail programs and MX records say"))
    addresses = ArrayField(models.GenericIPAddressField(), default=list)
    ports = models.JSONField(default=dict)
    public_key = models.CharField(max_length=64, help_text=_("Ed25519, base64: signs the node's reports"))
    ingest_token_hash = models.CharField(max_length=64, help_text=_("SHA-256, hex"))
    draining = models.BooleanField(_("takes no new domains"), default=False)
    last_report_at = models.DateTimeField(null=True, blank=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class PushQuerySet(models.QuerySet["Push"]):
    def visible_to(self, user: Any) -> Self:
        if user.is_authenticated and user.is_superuser:
            return self
        return self.filter(domain__in=Domain.objects.visible_to(user))

    def behind(self) -> Self:
        return self.filter(desired_rev__gt=F("applied_rev"))


class Push(models.Model):
    """Outbox and status badge at once: one row per (node, key). ``payload`` None: the object shall be absent."""

    node = models.ForeignKey(Node, on_delete=models.CASCADE, related_name="pushes")
    key = models.CharField(max_length=512, db_collation="C")
    kind = models.CharField(max_length=32)
    domain = models.ForeignKey(Domain, on_delete=models.SET_NULL, null=True, related_name="+")
    payload = models.JSONField(null=True)
    desired_rev = models.BigIntegerField(default=1)
    applied_rev = models.BigIntegerField(default=0)
    attempts = models.PositiveIntegerField(default=0)
    next_try_at = models.DateTimeField(null=True)
    last_error = models.TextField(blank=True)
    proof = models.CharField(max_length=200, blank=True)
    applied_at = models.DateTimeField(null=True)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    changed_at = models.DateTimeField(auto_now_add=True)

    objects: ClassVar[Any] = PushQuerySet.as_manager()

    class Meta:
        verbose_name_plural = _("pushes")
        constraints = [models.UniqueConstraint(fields=["node", "key"], name="push_once_per_node_and_key")]
        indexes = [
            models.Index(fields=["next_try_at"], name="push_due", condition=Q(desired_rev__gt=F("applied_rev"))),
            models.Index(fields=["key"], name="push_key"),
        ]

    def __str__(self) -> str:
        return f"{self.key} on {self.node_id}"
