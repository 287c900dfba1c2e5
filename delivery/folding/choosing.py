"""Which of the mails with one queue id a line belongs to. Pure; lines come in any order. Seconds are Unix
seconds."""

from __future__ import annotations

from collections.abc import Iterable

from delivery.folding.mail import Mail
from delivery.wire import Line

SLACK = 2.0  # seconds by which lines of one moment may be out of order
BACK = 86_400.0  # seconds by which a clock may have been set back while a mail was on its way
UPLOAD = 60.0  # seconds that a mail usually takes to come in, at most
LIFETIME = 7 * 86_400.0  # longest stay in a queue (maximal_queue_lifetime is 5 days)


def choose(mails: Iterable[Mail], line: Line) -> Mail | None:
    """The one of a queue id's ``mails`` that a line belongs to; None: a new one begins."""
    best, rank = None, 0
    back, verdict = line.data.get("back") is True, line.kind == "verdict"
    for mail in sorted(mails, key=lambda mail: mail.at):
        if line.kind == "client":
            if back == mail.back and _begins(mail, line.at):
                return mail
            continue
        fit = 0 if verdict and mail.verdict else _fit(mail, line.at, back=back)
        if fit and fit >= rank:
            best, rank = mail, fit
    return best


def _begins(mail: Mail, at: float) -> bool:
    """May it be the mail that was handed in at this time?"""
    if mail.started_at is not None or mail.notice_of:
        return mail.started_at == at
    return abs(mail.at - at) <= _reach(mail) and at <= mail.at + SLACK


def _fit(mail: Mail, at: float, *, back: bool) -> int:
    """How well a line that does not begin a mail goes with this one: 3 in its time, 2 beside it by the SLACK
    of lines out of order, 1 by the order of lines alone, as the clock was set back in between; 0 not."""
    over = mail.removed_at is not None and (at > mail.removed_at + SLACK or back > mail.back)
    if at < mail.at - SLACK and (mail.started_at is not None or mail.at - at > _reach(mail)):
        return 1 if back and not over and mail.at - at <= BACK else 0
    if over or at - mail.last_at > LIFETIME:
        return 0
    return 3 if at >= mail.at and (mail.removed_at is None or at <= mail.removed_at) else 2


def _reach(mail: Mail) -> float:
    """How long before all that is known of it a mail may have begun. The spam filter's word alone, from
    another log, draws in no lines of an earlier mail with its queue id."""
    alone = mail.verdict and mail.sender is None and mail.subject is None and not mail.addressees
    return UPLOAD if alone and not mail.message_id else LIFETIME
