"""What a change of the queue did, in plain words: what was asked, and what the queue showed afterwards."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from delivery.models import QueueAction
from delivery.queue.rows import why_of
from delivery.queue.services import Outcome
from lib.templatetags.ui import count

Did = QueueAction.Did


def said(outcome: Outcome) -> tuple[str, bool]:
    """(the message, whether all went as it was asked)."""
    parts: list[str] = []
    if outcome.done:
        parts = _tried(outcome) if outcome.did == Did.DELIVER else _changed(outcome)
    elif not outcome.silent:
        parts = [_("Nothing was changed: none of these mails is in the queue any more.")]
    if outcome.left:
        text = _("There was no time for %(n)s more. Do it again for those.")
        parts.append(text % {"n": count(outcome.left)})
    for node, why in outcome.silent:
        text = _("%(server)s gave no answer, so look at the list before you try again: %(why)s")
        parts.append(text % {"server": node.name, "why": why})
    return " ".join(parts), bool(outcome.done) and not outcome.left and not outcome.silent


def _changed(outcome: Outcome) -> list[str]:
    """``hold``, ``release`` and ``delete``: as the second look has it."""
    n = outcome.done if outcome.did == Did.DELETE else outcome.proven
    texts = {
        Did.HOLD: ngettext(
            "%(n)s mail is held: it stays here until somebody releases it.",
            "%(n)s mails are held: they stay here until somebody releases them.",
            n,
        ),
        Did.RELEASE: ngettext(
            "%(n)s mail is released and tried again by itself.",
            "%(n)s mails are released and tried again by themselves.",
            n,
        ),
        Did.DELETE: ngettext(
            "%(n)s mail is deleted and no longer in the queue.",
            "%(n)s mails are deleted and no longer in the queue.",
            outcome.proven,
        ),
    }
    parts = [texts[Did(outcome.did)] % {"n": count(outcome.proven)}] if outcome.proven else []
    gone = outcome.gone if outcome.did != Did.DELETE else 0
    if gone:
        text = ngettext("%(n)s had left the queue meanwhile.", "%(n)s had left the queue meanwhile.", gone)
        parts.append(text % {"n": count(gone)})
    missed = outcome.done - outcome.proven - gone
    if missed > 0:
        text = ngettext(
            "%(n)s is unchanged: the mail server was busy with it. Try again.",
            "%(n)s are unchanged: the mail server was busy with them. Try again.",
            missed,
        )
        parts.append(text % {"n": count(missed)})
    return parts


def _tried(outcome: Outcome) -> list[str]:
    parts = []
    if outcome.gone:
        text = ngettext(
            "%(n)s mail was tried and left the queue: Track Delivery says how it ended.",
            "%(n)s mails were tried and left the queue: Track Delivery says how they ended.",
            outcome.gone,
        )
        parts.append(text % {"n": count(outcome.gone)})
    if outcome.again:
        text = ngettext(
            "%(n)s mail was tried again and still waits.",
            "%(n)s mails were tried again and still wait.",
            outcome.again,
        )
        parts.append(text % {"n": count(outcome.again)})
        whys = dict.fromkeys(str(why_of(reason, outgoing=True)) for reason in outcome.reasons)
        parts += [why for why in whys if why]
    if outcome.moving:
        text = ngettext(
            "%(n)s mail is being tried right now: look again in a minute.",
            "%(n)s mails are being tried right now: look again in a minute.",
            outcome.moving,
        )
        parts.append(text % {"n": count(outcome.moving)})
    if outcome.held:
        text = ngettext(
            "%(n)s mail is held and was not tried: release it first.",
            "%(n)s mails are held and were not tried: release them first.",
            outcome.held,
        )
        parts.append(text % {"n": count(outcome.held)})
    waits = outcome.done - outcome.gone - outcome.again - outcome.moving - outcome.held
    if waits > 0:
        text = ngettext("%(n)s mail is next in line.", "%(n)s mails are next in line.", waits)
        parts.append(text % {"n": count(waits)})
    return parts
