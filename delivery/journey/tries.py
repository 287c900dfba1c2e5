"""One try to deliver a mail, and what a mailbox's filters did with it. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from delivery import text
from delivery.explain import Text, explain
from delivery.folding import OUTCOMES
from delivery.journey.joining import Fact
from delivery.journey.kinds import Step, encrypted, moment
from delivery.journey.seen import Seen
from delivery.journey.side import Known
from delivery.statuses import Direction, Status
from delivery.wire import field as field_of

SLOW = 5.0  # seconds: what took longer is told
FIRST = 300.0  # what waited longer was tried before
INBOX = "INBOX"
JUNK = "Junk"
_STORED = ("stored mail into mailbox", "saved mail to", "left message in mailbox")


@dataclass(frozen=True, slots=True)
class _Try:
    """As delivery.explain looks at a row."""

    status: int
    dsn: str
    reply: str
    server: str
    agent: str
    delay: float | None = None
    cause: str = ""
    direction: int = Direction.OUT
    sender: str | None = None


def attempt(seen: Seen, facts: Sequence[Fact]) -> Step:
    """``facts``: where it was put."""
    data, line = seen.line.data, seen.line
    status = OUTCOMES.get(field_of(data, "status", 20), Status.PROGRESS)
    relay, answer = text.inert(field_of(data, "relay")), text.inert(field_of(data, "text", 2000))
    to, local = text.inert(field_of(data, "to")), field_of(data, "by", 20) == "lmtp"
    step = Step(moment(line.at), "", who=[to] if to else [], answer=answer, kind="delivery")
    step.server = "" if relay in {"", "none"} or local else relay
    if status == Status.DELIVERED:
        _taken(step, seen, facts, local=local)
    else:
        dsn, by = field_of(data, "dsn", 12), field_of(data, "by", 20)
        step.says.append(explain(_Try(int(status), dsn, answer, relay, by)).why)
        later = status == Status.DEFERRED
        step.title = _("Tried: not yet") if later else _("Not delivered")
        step.mark, step.icon = ("wait", "clock") if later else ("bad", "cross")
    if step.server and field_of(data, "tls"):
        step.says.append(encrypted(field_of(data, "tls"), field_of(data, "cipher")))
    slow = _slow(field_of(data, "delays", 40), local=local)
    step.says += [slow] if slow else []
    return step


def _taken(step: Step, seen: Seen, facts: Sequence[Fact], *, local: bool) -> None:
    data = seen.line.data
    if seen.known is Known.WRITTEN:
        step.title = _("Delivered")
        step.says.append(_("It leads on from there; where to is its owner’s to know."))
    elif field_of(data, "by", 20) == "discard":
        step.title, step.mark, step.icon = _("Thrown away, as was wished"), "off", "trash"
    elif local:
        step.title, step.answer = _("Put into the mailbox"), ""
        for fact in facts:
            step.title, said = _folder(fact)
            step.says += [said] if said else []
    else:
        step.title = _("Accepted by their server")


def _folder(fact: Fact) -> tuple[str, str]:
    folder = text.inert(fact.what)
    if not fact.action.startswith(_STORED):
        return _("It could not be stored in the folder"), folder
    if folder == INBOX:
        return _("Put into the inbox"), ""
    said = {
        JUNK: _("It was marked as spam."),
        "Quarantine": _("It was marked as spam, and such mail is kept apart."),
    }.get(folder, _("A filter of the mailbox says so."))
    return _("Put into the folder “%(name)s”") % {"name": folder}, said


def filed(fact: Fact) -> Step:
    """What a filter did besides putting it into a folder."""
    action, what = fact.action, text.inert(fact.what).strip("<>")
    step = Step(moment(fact.at), "", kind="filter", icon="go", who=[what] if "@" in what else [])
    step.lines = [text.inert(fact.raw)] if fact.raw else []
    if action.startswith("redirect"):
        step.title = _("A filter sent it on")
    elif action.startswith("vacation"):
        sent = "sent" in action
        step.title = _("The autoresponder answered") if sent else _("The autoresponder did not answer again")
        step.icon = "check"
    elif action.startswith("discard"):
        step.title, step.mark, step.icon = _("A filter threw it away"), "off", "trash"
    elif action.startswith("reject"):
        step.title, step.mark, step.icon = _("A filter sent it back"), "off", "noentry"
    else:
        step.title = _("A filter did: %(what)s") % {"what": text.inert(action)}
    return step


def rejected(seen: Seen) -> Step:
    data = seen.line.data
    answer = " ".join(filter(None, (field_of(data, key, 2000) for key in ("code", "dsn", "text"))))
    step = Step(moment(seen.line.at), _("Turned away"), mark="off", icon="noentry", kind="reject")
    step.client, step.answer = text.inert(field_of(data, "client")), text.inert(answer)
    if step.client:
        step.says.append(_("The other side was told why; the answer below is what it was told."))
    to = text.inert(field_of(data, "to"))
    step.who = [to] if to else []
    return step


def _slow(delays: str, *, local: bool) -> Text:
    """From Postfix's ``delays=a/b/c/d`` (postconf(5), delay_logging_resolution_limit): before the queue
    manager, in it, setting up the connection, handing the mail over."""
    try:
        before, queued, setup, sending = (float(one) for one in delays.split("/"))
    except ValueError:
        return ""
    handing = _("It took %(time)s to store it.") if local else _("Their server took %(time)s to take it.")
    ways = [
        (sending, handing),
        (setup, _("It took %(time)s to reach their server.")),
        (queued, _("It waited %(time)s for its turn.")),
        (before if before < FIRST else 0.0, _("It took %(time)s to hand it in.")),
    ]
    return next((said % {"time": span(took)} for took, said in ways if took >= SLOW), "")


def span(seconds: float) -> str:
    if seconds < 90:
        return _("%(n)s s") % {"n": round(seconds)}
    if seconds < 5400:
        return _("%(n)s min") % {"n": round(seconds / 60)}
    return _("%(n)s hours") % {"n": round(seconds / 3600)}
