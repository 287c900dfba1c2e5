"""Zone templates of resellers and the provider, the zones made from them, and roll-outs of their changes."""

from __future__ import annotations

from typing import Any, ClassVar, Self

import pghistory
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.access import is_provider
from accounts.models import Account
from accounts.models.places import places_of
from dnszone.models.zones import Zone
from lib.said import SaidTextField


class ZoneTemplateQuerySet(models.QuerySet["ZoneTemplate"]):
    def visible_to(self, user: Any) -> Self:
        """A reseller's own; the provider sees all."""
        if not user.is_authenticated:
            return self.none()
        if is_provider(user):
            return self
        return self.filter(owner__in=places_of(user).resellers)


@pghistory.track()
class ZoneTemplate(models.Model):
    """Records for new domains, in zone-file form with placeholders (dnszone.blueprints.placeholders).
    ``owner``: the reseller, None for the provider's own. ``is_default``: new domains get it.
    ``revision`` grows with every change of ``text``."""

    owner = models.ForeignKey(
        Account, on_delete=models.CASCADE, null=True, blank=True, related_name="zone_templates"
    )
    name = models.CharField(_("name"), max_length=80)
    text = models.TextField(_("records"))
    is_default = models.BooleanField(_("for new domains"), default=False)
    revision = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(auto_now_add=True)

    objects: ClassVar[Any] = ZoneTemplateQuerySet.as_manager()

    class Meta:
        ordering = ["name", "pk"]
        constraints = [
            models.UniqueConstraint(
                "owner", Lower("name"), name="zonetemplate_name_once", nulls_distinct=False
            ),
            models.UniqueConstraint(
                fields=["owner"],
                condition=Q(is_default=True),
                name="zonetemplate_one_default",
                nulls_distinct=False,
            ),
        ]

    def __str__(self) -> str:
        return self.name


class ZoneTemplateRevision(models.Model):
    """The text that a template had: the old side of a roll-out."""

    template = models.ForeignKey(ZoneTemplate, on_delete=models.CASCADE, related_name="revisions")
    number = models.PositiveIntegerField()
    text = models.TextField()
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["template", "number"], name="zonetemplate_revision_once")
        ]


class ZoneTemplateUse(models.Model):
    """``zone`` was made from, or last brought to, this revision; ``values``: what stood for the placeholders
    then."""

    zone = models.OneToOneField(Zone, on_delete=models.CASCADE, related_name="template_use")
    template = models.ForeignKey(ZoneTemplate, on_delete=models.CASCADE, related_name="uses")
    revision = models.PositiveIntegerField()
    values = models.JSONField(default=dict)
    at = models.DateTimeField(default=timezone.now)


class ZoneRolloutQuerySet(models.QuerySet["ZoneRollout"]):
    def visible_to(self, user: Any) -> Self:
        return self.filter(template__in=ZoneTemplate.objects.visible_to(user))


class ZoneRollout(models.Model):
    """A revision of a template on its way to chosen zones: previewed, then running, then done."""

    class State(models.TextChoices):
        PREVIEW = "preview", _("not applied yet")
        RUNNING = "running", _("being applied")
        DONE = "done", _("applied")

    template = models.ForeignKey(ZoneTemplate, on_delete=models.CASCADE, related_name="rollouts")
    revision = models.PositiveIntegerField()
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    state = models.CharField(max_length=8, choices=State.choices, default=State.PREVIEW)
    created_at = models.DateTimeField(default=timezone.now)
    moved_at = models.DateTimeField(default=timezone.now)

    objects: ClassVar[Any] = ZoneRolloutQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["template", "-id"], name="zonerollout_list"),
            models.Index(fields=["moved_at"], condition=Q(state="running"), name="zonerollout_running"),
        ]

    def __str__(self) -> str:
        return f"{self.template} {self.revision}"


class ZoneRolloutItem(models.Model):
    """One zone of a roll-out. ``serial``: of the zone as it was previewed. ``words``: what was kept, or why
    it failed."""

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        DONE = "done", pgettext_lazy("a zone", "changed")
        SAME = "same", _("nothing was different")
        FAILED = "failed", _("failed")

    rollout = models.ForeignKey(ZoneRollout, on_delete=models.CASCADE, related_name="items")
    zone = models.ForeignKey(Zone, on_delete=models.CASCADE, related_name="+")
    serial = models.BigIntegerField()
    state = models.CharField(max_length=8, choices=State.choices, default=State.WAITING)
    words = SaidTextField(blank=True)

    class Meta:
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["rollout", "zone"], name="zonerollout_zone_once")]
        indexes = [models.Index(fields=["rollout", "state", "id"], name="zonerollout_items")]
