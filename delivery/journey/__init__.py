"""One message's journey as its page tells it, to one side of it: hops that are joined, the steps of each, and
every recipient's end. Pure; delivery.trail reads what it is made of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from django.utils import timezone
from django.utils.translation import gettext as _

from delivery.explain import Text
from delivery.folding.mail import Addressee, Mail
from delivery.journey.ends import ENDS, End, ends_of
from delivery.journey.joining import HOPS, Fact, Hop, facts_of, join, queued_as, sessions
from delivery.journey.kinds import Step
from delivery.journey.nexts import gives_up, next_steps
from delivery.journey.side import Known, Side
from delivery.journey.steps import Context, steps_of
from delivery.statuses import Status

__all__ = [
    "HOPS",
    "End",
    "Fact",
    "Hop",
    "Journey",
    "Part",
    "Side",
    "Step",
    "facts_of",
    "join",
    "queued_as",
    "sessions",
    "tell",
]
_OPEN = frozenset({int(Status.PROGRESS), int(Status.DEFERRED)})


@dataclass(slots=True)
class Part:
    """One hop's share of the timeline. ``current``: the row that is looked at belongs to it."""

    title: Text
    hop: Hop
    steps: list[Step]
    current: bool = False


@dataclass(slots=True)
class Journey:
    """``more``: ends that are not listed. ``gives_up``: when a mail that waits is given up."""

    parts: list[Part] = field(default_factory=list)
    ends: list[End] = field(default_factory=list)
    more: int = 0
    gives_up: datetime | None = None


def tell(
    side: Side, hops: Sequence[Hop], start: Hop, entry: int, labels: Mapping[str, str], now: datetime
) -> Journey:
    """``start``: the hop whose row ``entry`` is looked at; ``labels``: names of app passwords by id."""
    seen = _linked(side, hops, start)
    shown = [hop for hop in seen if hop is start or not _is_notice(hop)]
    every = ends_of(side, shown, entry)
    found = Journey(ends=every[:ENDS], more=max(0, len(every) - ENDS))
    for hop in shown:
        notices = _notices(side, hop, seen)
        context = Context(side, hop, dict(labels), notices)
        steps = steps_of(context) + next_steps(hop.mail, _waiting(side, hop.mail), now)
        found.parts.append(Part(_title(hop), hop, steps, hop is start))
        if any(step.kind == "next" for step in steps):
            found.gives_up = found.gives_up or gives_up(hop.mail)
    _date(found.parts)
    return found


def _linked(side: Side, hops: Sequence[Hop], start: Hop) -> list[Hop]:
    """``start`` and what is joined to it by what this side knows of: that a mail was sent on is for who did
    so."""
    found = {id(start)}
    links = [hop for hop in hops if hop.parent is not None and _knows_link(side, hop)]
    for _round in hops:
        for hop in links:
            if hop.parent is not None and (id(hop) in found) != (id(hop.parent) in found):
                found |= {id(hop), id(hop.parent)}
    return [hop for hop in hops if id(hop) in found]


def _knows_link(side: Side, hop: Hop) -> bool:
    if hop.parent is None or not (side.sees(hop.mail) and side.sees(hop.parent.mail)):
        return False
    if hop.how == "forward":
        return side.sent(hop.mail)
    return True


def _is_notice(hop: Hop) -> bool:
    return hop.how == "notice"


def _notices(side: Side, hop: Hop, seen: Sequence[Hop]) -> list[int]:
    """Rows of the notices that report on ``hop``."""
    return [
        shown.id
        for other in seen
        if other.how == "notice" and other.parent is hop
        for row, shown in other.mail.rows.items()
        if side.everything or row.domain_id in side.domains
    ]


def _waiting(side: Side, mail: Mail) -> list[Addressee]:
    if mail.removed_at is not None:
        return []
    return [one for one in mail.addressees if one.status in _OPEN and side.knows(mail, one) > Known.NOTHING]


def _title(hop: Hop) -> str:
    if hop.mail.service == "forward":
        return _("Sent on")
    if hop.how == "relay":
        return _("On the next server")
    if hop.mail.notice_of:
        return _("The notice")
    return _("The mail")


def _date(parts: Sequence[Part]) -> None:
    """Steps of another day than the one before say so."""
    before: date | None = None
    for part in parts:
        for step in part.steps:
            if step.at is None:
                continue
            day = timezone.localtime(step.at).date()
            step.new_day = day != before
            before = day
