"""The steps of moving name servers, each with its state as it was seen. Pure."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from dnszone.ttls import about
from dnszone.whereis.deciding import ELSEWHERE, HERE, NOWHERE, Decision, joined
from dnszone.whereis.seen import Seen

DONE, TODO, WAIT, UNKNOWN, LATER, OPTIONAL = "done", "todo", "wait", "unknown", "later", "optional"
LONG_TTL = 3600
LONGEST = timedelta(days=2)  # how long most registries let their NS records be kept


@dataclass(frozen=True, slots=True)
class Step:
    """``key`` tells the page what to show beside the words."""

    key: str
    title: str
    state: str
    says: str


@dataclass(frozen=True, slots=True)
class Moment:
    """``since``: when the zone above was first seen to name us alone."""

    now: datetime
    since: datetime | None = None


def towards_us(
    seen: Seen, decision: Decision, *, ours: Collection[str], different: int, moment: Moment
) -> list[Step]:
    """``different``: how many names the other provider answers otherwise."""
    here = decision.verdict == HERE
    return [
        Step("records", _("All records are here"), *_records(seen, decision, different)),
        Step("ds", _("No DNSSEC of the old provider is left"), *_ds(seen, here)),
        Step("ttl", _("Old answers are kept for a short time only"), *_ttl(seen, decision)),
        Step("enter", _("Enter our name servers where the domain was bought"), *_entered(seen, ours)),
        Step("parent", _("The registry shows them"), *_shown(seen, ours)),
        Step("wait", _("Old answers have run out"), *_run_out(seen, here, moment)),
        Step("dnssec", _("Switch DNSSEC on again"), *_again(here, seen)),
    ]


def _records(seen: Seen, decision: Decision, different: int) -> tuple[str, str]:
    if decision.verdict in (HERE, NOWHERE):
        return DONE, _("No other provider has records of this domain.")
    if not seen.source or not any(value is not None for value in seen.found.values()):
        return UNKNOWN, _("The present name servers gave no answer, so their records could not be compared.")
    if different:
        text = ngettext(
            "%(n)d name has other records at the present provider. Take over what you need, below.",
            "%(n)d names have other records at the present provider. Take over what you need, below.",
            different,
        )
        return TODO, text % {"n": different}
    return DONE, _("Of the names that we know or that are common, nothing is missing here.")


def _ds(seen: Seen, here: bool) -> tuple[str, str]:
    if seen.ds is None:
        return UNKNOWN, _("The registry could not be asked for DS records. Look again before you go on.")
    if not seen.ds:
        return DONE, _("The registry has no DS record of this domain.")
    if here:
        return DONE, _("The registry has a DS record; the page DNSSEC says whether it fits.")
    text = _(
        "The registry has a DS record. With other name servers the domain would fail for everybody who "
        "checks it. Switch DNSSEC off where the domain was bought, then wait %(time)s before the next steps."
    )
    return TODO, text % {"time": about(seen.ds_ttl)}


def _ttl(seen: Seen, decision: Decision) -> tuple[str, str]:
    ttls = [there.ttl for there in seen.found.values() if there is not None and there.ttl]
    if decision.verdict in (HERE, NOWHERE):
        return DONE, _("Nothing is to be lowered any more.")
    if not ttls:
        return UNKNOWN, _("How long the present answers are kept is not known.")
    longest = max(ttls)
    if longest > LONG_TTL:
        text = _(
            "Answers are kept for up to %(time)s. Set the TTL to 300 at the present provider and wait that "
            "long: then a mistake is mended in minutes."
        )
        return TODO, text % {"time": about(longest)}
    return DONE, _("The present answers are kept for %(time)s at most.") % {"time": about(longest)}


def _listed(seen: Seen) -> Sequence[str] | None:
    return seen.parent if seen.parent is not None else seen.said


def _entered(seen: Seen, ours: Collection[str]) -> tuple[str, str]:
    listed = _listed(seen)
    if listed is None:
        return UNKNOWN, _("Enter these, and take all others away:")
    if set(listed) == set(ours):
        return DONE, _("These and no others are entered.")
    return TODO, _("Enter these, and take all others away:")


def _shown(seen: Seen, ours: Collection[str]) -> tuple[str, str]:
    listed = _listed(seen)
    if listed is None:
        return UNKNOWN, _("The registry gave no answer, so nobody knows.")
    if not listed:
        return WAIT, _("The registry has no name servers of this domain. Is it registered, and paid?")
    if set(listed) == set(ours):
        return DONE, _("It says %(names)s.") % {"names": joined(list(listed))}
    return WAIT, _("It still says %(names)s. A change takes minutes to a day.") % {
        "names": joined(list(listed))
    }


def _run_out(seen: Seen, here: bool, moment: Moment) -> tuple[str, str]:
    if not here:
        return LATER, _("Begins when the registry shows our name servers.")
    if moment.since is None:
        return DONE, _("Our name servers have been there for long.")
    left = moment.since + min(timedelta(seconds=seen.parent_ttl or 86_400), LONGEST) - moment.now
    if left > timedelta(0):
        text = _("Some still ask the old servers, for %(time)s at most. Keep the records there until then.")
        return WAIT, text % {"time": about(int(left.total_seconds()))}
    return DONE, _("Everybody asks our name servers now. The old provider’s records can go.")


def _again(here: bool, seen: Seen) -> tuple[str, str]:
    if not here:
        return LATER, _("Optional, and only when the steps above are done.")
    return (DONE if seen.ds else OPTIONAL), _("It keeps others from forging answers in your name.")


def away(seen: Seen, decision: Decision, *, lacking: int) -> list[Step]:
    """``lacking``: records of ours that mail needs and that the other provider does not answer."""
    gone = decision.verdict == ELSEWHERE
    copied = (
        (UNKNOWN, _("Make the records of this zone there. Once it answers, they are compared here."))
        if not seen.source
        else (TODO, _("Some records that mail needs are not there yet: see the list."))
        if lacking
        else (DONE, _("What mail needs is there."))
    )
    ds = (
        (UNKNOWN, _("The registry could not be asked for DS records."))
        if seen.ds is None
        else (TODO, _("Switch DNSSEC off first, and wait %(time)s.") % {"time": about(seen.ds_ttl)})
        if seen.ds and not gone
        else (DONE, _("The registry has no DS record of ours."))
    )
    rest = (
        (
            WAIT,
            _("For %(time)s some still ask us: keep the domain here that long.")
            % {"time": about(seen.parent_ttl)},
        )
        if gone
        else (LATER, _("Begins when the registry shows the other provider."))
    )
    return [
        Step("copy", _("Copy the records to the new provider"), *copied),
        Step("ds", _("No DNSSEC of ours is left"), *ds),
        Step("registrar", _("Enter the new name servers where the domain was bought"), *_moved(gone)),
        Step("rest", _("Old answers have run out"), *rest),
        Step(
            "keep",
            _("Keep the domain here while its mail is here"),
            LATER,
            _("Mailboxes stay and work. Whoever deletes the domain deletes its mail."),
        ),
    ]


def _moved(gone: bool) -> tuple[str, str]:
    if gone:
        return DONE, _("The registry shows them.")
    return TODO, _("The new provider says which. Take ours away there.")
