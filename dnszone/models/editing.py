"""Changes that a person gathers before they are applied, and what every applied set changed."""

from __future__ import annotations

from typing import Any, ClassVar, Self

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from dnszone.models.zones import Zone
from lib.said import SaidCharField


class Origin(models.TextChoices):
    """Where a set of changes came from."""

    EDIT = "edit", _("edited by hand")
    PRESET = "preset", _("a preset")
    IMPORT = "import", _("a zone file")
    TEMPLATE = "template", _("a zone template")
    RESTORE = "restore", _("an earlier version brought back")
    UNDO = "undo", _("taken back")
    PANEL = "panel", _("kept by the panel")
    NEW = "new", _("the domain was added")


class OfZone(models.QuerySet[Any]):
    def visible_to(self, user: Any) -> Self:
        return self.filter(zone__in=Zone.objects.visible_to(user))


class Draft(models.Model):
    """What one person wants to change in one zone and has not applied yet. ``items``: see dnszone.drafting.
    ``rev`` grows with every change of the draft, so that what was previewed is what is applied. ``routing``:
    the Email Routing that goes with it (dnszone.routing.MODES), or empty. ``title``: what it is called in
    the history, when it has a name (a preset, a file)."""

    zone = models.ForeignKey(Zone, on_delete=models.CASCADE, related_name="drafts")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    rev = models.BigIntegerField(default=0)
    items = models.JSONField(default=list)
    origin = models.CharField(max_length=10, choices=Origin.choices, default=Origin.EDIT)
    title = SaidCharField(max_length=200, blank=True)
    routing = models.CharField(max_length=10, blank=True)
    changed_at = models.DateTimeField(auto_now=True)

    objects: ClassVar[Any] = OfZone.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["zone", "user"], name="draft_once_a_person")]

    def __str__(self) -> str:
        return f"{self.zone}: {len(self.items)}"


class ZoneVersion(models.Model):
    """One applied set. ``gone`` and ``come``: the records before and after it, as dnszone.spec.Entry lists; a
    changed record is in both. ``serial``: of the zone afterwards. ``who``: the actor's address, kept when the
    person goes; empty: the panel itself. ``reason``: why, in the person's words. ``records`` and ``kinds``:
    how many it changed, of which types, in short."""

    zone = models.ForeignKey(Zone, on_delete=models.CASCADE, related_name="versions")
    serial = models.BigIntegerField()
    at = models.DateTimeField(default=timezone.now)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    who = models.CharField(max_length=254, blank=True)
    origin = models.CharField(max_length=10, choices=Origin.choices)
    title = SaidCharField(max_length=200, blank=True)
    reason = models.CharField(max_length=200, blank=True)
    gone = models.JSONField(default=list)
    come = models.JSONField(default=list)
    routing_before = models.CharField(max_length=10, blank=True)
    records = models.PositiveIntegerField(_("records"), default=0)
    kinds = models.CharField(_("types"), max_length=200, blank=True)
    routing_after = models.CharField(max_length=10, blank=True)

    objects: ClassVar[Any] = OfZone.as_manager()

    class Meta:
        ordering = ["-pk"]
        indexes = [models.Index(fields=["zone", "-id"], name="version_list")]

    def __str__(self) -> str:
        return f"{self.zone} {self.serial}"
