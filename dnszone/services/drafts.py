"""A person's draft of one zone: gathered, merged with what others did, applied as one set or given up."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.access import Right
from accounts.limits import feature_check
from accounts.models import User
from dnszone import changeset, drafting, mailway
from dnszone.changeset import Stale
from dnszone.drafting import Item, Pair
from dnszone.models import Draft, Zone, ZoneVersion
from dnszone.models.editing import Origin
from dnszone.selectors import draft_rows, rows_of
from dnszone.services.changes import for_change
from dnszone.services.store import Note, allowed, stored
from dnszone.spec import Change, RecordSpec, Row, row_of
from lib.errors import Refused

ITEMS_MAX = 40_000  # a whole zone of rules.ZONE_RECORDS in the place of another


@transaction.atomic
def draft_change(
    *, actor: User, zone: Zone, changes: Sequence[Change], base_serial: int | None = None
) -> Draft:
    """Adds ``changes`` to the person's draft. Refused at once, with the field, for what breaks a rule of DNS
    together with the rest of the draft; Stale when somebody changed the same records since
    ``base_serial``."""
    draft, rows = _opened(actor, zone)
    known = {row.pk: row for row in rows}
    pairs: list[Pair] = []
    for change in changes:
        before = known.get(change.record) if change.record is not None else None
        if change.record is not None and before is None:
            raise Refused(
                _("One of these records is no longer there: somebody deleted it meanwhile. Look again.")
            )
        after = changeset.canonical_row(change.spec, zone.name, change.record) if change.spec else None
        pairs.append((before, _labelled(before, after)))
    base = zone.serial if base_serial is None else min(base_serial, zone.serial)
    fresh = drafting.added([], pairs, base)
    if news := drafting.conflicts(fresh, rows):
        raise stale(news, zone.serial)
    return _saved(draft, drafting.added(draft.items, pairs, base), rows)


@transaction.atomic
def draft_replace_item(
    *, actor: User, zone: Zone, item: int, spec: RecordSpec, base_serial: int | None = None
) -> Draft:
    """Another wish in the place of the item with this id. Refused when it is no longer in the draft.
    ``base_serial``: of the zone that the person saw, None: as when the item was made."""
    draft, rows = _opened(actor, zone)
    old = next((found for found in draft.items if found["id"] == item), None)
    if old is None:
        raise Refused(_("This change is no longer in your draft. Look again."))
    after = changeset.canonical_row(spec, zone.name, old["record"])
    if old["was"]:
        after = changeset.kept(row_of(old["was"]), after)
    base = 0 if base_serial is None or old["was"] else min(base_serial, zone.serial)
    return _saved(draft, drafting.replaced(draft.items, item, after, base), rows)


@transaction.atomic
def draft_towards(
    *,
    actor: User,
    zone: Zone,
    wanted: Iterable[Row],
    origin: str = Origin.EDIT,
    title: str = "",
    routing: str = "",
) -> Draft:
    """Makes the draft whatever leads from the zone as it is to ``wanted`` (all of its records, canonical; the
    apex NS stay whatever is said of them). A record that stays itself keeps its label, unless ``wanted``
    gives it one, or it is a restore, which is exact. What was in the draft before is given up: ask first."""
    draft, rows = _opened(actor, zone)
    fixed = {row.pk for row in rows if changeset.is_locked(row)}
    pairs = drafting.pairs_between(
        [row for row in rows if row.pk not in fixed],
        [row for row in wanted if not changeset.is_locked(row)],
    )
    if origin != Origin.RESTORE:
        pairs = [(old, _labelled(old, new)) for old, new in pairs]
    draft.origin, draft.title, draft.routing = origin, title, routing
    return _saved(draft, drafting.added([], pairs, zone.serial), rows)


@transaction.atomic
def draft_drop(*, actor: User, zone: Zone, items: Iterable[int]) -> Draft:
    """Takes single changes out of the draft; the rest may no longer fit together, which the preview says."""
    draft, rows = _opened(actor, zone)
    return _saved(draft, drafting.without(draft.items, items), rows, check=False)


@transaction.atomic
def draft_discard(*, actor: User, zone: Zone) -> None:
    allowed(actor, Right.ZONE, zone)
    Draft.objects.filter(zone=zone, user=actor).delete()


@transaction.atomic
def draft_rebase(*, actor: User, zone: Zone, drop: Iterable[int] = ()) -> Draft:
    """After somebody else changed the same records: without the items in ``drop``, the others on top of what
    is there now."""
    draft, rows = _opened(actor, zone)
    items = drafting.rebased(drafting.without(draft.items, drop), rows, zone.serial)
    return _saved(draft, items, rows, check=False)


@transaction.atomic
def draft_apply(*, actor: User, zone: Zone, rev: int, serial: int, reason: str = "") -> ZoneVersion | None:
    """Applies the draft as one set. ``rev`` and ``serial``: the draft and the zone that were previewed;
    Refused (Stale) when either is another one now. Returns the version, None when nothing was different."""
    zone, before = for_change(actor, zone)
    draft = Draft.objects.select_for_update().filter(zone=zone, user=actor).first()
    if draft is None:
        raise Refused(_("There are no changes to apply: they were applied or discarded already."))
    if draft.rev != rev or zone.serial != serial:
        raise Stale(_("Something changed since this preview. Look at what it says now."), zone.serial)
    if news := drafting.conflicts(draft.items, before):
        raise stale(news, zone.serial)
    after = changeset.settled(zone.name, before, drafting.placings(draft.items))
    mailway.guard(actor, zone, before, after)
    note = Note(origin=draft.origin, title=draft.title, reason=reason.strip(), routing=draft.routing)
    version = stored(actor, zone, before, after, note)
    draft.delete()
    return version


def stale(news: Sequence[drafting.Conflict], serial: int) -> Stale:
    """What is there now where somebody else was faster."""
    rows = {row.identity: row for conflict in news for row in conflict.now}
    return changeset.stale(list(rows.values()), serial)


def _labelled(old: Row | None, new: Row | None) -> Row | None:
    return changeset.kept(old, new) if old and new and not new.managed else new


def _opened(actor: User, zone: Zone) -> tuple[Draft, list[Row]]:
    """The draft under its lock, made if need be, and the zone's records."""
    allowed(actor, Right.ZONE, zone)
    if zone.domain is not None:
        feature_check(zone.domain.account, "dns_editing")
    try:
        zone.refresh_from_db(fields=["serial"])
    except Zone.DoesNotExist:
        raise Refused(_("This zone was deleted meanwhile.")) from None
    draft, _made = Draft.objects.select_for_update().get_or_create(zone=zone, user=actor)
    return draft, rows_of(zone)


def _saved(draft: Draft, items: Sequence[Item], rows: Sequence[Row], *, check: bool = True) -> Draft:
    if len(items) > ITEMS_MAX:
        raise Refused(_("These are too many changes at once: %(max)d at most.") % {"max": ITEMS_MAX})
    draft.items = list(items)
    if check and items and not drafting.conflicts(items, rows):
        refused = draft_rows(draft, rows).refused
        if refused is not None:
            raise refused
    if not items and not draft.routing:
        draft.delete()
        return draft
    # Clock, not count: a draft that is discarded and begun anew never has the revision of another one.
    draft.rev = max(draft.rev + 1, time.time_ns() // 1000)
    draft.save()
    return draft
