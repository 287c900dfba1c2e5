"""Back to what a zone was: one version taken back, or all of a zone as it was after one."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from dnszone import changeset, drafting, mailway
from dnszone.models import Draft, Zone, ZoneVersion
from dnszone.models.editing import Origin
from dnszone.selectors import rows_at, version_title
from dnszone.services.changes import for_change
from dnszone.services.drafts import draft_towards
from dnszone.services.store import Note, store
from lib.errors import Refused


@transaction.atomic
def version_undo(*, actor: User, zone: Zone, version: ZoneVersion) -> Zone:
    """Takes one version back, and the Email Routing that came with it, whatever was changed elsewhere since.
    Refused when its records were changed again: restoring shows what that would mean."""
    zone, before = for_change(actor, zone)
    entries = {tuple(row.entry) for row in before}
    if any(tuple(entry) not in entries for entry in version.come):
        raise Refused(
            _(
                "Some of these records were changed again since. Compare the versions, and restore the one you "
                "want."
            )
        )
    after = drafting.undone(before, version.gone, version.come)
    pairs = drafting.pairs_between(before, after)
    items = drafting.added([], pairs, zone.serial)
    after = changeset.applied(
        zone.name, before, drafting.changes(items), serial=zone.serial, base_serial=None
    )
    mailway.guard(actor, zone, before, after)
    note = Note(origin=Origin.UNDO, title=version_title(version), routing=version.routing_before)
    return store(actor, zone, before, after, note)


@transaction.atomic
def version_restore(*, actor: User, zone: Zone, version: ZoneVersion) -> Draft:
    """A draft that leads back to the zone as it was after ``version``."""
    wanted = rows_at(zone, version)
    return draft_towards(
        actor=actor, zone=zone, wanted=wanted, origin=Origin.RESTORE, title=version_title(version)
    )
