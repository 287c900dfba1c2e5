"""Changes of a zone's records. Each is one transaction under the zone's row lock, raises the serial, keeps a
version and ends in a push."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction

from accounts.access import Right
from accounts.limits import feature_check
from accounts.models import User
from dnszone import changeset, mailway
from dnszone.models import Zone
from dnszone.selectors import rows_of
from dnszone.services.store import BY_THE_PANEL, Note, allowed, locked, store
from dnszone.spec import Change, RecordSpec, Row


@transaction.atomic
def zone_apply(
    *,
    actor: User | None,
    zone: Zone,
    changes: Sequence[Change],
    base_serial: int | None = None,
    note: Note | None = None,
) -> Zone:
    """All changes or none. ``base_serial``: the serial that the person saw; Refused with what is different
    now when somebody changed the same records since. Refused as well for whatever breaks a rule of DNS
    (rules.check). Denied for turning away the mail of somebody above ``actor`` (mailway.guard). Returns the
    zone as it is afterwards; its serial stays if nothing changed that name servers see."""
    zone, before = for_change(actor, zone)
    after = changeset.applied(zone.name, before, changes, serial=zone.serial, base_serial=base_serial)
    mailway.guard(actor, zone, before, after)
    return store(actor, zone, before, after, note or Note())


def for_change(actor: User | None, zone: Zone) -> tuple[Zone, list[Row]]:
    """The zone under its lock with its records, for somebody who may change it. Raises Denied, or Refused
    where the plan is without the Zone Editor."""
    zone = locked(zone)
    allowed(actor, Right.ZONE, zone)
    if actor is not None and zone.domain is not None:
        feature_check(zone.domain.account, "dns_editing")
    return zone, rows_of(zone)


@transaction.atomic
def managed_records_set(
    *, actor: User | None, zone: Zone, managed: str, records: Sequence[RecordSpec]
) -> list[RecordSpec]:
    """Makes ``records`` all that is kept under the label ``managed`` (managed.LABELS); none: all of it goes.
    What a person wrote in its place stays, and what finds no room because of that is returned: never
    refused for it. For other services, which have asked what ``actor`` may."""
    zone = locked(zone)
    before = rows_of(zone)
    after, left_out = changeset.with_managed(zone.name, before, managed, records)
    store(actor, zone, before, after, BY_THE_PANEL)
    return left_out
