"""What happens next. Pure."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext as _

from delivery.explain import next_try
from delivery.folding.mail import Addressee, Mail
from delivery.journey.kinds import Step, moment
from delivery.statuses import Status


def next_steps(mail: Mail, waiting: list[Addressee], now: datetime) -> list[Step]:
    """``waiting``: addressees of this side that have no end yet; one step for all of them."""
    if not waiting:
        return []
    if mail.held:
        said = _("It stays in the queue until somebody lets it go or deletes it there.")
        return [Step(None, _("Waits to be let go"), [said], "todo", "dots", kind="held")]
    later = [one for one in waiting if one.status == Status.DEFERRED]
    if not later:
        return [Step(None, _("Delivery"), [_("The first try has not ended yet.")], "todo", "dots")]
    last = max(later, key=lambda one: one.at)
    retry = next_try(moment(mail.started_at or mail.at), moment(last.at), max(last.attempts, 1))
    step = Step(retry.earliest, _("Next try"), [], "todo", "dots", until=retry.latest, kind="next")
    if retry.latest < now:
        step.at = step.until = None
        step.says.append(_("It is due now."))
    if retry.last:
        step.says.append(_("It is the last one: then it is given up, and the sender is told."))
    return [step]


def gives_up(mail: Mail) -> datetime:
    return next_try(moment(mail.started_at or mail.at), None, 0).gives_up
