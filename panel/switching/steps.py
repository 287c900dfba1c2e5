"""The way from one mail server to another, in steps; the state of each is what is seen now, and is kept
nowhere."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from dnszone import routing
from dnszone.models import ZoneVersion
from dnszone.ttls import about
from panel.switching.forms import OTHER
from panel.switching.situation import LOW_ENOUGH, LOW_TTL, USUAL_TTL, Seen, Situation

DONE, NOW, LATER = "done", "now", "later"
MARKS = {DONE: ("ok", "check"), NOW: ("move", "go"), LATER: ("off", "clock")}


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """``act``: what its button posts to zone-switch-draft; ``url``: a link instead. ``until``: when waiting
    ends."""

    title: str
    says: str
    state: str = LATER
    act: str = ""
    url: str = ""
    button: str = ""
    until: dt.datetime | None = None

    @property
    def mark(self) -> tuple[str, str, str]:
        words = {DONE: _("Done"), NOW: _("Now"), LATER: _("Later")}
        return (*MARKS[self.state], words[self.state])


def steps(s: Situation, seen: Seen | None) -> list[Step]:
    """The first that is not done is the one to do now."""
    plan = [_lower(s), _wait(s), _switch(s), _both(s), _check(s, seen), _raise(s)]
    found: list[Step] = []
    open_now = False
    for step, done in plan:
        state = DONE if done and not open_now else LATER if open_now else NOW
        open_now |= not done
        found.append(_with(step, state))
    return found


def _with(step: Step, state: str) -> Step:
    """Only the step that is open has its button."""
    if state == NOW:
        return replace(step, state=state)
    return Step(title=step.title, says=step.says, state=state)


def _lower(s: Situation) -> tuple[Step, bool]:
    says = _("So that a mistake lasts %(short)s and not %(long)s.") % {
        "short": about(LOW_TTL),
        "long": about(max(s.ttl, LOW_TTL)),
    }
    step = Step(title=_("Lower the TTL of the MX"), says=says, act="lower", button=_("Lower the TTL"))
    return step, s.switched or s.ttl <= LOW_ENOUGH


def _wait(s: Situation) -> tuple[Step, bool]:
    waiting = s.old_until is not None and not s.switched
    left = _left(s.old_until) if waiting else max(0, s.ttl)
    says = (
        _("Some still hold the old answer: %(time)s more.")
        if waiting
        else _("After that, nobody holds an answer with the long TTL (%(time)s).")
    )
    step = Step(
        title=_("Wait until old answers are forgotten"),
        says=says % {"time": about(left)},
        until=s.old_until if waiting else None,
    )
    return step, s.switched or not waiting


def _switch(s: Situation) -> tuple[Step, bool]:
    title = _("Switch: %(where)s") % {"where": s.title}
    says = _("MX, SPF and Email Routing change together; you see every record before it does.")
    if s.to == OTHER:
        return Step(title=title, says=says, act="move", button=_("Show what changes")), s.switched
    url = reverse("zone-preset", args=[s.zone.name, s.to])
    return Step(title=title, says=says, url=url, button=_("Show what changes")), s.switched


def _both(s: Situation) -> tuple[Step, bool]:
    waiting = s.switched and s.old_until is not None
    left = _left(s.old_until) if waiting else max(s.ttl, LOW_TTL)
    says = _("For so long some servers still go by the old MX: %(time)s. Read both places.")
    if not s.comes_here and s.mode:
        says += " " + (
            _("What they bring here goes into the mailboxes here.")
            if s.mode == routing.LOCAL
            else _(
                "Email Routing decides what becomes of what they bring here: Remote puts it off, and their "
                "next try goes to the new servers."
            )
        )
    step = Step(
        title=_("Keep both places open"),
        says=says % {"time": about(left)},
        until=s.old_until if waiting else None,
    )
    if s.switched and not waiting and not s.routing_fits:
        says = _("Old answers are forgotten. Email Routing can follow the MX now.")
        url = reverse("routing", args=[s.zone.name])
        step = Step(title=step.title, says=says, url=url, button=_("Email Routing"))
    return step, s.switched and not waiting and s.routing_fits


def _check(s: Situation, seen: Seen | None) -> tuple[Step, bool]:
    same = bool(seen and seen.world is not None and set(seen.world) == set(s.wanted) and s.switched)
    says = (
        _("Resolvers give the new servers.")
        if same
        else _("Look whether resolvers give the new servers, then send a mail from outside and read it.")
    )
    return Step(title=_("Check"), says=says), same


def _raise(s: Situation) -> tuple[Step, bool]:
    says = _("When all is well, so that the domain does not hang on every look-up: %(time)s is usual.")
    step = Step(
        title=_("Raise the TTL again"),
        says=says % {"time": about(USUAL_TTL)},
        act="raise",
        button=_("Raise the TTL"),
    )
    return step, s.switched and s.ttl >= USUAL_TTL


def _left(until: dt.datetime | None) -> int:
    return max(0, int((until - timezone.now()).total_seconds())) if until else 0


def way_back(s: Situation) -> Sequence[ZoneVersion]:
    """The last versions that changed the MX of the domain: each can be taken back whole."""
    found = ZoneVersion.objects.filter(
        zone=s.zone, come__contains=[["@", "MX"]], gone__contains=[["@", "MX"]]
    )
    return list(found.order_by("-pk")[:3])
