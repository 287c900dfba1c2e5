"""A zone's row lock, the writing of a difference, its version and its push: the end of every service here."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Iterable, Sequence

from django.db import connection
from django.utils.translation import gettext as _

from accounts.access import Right, require, require_provider
from accounts.models import User
from dnszone import drafting, routing
from dnszone.desired import state
from dnszone.models import SERIAL_MAX, Zone, ZoneVersion
from dnszone.models.editing import Origin
from dnszone.selectors.signing import refuse_unsignable
from dnszone.spec import Row
from lib.errors import Refused
from nodeagent import contract
from provision.models import Push
from provision.selectors import dns_nodes
from provision.services import Wanted, push_enqueue


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """What the history says of a change. ``routing``: the Email Routing to switch to with it, or empty."""

    origin: str = Origin.EDIT
    title: str = ""
    reason: str = ""
    routing: str = ""


BY_THE_PANEL = Note(origin=Origin.PANEL)


def locked(zone: Zone) -> Zone:
    """The pushes first: a node's report holds them when it brings a DKIM key that goes into the zone."""
    list(Push.objects.select_for_update().filter(key=key_of(zone)).order_by("pk").values_list("pk"))
    found = Zone.objects.select_for_update(of=("self",)).select_related("domain").filter(pk=zone.pk).first()
    if found is None:
        raise Refused(_("This zone was deleted meanwhile."))
    return found


def allowed(actor: User | None, right: Right, zone: Zone) -> None:
    if zone.domain is None:
        require_provider(actor)
    elif actor is not None:
        require(actor, right, account=zone.domain.account, domain=zone.domain)


def next_serial(serial: int) -> int:
    """Seconds since 1970, or one more than before: a zone deleted and made again goes on above its old
    serial. Unsigned 32 bits last until 2106 (RFC 1982)."""
    return min(max(serial + 1, int(time.time())), SERIAL_MAX)


def store(actor: User | None, zone: Zone, before: Sequence[Row], after: Sequence[Row], note: Note) -> Zone:
    stored(actor, zone, before, after, note)
    return zone


def stored(
    actor: User | None, zone: Zone, before: Sequence[Row], after: Sequence[Row], note: Note
) -> ZoneVersion | None:
    """Writes the difference and a version; no row changes that is the same. The serial grows and the zone is
    pushed when name servers see a difference. The caller holds the zone's lock. None: nothing was
    different."""
    refuse_unsignable(zone, before, after)
    before_mode = _route(actor, zone, note)
    if set(before) == set(after) and not before_mode:
        return None
    seen = {row.served for row in before} != {row.served for row in after}
    if seen:
        zone.serial = next_serial(zone.serial)
    _told(True)
    _write(zone, before, after)
    _told(False)
    version = _kept_version(actor, zone, before, after, note, before_mode)
    if seen:
        save_and_push(actor, zone, after)
    if _mx(before) != _mx(after):
        routing.mx_changed(zone.domain)
    return version


def _mx(rows: Iterable[Row]) -> set[str]:
    return {row.rdata for row in rows if row.owner == "@" and row.type == "MX"}


def _route(actor: User | None, zone: Zone, note: Note) -> str:
    """Switches Email Routing if the change brings it along; the mode before, empty when nothing changed."""
    before = routing.current(zone.domain) if note.routing else ""
    if not before or before == note.routing:
        return ""
    routing.switch(actor=actor, domain=zone.domain, mode=note.routing)
    return before


def _told(on: bool) -> None:
    """Until it is off again, Activity leaves out the single records: the version tells of them. A rollback
    takes it back as well."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('activity.told', %s, true)", ["on" if on else ""])


def _write(zone: Zone, before: Sequence[Row], after: Sequence[Row]) -> None:
    known = {row.pk: row for row in before}
    changed = [row._replace(since=zone.serial) for row in after if known.get(row.pk) != row]
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
    _rewrite([row for row in changed if row.pk is not None and row.pk not in moved])
    _insert(zone, [row for row in changed if row.pk in moved])
    _insert(zone, [row for row in changed if row.pk is None])


def _rewrite(rows: Sequence[Row]) -> None:
    """One statement for any number of rows: bulk_update would spend a second on a thousand."""
    if not rows:
        return
    columns = list(zip(*((r.pk, r.ttl, r.rdata, r.managed, r.since, r.comment) for r in rows), strict=True))
    with connection.cursor() as cursor:
        cursor.execute(
            """UPDATE dnszone_record SET ttl = new.ttl, rdata = new.rdata, managed = new.managed,
                   since_serial = new.since, comment = new.comment
               FROM unnest(%s::bigint[], %s::integer[], %s::text[], %s::text[], %s::bigint[], %s::text[])
                   AS new (id, ttl, rdata, managed, since, comment)
               WHERE dnszone_record.id = new.id""",
            [list(column) for column in columns],
        )


def _insert(zone: Zone, rows: Sequence[Row]) -> None:
    """In one statement as well, in their order. Either all of ``rows`` have a key or none has."""
    if not rows:
        return
    keyed = rows[0].pk is not None
    columns = list(zip(*rows, strict=True))[0 if keyed else 1 :]
    with connection.cursor() as cursor:
        cursor.execute(_INSERT_KEYED if keyed else _INSERT, [zone.pk, *(list(column) for column in columns)])


_INSERT = """INSERT INTO dnszone_record
        (zone_id, owner, type, rdata, ttl, managed, since_serial, comment, created_at)
    SELECT %s, new.owner, new.type, new.rdata, new.ttl, new.managed, new.since, new.comment, now()
    FROM unnest(%s::text[], %s::text[], %s::text[], %s::integer[], %s::text[], %s::bigint[], %s::text[])
        WITH ORDINALITY AS new (owner, type, rdata, ttl, managed, since, comment, place)
    ORDER BY new.place"""
_INSERT_KEYED = """INSERT INTO dnszone_record
        (zone_id, id, owner, type, rdata, ttl, managed, since_serial, comment, created_at)
    SELECT %s, new.id, new.owner, new.type, new.rdata, new.ttl, new.managed, new.since, new.comment, now()
    FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::text[], %s::integer[], %s::text[], %s::bigint[],
        %s::text[]) WITH ORDINALITY
        AS new (id, owner, type, rdata, ttl, managed, since, comment, place)
    ORDER BY new.place"""


def _kept_version(
    actor: User | None,
    zone: Zone,
    before: Sequence[Row],
    after: Sequence[Row],
    note: Note,
    before_mode: str,
) -> ZoneVersion:
    gone, come = drafting.difference(before, after)
    version: ZoneVersion = ZoneVersion.objects.create(
        zone=zone,
        serial=zone.serial,
        actor=actor,
        who=actor.email if actor else "",
        origin=note.origin,
        title=note.title,
        reason=note.reason[:200],
        gone=gone,
        come=come,
        routing_before=before_mode,
        routing_after=note.routing if before_mode else "",
        records=max(len(gone), len(come)),
        kinds=", ".join(sorted({entry[1] for entry in [*gone, *come]}))[:200],
    )
    return version


def save_and_push(actor: User | None, zone: Zone, rows: Iterable[Row]) -> None:
    zone.save(update_fields=["serial"])
    enqueue(actor, zone, state(zone, rows))


def key_of(zone: Zone) -> str:
    return f"{contract.Zone.KIND}/{zone.name}"


def enqueue(actor: User | None, zone: Zone, wanted: contract.Zone | None) -> None:
    push_enqueue(
        actor=actor,
        wanted=[
            Wanted(node=node, kind=contract.Zone.KIND, key=key_of(zone), state=wanted, domain=zone.domain)
            for node in dns_nodes()
        ],
    )
