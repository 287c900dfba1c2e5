"""What the page "Name servers" shows: the verdict, the records to copy, the steps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as __
from django.utils.translation import ngettext

from dnszone import changeset, names, provider, rdata
from dnszone.models import Zone, ZonePlace
from dnszone.spec import Row
from dnszone.whereis import comparing, deciding, steps
from dnszone.whereis.comparing import Mark
from dnszone.whereis.deciding import Decision
from dnszone.whereis.differences import Difference, differences
from dnszone.whereis.providers import provider_of
from dnszone.whereis.seen import Seen, read
from dnszone.whereis.services import mail_hosts
from dnszone.whereis.steps import Moment, Step
from lib.dates import written

FRESH = timedelta(minutes=1)  # a page opened later looks by itself
REST_MAX = 200  # other records that are listed
_MARKS = {
    comparing.SAME: ("ok", "check", __("The same")),
    comparing.FINE: ("ok", "check", __("Fine as it is")),
    comparing.OTHER: ("wait", "warn", __("There is:")),
    comparing.MISSING: ("wait", "plus", __("Missing")),
    comparing.UNKNOWN: ("off", "dots", __("Not known")),
}
_STATES = {
    steps.DONE: ("ok", "check", __("Done")),
    steps.TODO: ("wait", "warn", __("To do")),
    steps.WAIT: ("wait", "clock", __("Waiting")),
    steps.UNKNOWN: ("off", "dots", __("Not known")),
    steps.LATER: ("off", "dots", __("Later")),
    steps.OPTIONAL: ("off", "dots", __("Optional")),
}


@dataclass(frozen=True, slots=True)
class Copy:
    """A record to copy: ``name`` in full, ``short`` as forms that add the domain want it. ``mark`` None: it
    was not compared."""

    name: str
    short: str
    type: str
    value: str
    note: str
    mark: Mark | None

    @property
    def css(self) -> str:
        return _MARKS[self.mark.state][0] if self.mark else ""

    @property
    def icon(self) -> str:
        return _MARKS[self.mark.state][1] if self.mark else ""

    @property
    def word(self) -> str:
        return str(_MARKS[self.mark.state][2]) if self.mark else ""


@dataclass(frozen=True, slots=True)
class Shown:
    """A step as the page draws it."""

    step: Step

    @property
    def css(self) -> str:
        return _STATES[self.step.state][0]

    @property
    def icon(self) -> str:
        return _STATES[self.step.state][1]

    @property
    def word(self) -> str:
        return str(_STATES[self.step.state][2])


class ServersPage:
    def __init__(self, zone: Zone, rows: Sequence[Row], place: ZonePlace | None) -> None:
        self.zone = zone
        self.rows = [row for row in rows if not changeset.is_locked(row)]
        self.place = place
        self.ours = provider.name_servers()
        self.seen = read(place.found) if place else Seen()

    @cached_property
    def decision(self) -> Decision:
        return deciding.decide(self.seen, self.ours)

    @property
    def verdict(self) -> str:
        return self.place.verdict if self.place and self.place.at else deciding.UNKNOWN

    @property
    def headline(self) -> str:
        listed = self.place.servers if self.place else []
        answered = [name for name in self.seen.answered if name in listed]
        at = self.place.at if self.place else None
        clock = written(timezone.localtime(at), "H:i") if at else ""
        return deciding.headline(self.verdict, names.shown(self.zone.name), listed, answered, clock)

    @property
    def who_lists(self) -> str:
        """Who named the servers that are shown."""
        return _("The registry lists") if self.seen.parent is not None else _("Resolvers find")

    @property
    def fresh(self) -> bool:
        return bool(self.place and self.place.asked_at and timezone.now() - self.place.asked_at < FRESH)

    @property
    def asked_in_vain(self) -> bool:
        """The last look found nothing out, and what is shown is older."""
        place = self.place
        return bool(
            place and place.at and place.asked_at and place.asked_at - place.at > timedelta(seconds=1)
        )

    @property
    def provider(self) -> str:
        return provider_of(self.place.servers if self.place else [])

    @property
    def compared(self) -> bool:
        return self.verdict in (deciding.ELSEWHERE, deciding.HALF) and bool(self.seen.source)

    @cached_property
    def needed(self) -> list[Copy]:
        hosts = mail_hosts(self.rows)
        wanted = [row for row in self.rows if comparing.essential(row, self.zone.name, hosts)]
        return [self._copy(row) for row in sorted(wanted, key=_weight)]

    @cached_property
    def rest(self) -> list[Copy]:
        hosts = mail_hosts(self.rows)
        others = [row for row in self.rows if not comparing.essential(row, self.zone.name, hosts)]
        return [self._copy(row) for row in others[:REST_MAX]]

    @property
    def rest_total(self) -> int:
        return len(self.rows) - len(self.needed)

    def _copy(self, row: Row) -> Copy:
        mark = comparing.compared(row, self.rows, self.seen) if self.compared else None
        whole = names.absolute(row.owner, self.zone.name).removesuffix(".")
        value, note = rdata.shown(row.type, row.rdata), ""
        if row.type == "MX":  # most forms ask for it in a field of its own
            number, _space, value = value.partition(" ")
            note = _("Priority: %(number)s") % {"number": number}
        return Copy(whole, row.owner, row.type, value, note, mark)

    @cached_property
    def differences(self) -> list[Difference]:
        return differences(self.rows, self.zone.name, self.seen) if self.compared else []

    @property
    def found(self) -> list[dict[str, object]]:
        """The differences as the page lists them."""
        return [
            {
                "digest": one.digest,
                "owner": names.shown(one.owner),
                "type": one.type,
                "there": [rdata.shown(row.type, row.rdata) for row in one.come],
                "here": [f"{row.type} {rdata.shown(row.type, row.rdata)}" for row in one.here],
                "replaces": bool(one.replaces),
            }
            for one in self.differences
        ]

    @cached_property
    def towards(self) -> list[Shown]:
        moment = Moment(timezone.now(), self.place.here_since if self.place else None)
        found = steps.towards_us(
            self.seen, self.decision, ours=self.ours, different=len(self.differences), moment=moment
        )
        return [Shown(step) for step in found]

    @property
    def to_do(self) -> int:
        return sum(shown.step.state != steps.DONE for shown in self.towards[:6])

    @cached_property
    def away(self) -> list[Shown]:
        lacking = [
            copy
            for copy in self.needed
            if copy.mark and copy.mark.state in (comparing.MISSING, comparing.OTHER)
        ]
        return [Shown(step) for step in steps.away(self.seen, self.decision, lacking=len(lacking))]

    @property
    def summary(self) -> str:
        """Of the list to copy, in one sentence."""
        marks = [copy.mark.state for copy in self.needed if copy.mark]
        bad = sum(state in (comparing.MISSING, comparing.OTHER) for state in marks)
        unknown = marks.count(comparing.UNKNOWN)
        if bad:
            return ngettext(
                "%(n)d of %(all)d is not there as it is here.",
                "%(n)d of %(all)d are not there as they are here.",
                bad,
            ) % {"n": bad, "all": len(marks)}
        if unknown:
            return _("%(n)d could not be asked; the others are there.") % {"n": unknown}
        return _("All of them are there. Nothing is to be done for mail.")


def _weight(row: Row) -> tuple[int, str, str]:
    order = {"MX": 0, "TXT": 1, "CNAME": 2, "A": 3, "AAAA": 3, "SRV": 4}
    return order.get(row.type, 5), row.owner, row.rdata
