"""Back to what a zone was: one version taken back, or all of a zone as it was after one."""

from __future__ import annotations

from django.db import transaction

from accounts.models import User
from dnszone import changeset, drafting, mailway, routing
from dnszone.models import Draft, Zone, ZoneVersion
from dnszone.models.editing import Origin
from dnszone.selectors import rows_at, version_title
from dnszone.services.changes import for_change
from dnszone.services.drafts import draft_towards
from dnszone.services.store import Note, store
from lib import said
from lib.errors import Refused
from lib.said import gettext as _


@transaction.atomic
def version_undo(*, actor: User, zone: Zone, version: ZoneVersion) -> Zone:
    """Takes one version back, whatever was changed elsewhere since, and the Email Routing that came with it,
    unless that was switched again. Refused when its records were changed again: restoring shows what that
    would mean."""
    zone, before = for_change(actor, zone)
    if version.origin == Origin.NEW:
        raise Refused(_("This is where the zone begins. Restore a later version, or delete the domain."))
    routing_changed = bool(version.routing_after) and routing.current(zone.domain) != version.routing_after
    if not drafting.is_undoable(before, version.gone, version.come) or (
        routing_changed and not (version.gone or version.come)
    ):
        raise Refused(
            _(
                "Some of these records were changed again since. Compare the versions, and restore the one "
                "that you want."
            )
        )
    pairs = drafting.pairs_between(before, drafting.undone(before, version.gone, version.come))
    after = changeset.settled(zone.name, before, [(old.pk if old else None, new) for old, new in pairs])
    mailway.guard(actor, zone, before, after)
    note = Note(
        origin=Origin.UNDO,
        title=version_title(version),
        routing="" if routing_changed else version.routing_before,
    )
    return store(actor, zone, before, after, note)


@transaction.atomic
def version_restore(*, actor: User, zone: Zone, version: ZoneVersion) -> Draft:
    """A draft that leads back to the zone as it was after ``version``."""
    clock = said.moment(version.at, "j M Y, H:i")
    title = _("%(clock)s, %(what)s") % {"clock": clock, "what": version_title(version)}
    return draft_towards(
        actor=actor, zone=zone, wanted=rows_at(zone, version), origin=Origin.RESTORE, title=title
    )
