"""Zones come and go, and are sent again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.db import transaction

from accounts.access import Right, require
from accounts.models import Domain, User
from dnszone import changeset, names, provider, rules, template
from dnszone import managed as labels
from dnszone.blueprints import making
from dnszone.blueprints.uses import use_note
from dnszone.desired import state
from dnszone.models import SERIAL_MAX, Zone
from dnszone.models.editing import Origin
from dnszone.selectors import rows_of
from dnszone.services.changes import managed_records_set
from dnszone.services.store import Note, allowed, enqueue, locked, next_serial, save_and_push, store
from dnszone.spec import Row
from lib.errors import Refused
from lib.said import gettext as _
from provision.models import Node, Push


@transaction.atomic
def zone_create(*, actor: User | None, domain: Domain, mail_node: Node, consent: bool = False) -> Zone:
    """The zone of a new domain: the panel's records with the template of its reseller, or the provider, on
    top. Refused (field ``name``) when it would lie inside, or around, a zone of somebody else who does not
    ``consent``: it would answer for names that are theirs."""
    require(actor, Right.DOMAINS, account=domain.account)
    if not consent:
        _refuse_foreign_neighbours(domain)
    made = making.made_for(domain, mail_node)
    zone = _new_zone(actor=actor, name=domain.name, domain=domain, rows=made.rows, note=_made_note(made))
    if made.template is not None:
        use_note(zone=zone, template=made.template, revision=made.template.revision, values=made.values)
    return zone


def _made_note(made: making.Made) -> Note:
    if made.template is None:
        return Note(origin=Origin.NEW)
    title = _("made with the template “%(name)s”") % {"name": made.template.name}
    return Note(origin=Origin.NEW, title=title, reason=" ".join(made.left_out))


@transaction.atomic
def provider_zone_ensure(*, actor: User | None) -> Zone:
    """The provider's own zone with the names that customers' zones point at, after what the nodes are now.
    Nothing is pushed when nothing changed."""
    name = settings.PROVIDER_DOMAIN
    zone = Zone.objects.filter(name=name).first()
    servers = template.ns_records(name, provider.server_count())
    if zone is None:
        rows = [changeset.canonical_row(spec, name) for spec in servers]
        zone = _new_zone(actor=actor, name=name, domain=None, rows=rows, note=Note(origin=Origin.NEW))
    managed_records_set(actor=actor, zone=zone, managed=labels.NS, records=servers)
    managed_records_set(actor=actor, zone=zone, managed=labels.PROVIDER, records=provider.own_records())
    return zone


@transaction.atomic
def zone_delete(*, actor: User | None, zone: Zone) -> None:
    """Takes the zone off every name server. To be called before its domain is deleted."""
    zone = locked(zone)
    allowed(actor, Right.DOMAINS, zone)
    enqueue(actor, zone, None)
    zone.delete()


@transaction.atomic
def zone_push(*, actor: User | None, zone: Zone) -> None:
    """Sends the zone again as it is: when a name server joined or lost it."""
    zone = locked(zone)
    enqueue(actor, zone, state(zone, rows_of(zone)))


@transaction.atomic
def serial_raise(*, actor: User | None, zone: Zone, above: int) -> Zone:
    """A name server holds a higher serial than we want (somebody wrote there, or our backup is old): climb
    over it, or its secondaries would never see a change again. Not over what would leave no numbers to go
    on with (RFC 1982)."""
    zone = locked(zone)
    if zone.serial <= above < zone.serial + 2**31 and above < SERIAL_MAX - 2**24:
        zone.serial = next_serial(above)
        save_and_push(actor, zone, rows_of(zone))
    return zone


def zone_on_refused(push: Push, facts: dict[str, Any]) -> None:
    """For provision: the node says which serial it holds."""
    zone = Zone.objects.filter(name=push.key.partition("/")[2]).first()
    serial = facts.get("serial")
    if zone is not None and isinstance(serial, int):
        serial_raise(actor=push.actor, zone=zone, above=serial)


def _new_zone(
    *, actor: User | None, name: str, domain: Domain | None, rows: Sequence[Row], note: Note
) -> Zone:
    zone, made = Zone.objects.get_or_create(name=name, defaults={"domain": domain, "serial": next_serial(0)})
    if not made:
        raise Refused(_("There is a zone of this name already."), "name")
    rules.check(name, rows, {row.rrset for row in rows})
    store(actor, zone, [], rows, note)
    return zone


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
