"""What a person's draft would make of a zone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from accounts.models import User
from dnszone import changeset, drafting
from dnszone.drafting import Conflict
from dnszone.models import Draft, Zone
from dnszone.selectors.signing import refuse_unsignable
from dnszone.spec import Row
from lib.errors import Refused


@dataclass(frozen=True, slots=True)
class Drafted:
    """``before``: the zone's records now. ``after``: with the draft; the same as ``before`` while the draft
    does not fit. ``refused``: why not. ``conflicts``: what somebody else changed meanwhile."""

    before: list[Row]
    after: list[Row]
    conflicts: list[Conflict]
    refused: Refused | None = None


def draft_of(user: User, zone: Zone) -> Draft | None:
    """None: nothing is gathered. Asked for a zone that the person may see."""
    found: Draft | None = Draft.objects.filter(zone=zone, user=user).first()
    if found is not None:
        found.zone = zone
    return found


def draft_rows(draft: Draft, rows: Sequence[Row]) -> Drafted:
    """``rows``: selectors.rows_of the draft's zone."""
    before = list(rows)
    conflicts = drafting.conflicts(draft.items, before)
    try:
        after = changeset.settled(draft.zone.name, before, drafting.placings(draft.items))
        refuse_unsignable(draft.zone, before, after)
    except Refused as refused:
        return Drafted(before, before, conflicts, refused)
    return Drafted(before, after, conflicts)
