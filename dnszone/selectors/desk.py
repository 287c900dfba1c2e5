"""All that the list needs of one zone and one person besides the page of records, in one query."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import (
    Case,
    Count,
    F,
    Func,
    IntegerField,
    JSONField,
    OuterRef,
    Q,
    Subquery,
    TextField,
    Value,
    When,
)
from django.db.models.functions import Greatest, JSONObject
from django.utils import timezone

from accounts.models import User
from dnszone import names
from dnszone.models import Draft, Record, Zone, ZoneVersion
from dnszone.models.editing import Origin
from dnszone.spec import Row
from dnszone.warnings import MAIL_NAMES

FRESH = dt.timedelta(minutes=15)  # so long the page offers to take back what was applied
WHOLE = 2_000  # records; of a longer zone the list looks at what decides over its mail alone
_RECORDS: Any = Record.objects.filter(zone=OuterRef("pk"))
_APEX = Q(owner=names.APEX, type__in=["MX", "A", "AAAA", "ALIAS"])
_ROW = ("pk", "owner", "type", "rdata", "ttl", "managed", "since_serial", "comment")


@dataclass(frozen=True, slots=True)
class Applied:
    """The set that a person applied a moment ago. ``changes``: how many records it touched. ``back``: it took
    another one back."""

    pk: int
    at: dt.datetime
    changes: int
    back: bool


@dataclass(frozen=True, slots=True)
class Desk:
    """``rows``: all records when ``whole``; else those of the domain itself, and what is at the names that
    its MX records point to, at mail's names, at stars and at cuts."""

    draft: Draft | None
    applied: Applied | None
    rows: Sequence[Row]
    whole: bool


def desk_of(zone: Zone, user: User, *, whole: bool = True) -> Desk:
    """``whole``: all records are wanted, if there are no more than WHOLE."""
    apex = _rows(_RECORDS.filter(_near(zone) if whole else _APEX))
    found: Any = Zone.objects.filter(pk=zone.pk)
    if whole:
        size = _RECORDS.order_by().values("zone").annotate(n=Count("*")).values("n")
        found = found.annotate(size=Subquery(size), all=_rows(_RECORDS.order_by("owner", "type", "rdata")))
        rows: Any = Case(When(size__gt=WHOLE, then=apex), default=F("all"))
    else:
        rows = apex
    data = found.values(
        "size" if whole else "pk", draft=Subquery(_draft(user)), version=Subquery(_version()), rows=rows
    ).get()
    return Desk(
        draft=Draft(zone=zone, user=user, **data["draft"]) if data["draft"] else None,
        applied=_applied(user, data["version"]),
        rows=[Row(*values) for values in data["rows"]],
        whole=whole and (data["size"] or 0) <= WHOLE,
    )


def _near(zone: Zone) -> Q:
    """What tells whether the MX records of a long zone hurt."""
    tail = f".{zone.name}."
    target = Func(F("rdata"), Value(" "), Value(2), function="split_part")
    hosts = Record.objects.filter(zone=zone.pk, owner=names.APEX, type="MX", rdata__endswith=tail).values(
        host=Func(target, Value(-len(tail)), function="left", output_field=TextField())
    )
    here = Q(owner__in=[names.APEX, "*", *MAIL_NAMES])
    return here | Q(owner__startswith="*.") | Q(type="NS") | Q(owner__in=hosts)


def _rows(records: Any) -> ArraySubquery:
    values = records.values(row=Func(*_ROW, function="jsonb_build_array", output_field=JSONField()))
    return ArraySubquery(values)


def _draft(user: User) -> Any:
    names_ = ("pk", "rev", "items", "origin", "title", "routing")
    json = JSONObject(**{name: name for name in names_})
    return Draft.objects.filter(zone=OuterRef("pk"), user=user).values(json=json)


def _version() -> Any:
    gone, come = (
        Func(F(name), function="jsonb_array_length", output_field=IntegerField()) for name in ("gone", "come")
    )
    json = JSONObject(pk="pk", at="at", actor="actor_id", origin="origin", changes=Greatest(gone, come))
    return ZoneVersion.objects.filter(zone=OuterRef("pk")).order_by("-pk").values(json=json)[:1]


def _applied(user: User, version: dict[str, Any] | None) -> Applied | None:
    if not version or version["actor"] != user.pk or version["origin"] in {Origin.NEW, Origin.PANEL}:
        return None
    at = dt.datetime.fromisoformat(version["at"])
    if timezone.now() - at >= FRESH:
        return None
    return Applied(version["pk"], at, version["changes"], back=version["origin"] == Origin.UNDO)
