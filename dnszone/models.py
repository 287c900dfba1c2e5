"""Zones and their records, kept as the panel wants them served."""

from __future__ import annotations

from typing import Any, ClassVar, Self

import pghistory
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import Domain


class ZoneQuerySet(models.QuerySet["Zone"]):
    def visible_to(self, user: Any) -> Self:
        return self.filter(domain__in=Domain.objects.visible_to(user))


@pghistory.track()
class Zone(models.Model):
    """One zone. ``serial`` only ever grows; every change of a record raises it. ``domain`` None: the provider's own."""

    domain = models.OneToOneField(Domain, on_delete=models.CASCADE, null=True, blank=True, related_name="zone")
    name = models.CharField(max_length=253, unique=True, db_collation="C")
    serial = models.BigIntegerField()
    created_at = models.DateTimeField(auto_now_add=True)

    objects: ClassVar[Any] = ZoneQuerySet.as_manager()

    def __str__(self) -> str:
        return self.name


@pghistory.track()
class Record(models.Model):
    """One record. ``owner``: relative to the zone, ``@`` for its apex, lower-case A-labels. ``rdata``: canonical text
    (RFC 4034 §6.2 lower-casing of names, absolute). ``managed``: what in the panel keeps it (dkim, mx, spf …), or empty."""

    zone = models.ForeignKey(Zone, on_delete=models.CASCADE, related_name="records")
    owner = models.CharField(_("name"), max_length=253, db_collation="C")
    type = models.CharField(_("type"), max_length=10)
    ttl = models.PositiveIntegerField(_("TTL"), default=3600)
    rdata = models.TextField(_("value"))
    managed = models.CharField(max_length=20, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["owner", "type", "rdata"]
        constraints = [
            models.UniqueConstraint("zone", "owner", "type", models.Func("rdata", function="md5"), name="record_once"),
            models.CheckConstraint(condition=~models.Q(type="CNAME", owner="@"), name="record_no_cname_at_apex"),
            models.CheckConstraint(condition=models.Q(ttl__lte=2_147_483_647), name="record_ttl_rfc2181"),
        ]

    def __str__(self) -> str:
        return f"{self.owner} {self.type} {self.rdata}"
