"""Stages, refusals and steps in plain words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as __

from dnszone.dnssec.deciding import Ds, Stage, Status, Verdict, Why, ds_state, may_finish, may_switch_off
from lib.dates import written


@dataclass(frozen=True, slots=True)
class Said:
    """How a state looks: ``css`` and ``icon`` as the components draw it, a headline and what to do."""

    css: str
    icon: str
    title: str | Promise
    text: str | Promise


STAGES: dict[Stage, Said] = {
    Stage.OFF: Said("off", "noentry", __("DNSSEC is off"), __("Answers of this domain are not signed.")),
    Stage.OFF_BUT_DS: Said(
        "bad",
        "cross",
        __("Visitors with validating resolvers cannot find this domain"),
        __(
            "Your registrar still says that its answers are signed, and here they are not. Remove the DS "
            "record at your registrar, or switch DNSSEC on and give it the new one."
        ),
    ),
    Stage.MAKING: Said(
        "move",
        "go",
        __("The name servers are making the key"),
        __("This takes some seconds. The DS record for your registrar appears here then."),
    ),
    Stage.SPREADING: Said(
        "move",
        "go",
        __("Signed; nearly ready for your registrar"),
        __(
            "Some resolvers still remember answers without signature. Wait with the DS record for your "
            "registrar."
        ),
    ),
    Stage.GIVE_DS: Said(
        "wait",
        "edit",
        __("Signed; your registrar does not know yet"),
        __(
            "Give the DS record below to your registrar. Until then nobody checks the signatures, and "
            "nothing is better or worse than before."
        ),
    ),
    Stage.SECURE: Said(
        "ok",
        "check",
        __("Protected by DNSSEC"),
        __(
            "The DS record at your registrar matches the key here. Forged answers are noticed and thrown "
            "away."
        ),
    ),
    Stage.PARTLY: Said(
        "bad",
        "cross",
        __("Some visitors with validating resolvers cannot find this domain"),
        __(
            "Your registrar has the DS records of some of our name servers and not of all. Give it every one "
            "below."
        ),
    ),
    Stage.BROKEN: Said(
        "bad",
        "cross",
        __("Visitors with validating resolvers cannot find this domain"),
        __(
            "At your registrar stands a DS record that does not belong to the key here. Replace it with the "
            "one below. If you cannot do that now, remove it: without any DS record everybody finds the "
            "domain again."
        ),
    ),
    Stage.ROLL_MAKING: Said(
        "move",
        "go",
        __("The name servers are making the new key"),
        __("The old key signs as before. Change nothing at your registrar yet."),
    ),
    Stage.ROLL_SPREADING: Said(
        "move",
        "go",
        __("Both keys sign; some resolvers still know only the old one"),
        __("Change nothing at your registrar yet."),
    ),
    Stage.ROLL_EXCHANGE: Said(
        "wait",
        "edit",
        __("Exchange the DS record at your registrar"),
        __(
            "Add the new DS record there, then remove the old one. Both keys sign, so nothing breaks "
            "meanwhile."
        ),
    ),
    Stage.ROLL_EXPIRING: Said(
        "move",
        "go",
        __("The new DS record is there; the old one is being forgotten"),
        __("Some resolvers still remember the old DS record. The old key can go after that."),
    ),
    Stage.ROLL_READY: Said(
        "ok", "check", __("The old key is no longer needed"), __("Finish: the old key is removed.")
    ),
}

DS: dict[Ds, Said] = {
    Ds.UNKNOWN: Said(
        "off",
        "clock",
        __("Could not ask"),
        __("The servers of the zone above did not answer. This says nothing about your domain; look again."),
    ),
    Ds.NONE: Said(
        "wait", "clock", __("Not there yet"), __("The zone above has no DS record for this domain.")
    ),
    Ds.MATCHES: Said("ok", "check", __("Matches"), __("The DS record fits the key of the name servers.")),
    Ds.PARTLY: Said(
        "bad", "cross", __("Not complete"), __("The DS records of some of our name servers are missing.")
    ),
    Ds.OTHER: Said(
        "bad",
        "cross",
        __("Another one is there"),
        __("Visitors with validating resolvers cannot find this domain."),
    ),
}

NONE_AS_IT_SHOULD = Said(
    "off",
    "noentry",
    __("None there"),
    __("The zone above has no DS record for this domain. That is right while DNSSEC is off."),
)


def why_not(verdict: Verdict) -> str:
    """A refusal: what is missing, and since when or until when."""
    when = clock(verdict.until) if verdict.until else ""
    words: dict[Why, str] = {
        Why.LOOK: _(
            "Nobody knows whether the DS record is still at the zone above: it could not be asked just now. "
            "Look again."
        ),
        Why.STANDS: _(
            "A DS record for this domain is still at the zone above. Remove it at your registrar first: "
            "while it is there, resolvers refuse answers without signature."
        ),
        Why.CACHED: _(
            "The DS record is gone, but resolvers may remember it until %(when)s. Switch off after that."
        ),
        Why.NOT_ROLLING: _("No exchange of keys is under way."),
        Why.MAKING: _("Not every name server has the new key yet. Try again in a minute."),
        Why.SPREADING: _("Some resolvers know only the old key until %(when)s. Finish after that."),
        Why.NEW_MISSING: _(
            "The zone above does not show the new DS record yet. Add it at your registrar first."
        ),
        Why.OLD_STANDS: _(
            "The zone above still shows the old DS record. Remove it at your registrar first, and leave the "
            "new one."
        ),
        Why.OLD_CACHED: _(
            "The old DS record is gone, but resolvers may remember it until %(when)s. Finish after that."
        ),
        Why.NEW_STANDS: _(
            "The zone above shows the new DS record already. Finish the exchange, or remove that record at "
            "your registrar first."
        ),
        Why.NEW_CACHED: _(
            "The new DS record is gone again, but resolvers may remember it until %(when)s. Cancel after "
            "that."
        ),
    }
    return words.get(verdict.why, "") % {"when": when}


def clock(moment: datetime) -> str:
    return written(timezone.localtime(moment), "j M Y, H:i:s")


@dataclass(frozen=True, slots=True)
class Step:
    """``state``: done, now or later; ``at``: until when it lasts, if that is known."""

    text: str
    state: str
    at: datetime | None = None


def steps(status: Status, stage: Stage, now: datetime) -> list[Step]:
    """What switching on, or the exchange of keys, goes through."""
    rolling = len(status.generations) > 1
    if not status.generations:
        return []
    made = status.complete_at is not None
    spread = status.spread_at is not None and status.spread_at <= now
    if not rolling:
        there = ds_state(status) in (Ds.MATCHES,)
        return _in_order(
            [
                (_("The name servers make a key and sign every answer"), made, None),
                (_("Resolvers forget answers without signature"), there or spread, status.spread_at),
                (_("You give the DS record to your registrar, and the zone above shows it"), there, None),
            ]
        )
    new = status.generations[-1]
    old_gone = not any(key.shown for key in status.keys if key.generation != new)
    verdict = may_finish(status, now)
    return _in_order(
        [
            (_("The name servers make a second key and sign with both"), made, None),
            (_("Resolvers learn the new key"), spread, status.spread_at),
            (_("You add the new DS record at your registrar"), status.shown(new), None),
            (_("You remove the old DS record there"), status.shown(new) and old_gone, None),
            (
                _("Resolvers forget the old DS record"),
                stage == Stage.ROLL_READY,
                verdict.until if verdict.why == Why.OLD_CACHED else None,
            ),
            (_("You finish: the old key is removed"), False, None),
        ]
    )


def steps_off(status: Status, now: datetime) -> list[Step]:
    verdict = may_switch_off(status, now)
    known = status.seen_at is not None
    gone = known and not status.strangers and not any(key.shown for key in status.keys)
    ends = [until for key in status.keys if (until := key.cached_until()) is not None]
    forgotten = gone and all(until <= now for until in ends)
    return _in_order(
        [
            (_("The DS record is removed at your registrar"), gone, None),
            (_("Resolvers forget it"), forgotten, verdict.until),
            (_("Switch off here"), False, None),
        ]
    )


def _in_order(found: list[tuple[str, bool, datetime | None]]) -> list[Step]:
    """The first that is not done is now; what comes after it waits, done or not."""
    result: list[Step] = []
    for text, done, at in found:
        state = "done" if done else "later" if any(step.state == "now" for step in result) else "now"
        result.append(Step(text, state, at if state == "now" else None))
    return result
