"""A file becomes a person's draft of a zone, or a list of what is wrong with it."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _

from accounts.models import User
from dnszone import changeset, drafting, services
from dnszone.models import Zone
from dnszone.models.editing import Origin
from dnszone.selectors import rows_of
from dnszone.zonefile import merge
from dnszone.zonefile.merge import How
from dnszone.zonefile.reader import Reading, read
from dnszone.zonefile.words import comment_of


@dataclass(frozen=True, slots=True)
class Brought:
    """``reading`` with problems: nothing was saved. ``different`` False: the zone is that already, and no
    draft was made."""

    reading: Reading
    different: bool = False


def zone_file_bring(
    *, actor: User, zone: Zone, text: str, title: str, how: How, managed_too: bool = False
) -> Brought:
    """Reads ``text`` and makes the person's draft whatever leads to it; an earlier draft is given up. Raises
    Denied, and Refused for what has no line: the feature is off, too many records."""
    reading = read(text, zone.name)
    if not reading.rows and not reading.wrong:
        reading.say(0, "", _("There is no record in it that could be taken. Is this the whole file?"))
    before = rows_of(zone)
    rows = merge.wanted(before, reading.rows, how, managed_too=managed_too)
    if not reading.wrong:
        merge.check(zone.name, rows, reading)
    if reading.wrong:
        return Brought(reading)
    open_to_change = [row for row in before if not changeset.is_locked(row)]
    if not drafting.pairs_between(open_to_change, [row for row in rows if not changeset.is_locked(row)]):
        return Brought(reading)
    services.draft_towards(actor=actor, zone=zone, wanted=rows, origin=Origin.IMPORT, title=comment_of(title))
    return Brought(reading, different=True)
