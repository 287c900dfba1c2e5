"""Records that a person took over go back to what the panel keeps."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from dnszone import keepers
from dnszone.managed import LABELS
from dnszone.models import Draft, Zone
from dnszone.selectors import rows_of
from dnszone.services.drafts import draft_change
from dnszone.spec import Change, Row, spec_of
from lib.errors import Refused


@transaction.atomic
def managed_hand_back(*, actor: User, zone: Zone, label: str) -> Draft:
    """Puts into the person's draft what makes ``label`` (managed.LABELS) hold again what the panel would
    write: what a person wrote in its place goes, what is missing comes, and from then on the panel keeps it.
    Refused when the panel keeps no such thing in this zone, or nothing is different."""
    wanted = keepers.kept(zone).get(label, [])
    if not wanted or LABELS[label].locked:
        raise Refused(_("The panel keeps no records of this kind in this zone."))
    rows = rows_of(zone)
    changes = _changes(label, wanted, rows)
    if not changes:
        raise Refused(_("The panel keeps these records already. Nothing is different."))
    return draft_change(actor=actor, zone=zone, changes=changes)


def _changes(label: str, wanted: list[Row], rows: list[Row]) -> list[Change]:
    """A person's record becomes the panel's where it can: the history then shows a change, not two."""
    held = {row.identity for row in rows if row.managed}
    missing = [row for row in wanted if row.identity not in held]
    stale = [row for row in rows if row.managed == label and row.identity not in {w.identity for w in wanted}]
    free = keepers.in_place_of(missing, rows) + stale
    changes = []
    for row in missing:
        same = next((old for old in free if old.identity == row.identity), None)
        old = same or next((old for old in free if old.rrset == row.rrset), None)
        if old is not None:
            free.remove(old)
        changes.append(Change(record=old.pk if old else None, spec=spec_of(row.entry)))
    return [*(Change(record=old.pk) for old in free), *changes]
