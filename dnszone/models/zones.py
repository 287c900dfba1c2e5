"""Zones and their records, kept as the panel wants them served."""

from __future__ import annotations

from typing import Any, ClassVar, Self

import pghistory
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models import Case, Deferrable, F, Func, IntegerField, Q, Value, When
from django.db.models.functions import Left
from django.utils.translation import gettext_lazy as _

from accounts.access import is_provider
from accounts.models import Domain
from dnszone import names, rdata
from dnszone.managed import LABELS, Label
from dnszone.spec import Row

SERIAL_MAX = 2**32 - 1


class ZoneQuerySet(models.QuerySet["Zone"]):
    def visible_to(self, user: Any) -> Self:
        """Those of the person's domains; whoever works for the provider with all rights sees its own zone as
        well."""
        if is_provider(user):
            return self
        return self.filter(domain__in=Domain.objects.visible_to(user))


@pghistory.track()
class Zone(models.Model):
    """One zone. ``serial`` only ever grows; every change of a record raises it. ``domain`` None: the
    provider's own."""

    domain = models.OneToOneField(
        Domain, on_delete=models.CASCADE, null=True, blank=True, related_name="zone"
    )
    name = models.CharField(max_length=253, unique=True, db_collation="C")
    serial = models.BigIntegerField()
    created_at = models.DateTimeField(auto_now_add=True)

    objects: ClassVar[Any] = ZoneQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                condition=Q(serial__gte=1, serial__lte=SERIAL_MAX), name="zone_serial_32_bits"
            )
        ]

    def __str__(self) -> str:
        return self.name


_IS_ALIAS = Case(When(type="ALIAS", then=Value(1)), default=Value(0), output_field=IntegerField())
_IS_CNAME = Case(When(type="CNAME", then=Value(1)), default=Value(0), output_field=IntegerField())


# By statement: row by row, the history of 20,000 imported records takes longer than all the rest. (Not
# track(level=…): its copies of the default events compare unlike the operations that they are of.)
@pghistory.track(
    pghistory.InsertEvent(level=pghistory.Statement),
    pghistory.UpdateEvent(level=pghistory.Statement),
    pghistory.DeleteEvent(level=pghistory.Statement),
)
class Record(models.Model):
    """One record. ``owner``: relative to the zone, ``@`` for its apex, lower-case A-labels. ``rdata``:
    canonical text (RFC 4034 §6.2 lower-casing of names, absolute). ``managed``: what in the panel keeps it
    (managed.LABELS), or empty. ``comment``: the person's own, never served. ``since_serial``: the serial of
    the zone that brought it in this form. The
    SOA is none of these."""

    zone = models.ForeignKey(Zone, on_delete=models.CASCADE, related_name="records")
    owner = models.CharField(_("name"), max_length=253, db_collation="C")
    type = models.CharField(_("type"), max_length=10, db_collation="C")
    ttl = models.PositiveIntegerField(_("TTL"), default=3600)
    rdata = models.TextField(_("value"), db_collation="C")
    managed = models.CharField(max_length=20, blank=True)
    since_serial = models.BigIntegerField(default=0)
    comment = models.CharField(_("comment"), max_length=200, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["owner", "type", "rdata"]
        indexes = [
            models.Index(fields=["zone", "owner", "type", "id"], name="record_by_name"),
            models.Index(fields=["zone", "type", "owner", "id"], name="record_by_type"),
            models.Index(fields=["zone", "ttl", "owner", "id"], name="record_by_ttl"),
            models.Index("zone", Left("rdata", 100), "id", name="record_by_value"),
            models.Index(
                fields=["zone", "owner", "type", "id"], condition=~Q(managed=""), name="record_by_panel"
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                "zone", "owner", "type", Func("rdata", function="md5"), name="record_once"
            ),
            models.UniqueConstraint(
                fields=["zone", "owner"], condition=Q(type="CNAME"), name="record_one_cname"
            ),
            # RFC 1034 §3.6.2: no row that is a CNAME beside one that is not.
            ExclusionConstraint(
                name="record_cname_alone",
                expressions=[
                    (F("zone"), RangeOperators.EQUAL),
                    (F("owner"), RangeOperators.EQUAL),
                    (_IS_CNAME, RangeOperators.NOT_EQUAL),
                ],
            ),
            # PowerDNS makes A and AAAA of an ALIAS.
            models.UniqueConstraint(
                fields=["zone", "owner"], condition=Q(type="ALIAS"), name="record_one_alias"
            ),
            ExclusionConstraint(
                name="record_alias_alone",
                expressions=[
                    (F("zone"), RangeOperators.EQUAL),
                    (F("owner"), RangeOperators.EQUAL),
                    (_IS_ALIAS, RangeOperators.NOT_EQUAL),
                ],
                condition=Q(type__in=["A", "AAAA", "ALIAS"]),
            ),
            # RFC 4035 §2.4, RFC 4592 §4.6.
            models.CheckConstraint(condition=~Q(type="DS", owner="@"), name="record_no_ds_at_apex"),
            models.CheckConstraint(
                condition=~Q(type__in=["ALIAS", "DS"], owner__startswith="*"), name="record_no_star_for_type"
            ),
            # RFC 2181 §5.2. Deferred: an RRset changes its TTL in several rows at once.
            ExclusionConstraint(
                name="record_one_ttl",
                expressions=[
                    (F("zone"), RangeOperators.EQUAL),
                    (F("owner"), RangeOperators.EQUAL),
                    (F("type"), RangeOperators.EQUAL),
                    (F("ttl"), RangeOperators.NOT_EQUAL),
                ],
                deferrable=Deferrable.DEFERRED,
            ),
            models.CheckConstraint(condition=~Q(type="CNAME", owner="@"), name="record_no_cname_at_apex"),
            models.CheckConstraint(
                condition=~Q(type="NS", owner="@") | Q(managed="ns"), name="record_apex_ns_is_ours"
            ),
            models.CheckConstraint(condition=~Q(type="SOA"), name="record_no_soa"),
            models.CheckConstraint(condition=Q(ttl__lte=2_147_483_647), name="record_ttl_rfc2181"),
            models.CheckConstraint(
                condition=Q(owner__regex=r"^(@|\*|(\*\.)?[a-z0-9_]([a-z0-9_.-]*[a-z0-9_])?)$"),
                name="record_owner_canonical",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.owner} {self.type} {self.rdata}"

    def row(self) -> Row:
        return Row(
            self.pk,
            self.owner,
            self.type,
            self.rdata,
            self.ttl,
            self.managed,
            self.since_serial,
            self.comment,
        )

    @staticmethod
    def was_in(zone: Zone, pk: int) -> bool:
        """Whether the history knows a record with this key in this zone."""
        return bool(Record.events_of(zone).filter(id=pk).exists())

    @staticmethod
    def events_of(zone: Zone) -> models.QuerySet[Any]:
        events: Any = Record.pgh_event_model  # type: ignore[attr-defined]  # put there by pghistory.track
        found: models.QuerySet[Any] = events.objects.filter(zone=zone)
        return found

    @property
    def label(self) -> Label | None:
        return LABELS.get(self.managed)

    @property
    def locked(self) -> bool:
        return self.owner == "@" and self.type == "NS"

    @property
    def owner_shown(self) -> str:
        return names.shown(self.owner)

    @property
    def value_shown(self) -> str:
        return rdata.shown(self.type, self.rdata)

    @property
    def value_ascii(self) -> str:
        """The A-labels of the target when people see another form of it."""
        return rdata.ascii_target(self.type, self.rdata)
