"""Every change of a zone. Each is one transaction under the zone's row lock, raises the serial and ends in a
push."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Iterable, Sequence
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.access import Right, require, require_provider
from accounts.limits import feature_check
from accounts.models import Domain, User
from dnszone import changeset, mailway, names, provider, rdata, rules, template
from dnszone import managed as labels
from dnszone.desired import state
from dnszone.models import SERIAL_MAX, Record, Zone
from dnszone.selectors import aliases_among, deleted_records
from dnszone.spec import Change, RecordSpec, Row
from lib.errors import Refused
from nodeagent import contract
from provision.models import Node, Push
from provision.selectors import dns_nodes
from provision.services import Wanted, push_enqueue

__all__ = [
    "Change",
    "RecordSpec",
    "managed_records_set",
    "provider_zone_ensure",
    "records_restore",
    "serial_raise",
    "zone_apply",
    "zone_create",
    "zone_delete",
    "zone_on_refused",
    "zone_push",
]


@transaction.atomic
def zone_create(*, actor: User | None, domain: Domain, mail_node: Node, consent: bool = False) -> Zone:
    """The zone of a new domain from the template. Refused (field ``name``) when it would lie inside, or
    around, a zone of somebody else who does not ``consent``: it would answer for names that are theirs."""
    require(actor, Right.DOMAINS, account=domain.account)
    if not consent:
        _refuse_foreign_neighbours(domain)
    host, port = provider.panel_address()
    records = template.new_domain(
        provider=settings.PROVIDER_DOMAIN,
        mail_host=mail_node.host,
        addresses=mail_node.addresses,
        ports=mail_node.ports,
        panel_host=host,
        panel_port=port,
    )
    return _new_zone(actor=actor, name=domain.name, domain=domain, records=records)


@transaction.atomic
def provider_zone_ensure(*, actor: User | None) -> Zone:
    """The provider's own zone with the names that customers' zones point at, after what the nodes are now.
    Nothing is pushed when nothing changed."""
    name = settings.PROVIDER_DOMAIN
    zone = Zone.objects.filter(name=name).first()
    if zone is None:
        zone = _new_zone(actor=actor, name=name, domain=None, records=template.ns_records(name))
    managed_records_set(actor=actor, zone=zone, managed=labels.PROVIDER, records=provider.own_records())
    return zone


@transaction.atomic
def zone_delete(*, actor: User | None, zone: Zone) -> None:
    """Takes the zone off every name server. To be called before its domain is deleted."""
    zone = _locked(zone)
    _allowed(actor, Right.DOMAINS, zone)
    _enqueue(actor, zone, None)
    zone.delete()


@transaction.atomic
def zone_push(*, actor: User | None, zone: Zone) -> None:
    """Sends the zone again as it is: when a name server joined or lost it."""
    zone = _locked(zone)
    _enqueue(actor, zone, state(zone, _rows(zone)))


@transaction.atomic
def zone_apply(
    *, actor: User | None, zone: Zone, changes: Sequence[Change], base_serial: int | None = None
) -> Zone:
    """All changes or none. ``base_serial``: the serial that the person saw; Refused with what is different
    now when somebody changed the same records since. Refused as well for whatever breaks a rule of DNS
    (rules.check). Denied for turning away the mail of somebody above ``actor`` (mailway.guard). Returns the
    zone as it is afterwards; its serial stays if nothing changed."""
    zone = _locked(zone)
    _allowed(actor, Right.ZONE, zone)
    if actor is not None and zone.domain is not None:
        feature_check(zone.domain.account, "dns_editing")
    before = _rows(zone)
    after = changeset.applied(zone.name, before, changes, serial=zone.serial, base_serial=base_serial)
    mailway.guard(actor, zone, before, after)
    _refuse_aliases_elsewhere(set(after) - set(before))
    return _store(actor, zone, before, after)


@transaction.atomic
def managed_records_set(
    *, actor: User | None, zone: Zone, managed: str, records: Sequence[RecordSpec]
) -> list[RecordSpec]:
    """Makes ``records`` all that is kept under the label ``managed`` (managed.LABELS); none: all of it goes.
    What a person wrote in its place stays, and what finds no room because of that is returned: never
    refused for it. For other services, which have asked what ``actor`` may."""
    zone = _locked(zone)
    before = _rows(zone)
    after, left_out = changeset.with_managed(zone.name, before, managed, records)
    _store(actor, zone, before, after)
    return left_out


@transaction.atomic
def records_restore(*, actor: User | None, zone: Zone, records: Iterable[int]) -> int:
    """Brings back deleted records of this zone, by the keys they had; how many. Refused if they no longer
    fit."""
    specs = deleted_records(zone, records)
    zone_apply(actor=actor, zone=zone, changes=[Change(spec=spec) for spec in specs])
    return len(specs)


@transaction.atomic
def serial_raise(*, actor: User | None, zone: Zone, above: int) -> Zone:
    """A name server holds a higher serial than we want (somebody wrote there, or our backup is old): climb
    over it, or its secondaries would never see a change again. Not over what would leave no numbers to go
    on with (RFC 1982)."""
    zone = _locked(zone)
    if zone.serial <= above < zone.serial + 2**31 and above < SERIAL_MAX - 2**24:
        zone.serial = _next_serial(above)
        _save_and_push(actor, zone, _rows(zone))
    return zone


def zone_on_refused(push: Push, facts: dict[str, Any]) -> None:
    """For provision: the node says which serial it holds."""
    zone = Zone.objects.filter(name=push.key.partition("/")[2]).first()
    serial = facts.get("serial")
    if zone is not None and isinstance(serial, int):
        serial_raise(actor=push.actor, zone=zone, above=serial)


def _locked(zone: Zone) -> Zone:
    """The pushes first: a node's report holds them when it brings a DKIM key that goes into the zone."""
    list(Push.objects.select_for_update().filter(key=_key(zone)).order_by("pk").values_list("pk"))
    found = Zone.objects.select_for_update(of=("self",)).select_related("domain").filter(pk=zone.pk).first()
    if found is None:
        raise Refused(_("This zone was deleted meanwhile."))
    return found


def _allowed(actor: User | None, right: Right, zone: Zone) -> None:
    if zone.domain is None:
        require_provider(actor)
    elif actor is not None:
        require(actor, right, account=zone.domain.account, domain=zone.domain)


def _rows(zone: Zone) -> list[Row]:
    return [record.row() for record in zone.records.all()]


def _new_zone(*, actor: User | None, name: str, domain: Domain | None, records: Sequence[RecordSpec]) -> Zone:
    zone, made = Zone.objects.get_or_create(name=name, defaults={"domain": domain, "serial": _next_serial(0)})
    if not made:
        raise Refused(_("There is a zone of this name already."), "name")
    rows = [changeset.canonical_row(spec, name) for spec in records]
    rules.check(name, rows, {row.rrset for row in rows})
    _store(actor, zone, [], rows)
    return zone


def _next_serial(serial: int) -> int:
    """Seconds since 1970, or one more than before: a zone deleted and made again goes on above its old
    serial. Unsigned 32 bits last until 2106 (RFC 1982)."""
    return min(max(serial + 1, int(time.time())), SERIAL_MAX)


def _store(actor: User | None, zone: Zone, before: Sequence[Row], after: Sequence[Row]) -> Zone:
    """Writes the difference; no row changes that is the same. The caller holds the zone's lock."""
    if set(before) == set(after):
        return zone
    zone.serial = _next_serial(zone.serial)
    known = {row.pk: row for row in before}
    changed = [dataclasses.replace(row, since=zone.serial) for row in after if known.get(row.pk) != row]
    taken = {row.identity for row in before}
    # A row that moves to another name, or into the place of another row, leaves before it comes back.
    moved = {
        row.pk
        for row in changed
        if row.pk is not None
        and (old := known.get(row.pk))
        and (old.rrset != row.rrset or (old.rdata != row.rdata and row.identity in taken))
    }
    gone = {row.pk for row in before if row.pk is not None} - {row.pk for row in after}
    zone.records.filter(pk__in=gone | moved).delete()
    stay = [_record(zone, row) for row in changed if row.pk is not None and row.pk not in moved]
    Record.objects.bulk_update(stay, ["ttl", "rdata", "managed", "since_serial"], batch_size=500)
    come = [_record(zone, row) for row in changed if row.pk is None or row.pk in moved]
    Record.objects.bulk_create(come, batch_size=1000)
    return _save_and_push(actor, zone, after)


def _record(zone: Zone, row: Row) -> Record:
    return Record(
        pk=row.pk,
        zone=zone,
        owner=row.owner,
        type=row.type,
        ttl=row.ttl,
        rdata=row.rdata,
        managed=row.managed,
        since_serial=row.since,
    )


def _save_and_push(actor: User | None, zone: Zone, rows: Iterable[Row]) -> Zone:
    zone.save(update_fields=["serial"])
    _enqueue(actor, zone, state(zone, rows))
    return zone


def _key(zone: Zone) -> str:
    return f"{contract.Zone.KIND}/{zone.name}"


def _enqueue(actor: User | None, zone: Zone, wanted: contract.Zone | None) -> None:
    key = _key(zone)
    push_enqueue(
        actor=actor,
        wanted=[
            Wanted(node=node, kind=contract.Zone.KIND, key=key, state=wanted, domain=zone.domain)
            for node in dns_nodes()
        ],
    )


def _refuse_foreign_neighbours(domain: Domain) -> None:
    above = Zone.objects.filter(name__in=names.parents(domain.name)[1:])
    below = Zone.objects.filter(name__endswith=f".{domain.name}")
    if (above | below).exclude(domain__account=domain.account_id).exists():
        raise Refused(
            _(
                "A domain above or below this one is here already and belongs to somebody else. Ask the "
                "provider."
            ),
            "name",
        )


def _refuse_aliases_elsewhere(rows: Iterable[Row]) -> None:
    """rules.check sees this zone; the target may lie in another zone that we serve."""
    targets = {rdata.target(row.type, row.rdata) for row in rows if row.type != "CNAME"} - {""}
    if found := aliases_among(targets):
        raise rules.alias_as_target(found[0])
