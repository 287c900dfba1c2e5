"""What the numbers say that a person should look at."""

from __future__ import annotations

from typing import Any, ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.access import Right, domains_where, is_provider
from accounts.models import Domain


class AlertQuerySet(models.QuerySet["Alert"]):
    def visible_to(self, user: Any) -> Self:
        """The provider sees those of nodes and of no domain, too."""
        if is_provider(user):
            return self
        return self.filter(domain__in=domains_where(user, Right.SETTINGS))

    def still_open(self) -> Self:
        return self.filter(resolved_at=None)


class Alert(models.Model):
    """``domain`` None: the provider's. ``subject``: what it is about: a destination, a login, an IP
    address, a node, "out" or "in". ``facts``: numbers for its sentence, by delivery.alerts.rules.
    ``seen_at``: when it was last so. ``told_at``: when a mail went out; None: it was muted, or told of
    shortly before. ``resolved_by``: who said that it is seen to; None: it ended."""

    class Kind(models.TextChoices):
        FAILING = "failing", _("Much of it fails")
        DEFERRING = "deferring", _("Mail waits for one destination")
        SPIKE = "spike", _("Much more than usual")
        GUESSING = "guessing", _("Many wrong passwords")
        SILENCE = "silence", _("No mail where there always is some")
        NODE = "node", _("A node's log is not read")

    domain = models.ForeignKey(Domain, on_delete=models.CASCADE, null=True, related_name="+")
    kind = models.CharField(max_length=16, choices=Kind.choices)
    subject = models.CharField(max_length=320, blank=True)
    facts = models.JSONField(default=dict)
    began_at = models.DateTimeField()
    seen_at = models.DateTimeField()
    told_at = models.DateTimeField(null=True)
    resolved_at = models.DateTimeField(null=True)
    resolved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )

    objects: ClassVar[Any] = AlertQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["domain", "kind", "subject"],
                name="alert_once",
                condition=Q(resolved_at=None),
                nulls_distinct=False,
            )
        ]
        indexes = [
            models.Index(fields=["domain", "-began_at", "-id"], name="alert_list"),
            models.Index(fields=["-began_at", "-id"], name="alert_all"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.subject}"


class AlertMute(models.Model):
    """Nobody is told of such an alert until then; ``until`` None: until somebody says otherwise."""

    domain = models.ForeignKey(Domain, on_delete=models.CASCADE, null=True, related_name="+")
    kind = models.CharField(max_length=16, choices=Alert.Kind.choices)
    subject = models.CharField(max_length=320, blank=True)
    until = models.DateTimeField(null=True)
    who = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["domain", "kind", "subject"], name="alertmute_once", nulls_distinct=False
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.subject}"
