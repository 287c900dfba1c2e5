"""From log lines to messages. Pure; the order and the batches in which lines come do not matter. A queue id
names a message from its first line until ``removed``; afterwards Postfix may use it again, so a line belongs
to the mail whose time it falls into. Seconds are Unix seconds.
"""

from __future__ import annotations

from typing import NamedTuple

from delivery import text
from delivery.folding.choosing import LIFETIME, SLACK, choose
from delivery.folding.mail import Addressee, Mail, Row, Shown, rows, status_of
from delivery.folding.sides import BY_HAND
from delivery.statuses import Status
from delivery.wire import Line
from delivery.wire import field as field_of

__all__ = [
    "FOLDED",
    "LIFETIME",
    "SLACK",
    "Addressee",
    "Mail",
    "Owner",
    "Row",
    "Shown",
    "apply",
    "choose",
    "follow",
    "place",
    "rows",
    "settle",
    "status_of",
]

FOLDED = frozenset(
    {
        "client", "subject", "message-id", "queued", "removed", "expired", "delivery", "reject", "bounce",
        "hold", "release", "requeue", "verdict", "aborted",
    }
)  # fmt: skip
# Lines about a message that change nothing of it, but are told on its page.
TOLD = frozenset({"attempt", "notice", "tls", "header"})
# Services whose mail comes from ourselves: local programs, whose envelope sender is ours to believe, and
# what Sieve sends on or answers for a mailbox (nodeagent.inject), which says for whom. On the open port (no
# service name) anybody may claim any sender.
ON_BEHALF = frozenset({"forward", "reply"})
OWN_SERVICES = ON_BEHALF | {"pickup"}
OUTCOMES = {
    "sent": Status.DELIVERED,
    "bounced": Status.FAILED,
    "expired": Status.FAILED,
    "deferred": Status.DEFERRED,
}
_FINAL = {Status.PROGRESS: 0, Status.DEFERRED: 1, Status.DELIVERED: 2, Status.FAILED: 2, Status.REJECTED: 2}
ENDED = 2  # of _FINAL
_VERDICT = ("score", "required", "action", "symbols")


class Owner(NamedTuple):
    """Whose a domain name is now, and since when (Unix seconds)."""

    domain_id: int
    account_id: int
    since: float


def apply(mail: Mail, line: Line) -> None:
    """Take one line into ``mail``. Each line must come once."""
    if line.data.get("back") is True:
        mail.back = True
        if mail.started_at is not None and line.at < mail.started_at:
            line = line._replace(at=mail.started_at)  # the clock was set back: it was later
    mail.at, mail.last_at = min(mail.at, line.at), max(mail.last_at, line.at)
    taker = _APPLY.get(line.kind)
    if taker is not None:
        taker(mail, line)


def _client(mail: Mail, line: Line) -> None:
    mail.started_at = line.at
    mail.client = text.inert(field_of(line.data, "client", 300))[:300]
    mail.service = field_of(line.data, "service", 32)
    # What signs in there is the node itself: the one it does so for counts.
    key = "behalf" if mail.service in ON_BEHALF else "sasl"
    mail.sasl_user = text.inert(field_of(line.data, key, 320))[:320]
    mail.app, mail.method = field_of(line.data, "app", 32), text.inert(field_of(line.data, "method", 32))
    mail.tls = text.inert(field_of(line.data, "tls", 60))
    mail.shown = True


def _subject(mail: Mail, line: Line) -> None:
    mail.subject = text.subject(field_of(line.data, "value", 4000))
    mail.shown = True
    to = _address(line, "to")
    named = any(to in {known.address, known.orig_to} for known in mail.addressees)
    if to and not named and mail.removed_at is None and not _all_known(mail):
        mail.addressees.append(Addressee(to, at=line.at, provisional=True))


def _message_id(mail: Mail, line: Line) -> None:
    mail.message_id = text.inert(field_of(line.data, "id", 998))
    mail.shown = True


def _queued(mail: Mail, line: Line) -> None:
    mail.sender = _address(line, "from")
    size, nrcpt = line.data.get("size"), line.data.get("nrcpt")
    if type(size) is int and 0 <= size < 2**62:
        mail.size = size
    if type(nrcpt) is int and 0 <= nrcpt < 2**31:
        mail.nrcpt = max(nrcpt, mail.nrcpt or 0)
    mail.shown = True


def _removed(mail: Mail, line: Line) -> None:
    mail.removed_at = line.at
    mail.removed_by = field_of(line.data, "by", 32)
    mail.shown |= bool(mail.removed_by)


def _hold(mail: Mail, line: Line) -> None:
    mail.held_at = max(mail.held_at or 0.0, line.at)
    mail.shown = True


def _release(mail: Mail, line: Line) -> None:
    mail.released_at = max(mail.released_at or 0.0, line.at)
    mail.shown = True


def _requeue(mail: Mail, line: Line) -> None:
    """It goes on under another queue id, with those that it has not reached yet."""
    mail.removed_at, mail.removed_by, mail.shown = line.at, "requeue", True


def follow(mail: Mail, was: Mail | None) -> None:
    """``mail`` is what was put into the queue again. Who handed it in is not who does so now; what is not
    known of that makes it nobody's."""
    mail.service, mail.shown = "requeue", True
    if was is not None:
        mail.client, mail.service, mail.sasl_user = was.client, was.service, was.sasl_user
        mail.app, mail.method, mail.tls = was.app, was.method, was.tls


def _verdict(mail: Mail, line: Line) -> None:
    mail.verdict = {key: line.data[key] for key in _VERDICT if key in line.data}


def _aborted(mail: Mail, line: Line) -> None:
    """The connection broke before all of it was there: no mail came to be."""
    if mail.size is None:
        mail.removed_at, mail.removed_by, mail.shown = line.at, "aborted", True


def _expired(mail: Mail, line: Line) -> None:
    mail.expired_at = line.at


def _bounce(mail: Mail, line: Line) -> None:
    """The notice is a mail of its own (services/fold.py)."""


def _delivery(mail: Mail, line: Line) -> None:
    status = OUTCOMES.get(field_of(line.data, "status", 20))
    if status is None:
        return  # an address probe
    one = _addressee(mail, _address(line, "to"), _address(line, "orig"))
    one.attempts += 1
    _outcome(one, line, status, reply=field_of(line.data, "text", 4000))


def _rejected(mail: Mail, line: Line) -> None:
    if mail.sender is None and "from" in line.data:
        mail.sender = _address(line, "from")
    if not mail.client:
        mail.client = text.inert(field_of(line.data, "client", 300))[:300]
        mail.service = field_of(line.data, "service", 32)
        mail.sasl_user = text.inert(field_of(line.data, "sasl", 320))[:320]
    mail.shown = True
    to = _address(line, "to")
    reply = " ".join(filter(None, (field_of(line.data, key, 4000) for key in ("code", "dsn", "text"))))
    if to:
        _outcome(_addressee(mail, to, ""), line, Status.REJECTED, reply=reply)
        return
    for one in mail.addressees:  # all of it was refused, at its end
        if one.status == Status.PROGRESS:
            one.provisional = False
            _outcome(one, line, Status.REJECTED, reply=reply)


_APPLY = {
    "client": _client,
    "subject": _subject,
    "message-id": _message_id,
    "queued": _queued,
    "removed": _removed,
    "expired": _expired,
    "bounce": _bounce,
    "delivery": _delivery,
    "reject": _rejected,
    "hold": _hold,
    "release": _release,
    "requeue": _requeue,
    "verdict": _verdict,
    "aborted": _aborted,
}


def _address(line: Line, key: str) -> str:
    return text.inert(field_of(line.data, key))[:400]


def _addressee(mail: Mail, address: str, orig_to: str) -> Addressee:
    guess = None
    for one in mail.addressees:
        if one.address == address and one.orig_to == orig_to:
            one.provisional = False
            return one
        if one.provisional and one.address in {address, orig_to}:
            guess = one
    if guess is None:
        guess = Addressee(address, orig_to)
        mail.addressees.append(guess)
    guess.address, guess.orig_to, guess.provisional, guess.placed = address, orig_to, False, False
    return guess


def _outcome(one: Addressee, line: Line, status: int, *, reply: str) -> None:
    one.dirty = True
    if (_FINAL[Status(status)], line.at) < (_FINAL[Status(one.status)], one.at):
        return
    one.status, one.at = status, line.at
    one.agent, one.dsn = field_of(line.data, "by", 32), field_of(line.data, "dsn", 12)
    one.relay = text.inert(field_of(line.data, "relay", 300))[:300]
    one.tls = text.inert(field_of(line.data, "tls", 60))
    one.reply = text.inert(reply)
    try:
        one.delay = min(float(field_of(line.data, "delay", 20)), 1e9)
    except ValueError:
        one.delay = None


def _all_known(mail: Mail) -> bool:
    """Has each recipient that was accepted been tried? One that was refused while the mail was handed in does
    not count among Postfix's ``nrcpt``."""
    tried = sum(not one.provisional and one.status != Status.REJECTED for one in mail.addressees)
    return mail.nrcpt is not None and tried >= mail.nrcpt


def settle(mail: Mail) -> None:
    """What follows from all lines together: an expired mail has failed, and guesses give way to what was
    tried."""
    real = [one for one in mail.addressees if not one.provisional]
    if mail.expired_at is not None:
        for one in real:
            if one.status == Status.DEFERRED:
                one.status, one.dirty = Status.FAILED, True
    if mail.removed_by == "requeue":
        mail.addressees = [one for one in real if _FINAL[Status(one.status)] == ENDED]
    elif mail.removed_by == "postsuper":
        for one in mail.addressees:
            if one.status in {Status.PROGRESS, Status.DEFERRED}:
                one.status, one.reply, one.dsn, one.dirty = Status.FAILED, BY_HAND, "", True
    elif mail.removed_at is not None or _all_known(mail):
        mail.addressees = real


def place(mail: Mail, owners: dict[str, Owner]) -> None:
    """Whose the mail and its addressees are. An address stays whose it was when the mail came: who adds the
    domain later does not get it."""

    def owner(address: str) -> Owner | None:
        found = owners.get(text.domain_of(address))
        return found if found is not None and found.since <= mail.at + 5 * SLACK else None

    for one in mail.addressees:
        if not one.placed:
            found, orig = owner(one.address), owner(one.orig_to)
            one.domain_id = found.domain_id if found else None
            one.orig_domain_id = orig.domain_id if orig else None
            one.placed = True
    sender = owner(mail.sender or "")
    if mail.sasl_user:
        signed_in = owner(mail.sasl_user)
        same = sender is not None and signed_in is not None and sender.account_id == signed_in.account_id
        source = sender if same and mail.service not in ON_BEHALF else signed_in
    else:
        source = sender if mail.service in OWN_SERVICES else None
    if source is not None and (mail.out_domain_id is None or mail.id == 0 or mail.shown):
        mail.out_domain_id = source.domain_id
