"""From what DNS says of a domain's mail to what its node shall do with it. Pure.

A wrong decision loses mail: so no answer, an error, or a domain that nobody serves yet decides nothing, and
what would take mail away from here has to be seen twice.
"""

from __future__ import annotations

import dataclasses
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from dnszone.routing import BACKUP, LOCAL, OFF, REMOTE

AGAIN = timedelta(seconds=60)  # between the two looks that take mail away from here
SETTLED = timedelta(hours=1)  # until the next look when nothing is open
UNKNOWN_AT_LEAST = timedelta(minutes=2)
HOSTS_MAX = 20  # looked at; more: nobody knows
_KEEPS = {OFF: 0, REMOTE: 1, BACKUP: 2, LOCAL: 3}  # the more, the more mail is taken here


class Answer(StrEnum):
    """``NULL``: the null MX (RFC 7505). ``ADDRESS``: no MX, so its own address counts (RFC 5321 §5.1).
    ``NONE``: neither, so mail for it goes nowhere. ``UNDELEGATED``: the zone above does not know it.
    ``AWAY``: nobody could say."""

    MX = "mx"
    NULL = "null"
    ADDRESS = "address"
    NONE = "none"
    UNDELEGATED = "undelegated"
    AWAY = "away"


class Whose(StrEnum):
    """``OURS``: the node that has the domain's mail. ``SISTER``: another node of the provider, which takes
    nothing for it. ``UNKNOWN``: its name is not ours, and its address could not be found out."""

    OURS = "ours"
    SISTER = "sister"
    OTHER = "other"
    UNKNOWN = "unknown"


@dataclasses.dataclass(frozen=True, slots=True)
class Host:
    """``name``: A-labels, lower case, no last dot. Written by strangers."""

    priority: int
    name: str
    whose: Whose


@dataclasses.dataclass(frozen=True, slots=True)
class Finding:
    """What one look found. ``hosts``: in the order in which senders try them. ``sure``: the zone is served
    here, and says the same."""

    answer: Answer
    hosts: tuple[Host, ...] = ()
    sure: bool = False

    @property
    def mode(self) -> str:
        """What follows from it; empty: nothing does, all stays as it is."""
        if self.answer == Answer.NULL:
            return OFF
        if self.answer not in {Answer.MX, Answer.ADDRESS} or not self.hosts:
            return ""
        ours = [host.priority for host in self.hosts if host.whose == Whose.OURS]
        unknown = [host.priority for host in self.hosts if self._doubtful(host)]
        sisters = [host.priority for host in self.hosts if host.whose == Whose.SISTER]
        others = [host.priority for host in self.hosts if host.whose not in {Whose.OURS, Whose.SISTER}]
        if ours and min(ours) <= min(others, default=min(ours)):
            return LOCAL
        if unknown and (not ours or min(unknown) <= min(others)):
            return ""  # it may be ours
        if sisters and not ours and min(sisters) <= min(others, default=min(sisters)):
            return ""  # a mistake: mail given to it would be refused, so none is sent there
        return BACKUP if ours else REMOTE

    def _doubtful(self, host: Host) -> bool:
        """Where the zone is here, our own people wrote the name, and it is none that was ever ours
        (live.look)."""
        return host.whose == Whose.UNKNOWN and not self.sure

    def kept(self) -> dict[str, Any]:
        """For the columns ``found`` and ``decided_why``."""
        hosts = [[host.priority, host.name, host.whose.value] for host in self.hosts]
        return {"answer": self.answer.value, "hosts": hosts, "sure": self.sure}

    @classmethod
    def of(cls, kept: dict[str, Any]) -> Finding | None:
        """What ``kept`` wrote; None: there was no look."""
        if not kept:
            return None
        hosts = tuple(Host(priority, name, Whose(whose)) for priority, name, whose in kept["hosts"])
        return cls(Answer(kept["answer"]), hosts, kept["sure"])


@dataclasses.dataclass(frozen=True, slots=True)
class Held:
    """``pending``: what a look at ``pending_at`` would have changed ``decided`` to; empty: nothing."""

    decided: str
    pending: str = ""
    pending_at: datetime | None = None


def settled(held: Held, finding: Finding, now: datetime) -> Held:
    """What holds after a look. More mail taken here holds at once; less of it when the zone is ours and says
    so, or a second look AGAIN later does."""
    mode = finding.mode
    if not mode:
        return held
    if mode == held.decided:
        return Held(mode)
    if finding.sure or _KEEPS[mode] > _KEEPS[held.decided]:
        return Held(mode)
    if mode != held.pending or held.pending_at is None:
        return Held(held.decided, mode, now)
    return Held(mode) if now - held.pending_at >= AGAIN else held


def next_look(held: Held, finding: Finding, since: datetime, now: datetime) -> datetime:
    """Soon while something is open; after a tenth of the time ``since`` what holds was decided while nobody
    can say, an hour at most."""
    if held.pending:
        return now + AGAIN
    if finding.mode:
        return now + SETTLED
    return now + min(max((now - since) / 10, UNKNOWN_AT_LEAST), SETTLED)
