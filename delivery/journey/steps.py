"""The timeline of one hop: what happened, a step each, the oldest first. Pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from delivery import text
from delivery.explain import Text
from delivery.folding import ON_BEHALF
from delivery.folding.mail import Mail
from delivery.journey import words
from delivery.journey.joining import Fact, Hop, facts_of
from delivery.journey.kinds import Step, encrypted, moment
from delivery.journey.seen import Seen, seen_of
from delivery.journey.side import Known, Side
from delivery.journey.tries import attempt, filed, rejected
from delivery.wire import field as field_of

NAMES = 20  # of what an alias leads to that are named
TRIES = 100  # of a hop that are steps of their own


@dataclass(slots=True)
class Context:
    """What the makers of steps look at. ``labels``: names of app passwords by id. ``notices``: rows of the
    notices about this mail, for this side."""

    side: Side
    hop: Hop
    labels: dict[str, str]
    notices: list[int]
    tried: int = 0
    expanded: set[str] = field(default_factory=set)

    @property
    def mail(self) -> Mail:
        return self.hop.mail


Maker = Callable[[Context, Seen], list[Step]]


def steps_of(context: Context) -> list[Step]:
    """Lines that make no step of their own are folded under the one before."""
    found: list[Step] = []
    early: list[str] = []
    for seen in seen_of(context.side, context.mail, context.hop.lines):
        maker = _MAKERS.get(seen.line.kind)
        made = maker(context, seen) if maker is not None else []
        raw = [text.inert(seen.line.raw)] if seen.line.raw else []
        if made:
            made[-1].lines = early + raw + made[-1].lines
            early = []
            found += made
        elif found:
            found[-1].lines += raw
        else:
            early += raw
    if early:
        found.append(Step(moment(context.mail.at), _("Accepted"), lines=early))
    return found


def _client(context: Context, seen: Seen) -> list[Step]:
    data, mail = seen.line.data, context.mail
    client = text.inert(field_of(data, "client"))
    client = "" if client == "local" else client
    login = text.inert(field_of(data, "sasl")) if mail.service not in ON_BEHALF else ""
    step = Step(moment(seen.line.at), _came(context, login), client=client, kind="client")
    if login:
        step.says.append(_signed_in(context, field_of(data, "app", 32)))
    if client and mail.service not in ON_BEHALF:
        step.says.append(encrypted(field_of(data, "tls"), field_of(data, "cipher")))
    elif mail.service in ON_BEHALF:
        step.client = ""
    return [step]


def _came(context: Context, login: str) -> str:
    mail = context.mail
    whom = mail.sasl_user if context.side.sent(mail) else ""
    if login:
        return _("Handed in by %(who)s") % {"who": login}
    if mail.service == "forward":
        return _("Sent on for %(who)s") % {"who": whom} if whom else _("Sent on")
    if mail.service == "reply":
        return _("Written by a filter of %(who)s") % {"who": whom} if whom else _("Written by a filter")
    if mail.service == "pickup":
        return _("Written by this server")
    if mail.sasl_user or mail.out_domain_id is not None:
        return _("Handed in")
    return _("Came from another server")


def _signed_in(context: Context, app: str) -> str:
    if not app:
        return _("Signed in with the mailbox’s own password.")
    label = context.labels.get(app)
    if not label:
        return _("Signed in with an app password that is deleted by now.")
    return _("Signed in with the app password “%(name)s”.") % {"name": text.inert(label)}


def _verdict(context: Context, seen: Seen) -> list[Step]:
    data, at = seen.line.data, moment(seen.line.at)
    made = []
    key = words.signed(data)
    if key is not None:
        title = _("Signed with DKIM for %(domain)s") % {"domain": key[0]} if key[0] else _("Signed with DKIM")
        says: list[Text] = [_("Selector: %(name)s.") % {"name": key[1]}] if key[1] else []
        made.append(Step(at, title, says, kind="signed"))
    symbols, proofs = words.symbols_of(data), words.proofs(data)
    if (symbols or proofs or key is None) and not context.mail.sasl_user:
        said = words.verdict_said(data)
        says = [*([said] if said else []), *proofs]
        action = field_of(data, "action", 30)
        if action in words.MARKED:
            made.append(Step(at, words.ACTIONS[action], says, "off", "shield", symbols=symbols))
        else:
            made.append(Step(at, _("Checked for spam"), says, symbols=symbols, kind="verdict"))
    return made


def _queued(context: Context, seen: Seen) -> list[Step]:
    if context.mail.started_at is not None:
        return []
    if context.mail.notice_of:
        return [Step(moment(seen.line.at), _("Written by the mail system"), kind="client")]
    return []


def _delivery(context: Context, seen: Seen) -> list[Step]:
    context.tried += 1
    if context.tried > TRIES:
        return []
    steps = []
    one = seen.one
    if one is not None and one.orig_to and seen.known is Known.ALL and one.orig_to not in context.expanded:
        context.expanded.add(one.orig_to)
        steps.append(_expanded(context, one.orig_to, seen.line.at))
    facts: list[Fact] = []
    if one is not None and seen.known is not Known.WRITTEN:
        domain_id = one.domain_id
        facts = [fact for fact in facts_of(context.hop, one) if context.side.owns(fact.login, domain_id)]
    made = attempt(seen, [fact for fact in facts if not _apart(fact)])
    made.lines = [text.inert(fact.raw) for fact in facts if fact.raw and not _apart(fact)]
    return [*steps, *(filed(fact) for fact in facts if _apart(fact)), made]


def _apart(fact: Fact) -> bool:
    return fact.action.startswith(("redirect", "vacation", "discard", "reject", "notify"))


def _expanded(context: Context, orig: str, at: float) -> Step:
    goals = [one.address for one in context.mail.addressees if one.orig_to == orig]
    title = ngettext("%(from)s leads to %(n)s address", "%(from)s leads to %(n)s addresses", len(goals)) % {
        "from": orig,
        "n": len(goals),
    }
    step = Step(moment(at), title, who=goals[:NAMES], kind="expanded", icon="go", mark="ok")
    step.more = max(0, len(goals) - NAMES)
    return step


def _rejected(_context: Context, seen: Seen) -> list[Step]:
    return [rejected(seen)]


def _bounce(context: Context, seen: Seen) -> list[Step]:
    step = Step(moment(seen.line.at), _("The sender was told"), mark="off", icon="info", kind="bounce")
    step.says.append(_("A notice with the reason was written to the sender."))
    if context.notices:
        step.url = context.notices.pop(0)
    return [step]


def _plain(title: Callable[[], str], says: Callable[[], str], mark: str, icon: str) -> Maker:
    def make(_context: Context, seen: Seen) -> list[Step]:
        said = says()
        return [Step(moment(seen.line.at), title(), [said] if said else [], mark, icon)]

    return make


def _removed(_context: Context, seen: Seen) -> list[Step]:
    if not seen.line.data.get("by"):
        return []
    return [Step(moment(seen.line.at), _("Taken out of the queue by hand"), [], "off", "trash")]


_MAKERS: dict[str, Maker] = {
    "client": _client,
    "verdict": _verdict,
    "queued": _queued,
    "delivery": _delivery,
    "reject": _rejected,
    "bounce": _bounce,
    "removed": _removed,
    "expired": _plain(lambda: _("Given up"), lambda: _("It could not be delivered in time."), "bad", "cross"),
    "hold": _plain(
        lambda: _("Held"), lambda: _("It waits in the queue until somebody lets it go."), "wait", "pause"
    ),
    "release": _plain(lambda: _("Let go"), lambda: "", "move", "go"),
    "requeue": _plain(
        lambda: _("Handed in once more"), lambda: _("It went on under another queue ID."), "move", "go"
    ),
    "discard": _plain(lambda: _("Thrown away"), lambda: _("A rule of this server says so."), "off", "trash"),
    "aborted": _plain(
        lambda: _("The connection was lost"), lambda: _("The mail was not taken whole."), "off", "cross"
    ),
}
