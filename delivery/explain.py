"""What became of a message, in plain words: the first rule whose pattern fits the answer. Pure.

Sources: RFC 3463 (enhanced status codes), RFC 5321 §4.2, and answers seen on our own servers and the large
ones.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from delivery.statuses import Status

Text = str | Promise


@dataclass(frozen=True, slots=True)
class Outcome:
    """``why``: a short line for the list. ``what``: a sentence or two for the message's own page. ``todo``:
    the one thing to do, or empty."""

    why: Text
    what: Text
    todo: Text = ""


@dataclass(frozen=True, slots=True)
class Rule:
    statuses: frozenset[int]
    pattern: re.Pattern[str]
    outcome: Outcome


def _rule(statuses: set[int], pattern: str, why: Text, what: Text, todo: Text = "") -> Rule:
    return Rule(frozenset(statuses), re.compile(pattern, re.IGNORECASE), Outcome(why, what, todo))


D, F, R = Status.DEFERRED, Status.FAILED, Status.REJECTED
RULES = [
    _rule(
        {R},
        r"user unknown in virtual mailbox table|recipient address rejected: user unknown",
        _l("There is no such address here."),
        _l(
            "Somebody wrote to an address that does not exist in this domain, so it was turned away at "
            "the door."
        ),
        _l("If mail should arrive there, make the mailbox."),
    ),
    _rule(
        {R},
        r"relay access denied",
        _l("Not a domain of ours; sender not signed in."),
        _l(
            "Somebody tried to send through this server to another provider without signing in. That "
            "is never allowed."
        ),
        _l(
            "If it was your own program: switch on authentication for outgoing mail, with the full "
            "address as user name."
        ),
    ),
    _rule(
        {R},
        r"not owned by user",
        _l("Signed in as somebody else."),
        _l("The mail program signed in with one address and tried to send as another."),
        _l("Set the sender in the mail program to the address that it signs in with."),
    ),
    _rule(
        {R},
        r"sender address rejected: not logged in",
        _l("Sender not signed in."),
        _l("Somebody used an address of ours as sender without signing in."),
        _l("If it was your own program: switch on authentication for outgoing mail."),
    ),
    _rule(
        {R},
        r"temporarily disabled|4\.2\.1",
        _l("Receiving is switched off for this mailbox."),
        _l(
            "The mailbox takes no mail at the moment. The sender’s server keeps the mail and tries "
            "again for some days."
        ),
        _l("Resume the mailbox to let it in."),
    ),
    _rule(
        {R},
        r"sending limit for .* for the mailbox;",
        _l("The mailbox’s own sending limit was reached."),
        _l("More was sent in an hour or a day than is allowed. The answer below says when it goes on."),
        _l(
            "The mail program keeps the mail: "
            "send it later, or raise the limit on the mailbox’s page “Sending”."
        ),
    ),
    _rule(
        {R},
        r"sending limit for .* for the domain;",
        _l("The domain’s sending limit was reached."),
        _l("More was sent in an hour or a day than is allowed. The answer below says when it goes on."),
        _l(
            "The mail program keeps the mail: "
            "send it later, or raise the limit on the domain’s page “Sending limits”."
        ),
    ),
    _rule(
        {R},
        r"sending limit for .* for the account;",
        _l("A sending limit was reached: that of the whole account."),
        _l("More was sent in an hour or a day than is allowed. The answer below says when it goes on."),
        _l("The mail program keeps the mail: send it later. Who sold you the plan can raise it."),
    ),
    _rule(
        {R},
        r"may not send as|of this mail (cannot be read|names no address)|more than one From|too many From",
        _l("Signed in as somebody else."),
        _l("The mail named an author whom the login may not write as."),
        _l("Set the sender in the mail program to an address of this mailbox, or allow the address there."),
    ),
    _rule(
        {R},
        r"blocked using|blocklist|blacklist|spamhaus|client host .* blocked",
        _l("The sender’s server is on a blocklist."),
        _l("The server that wanted to hand this in is listed as a source of spam, so it was turned away."),
    ),
    _rule(
        {R},
        r"spam",
        _l("Taken for spam. Never accepted."),
        _l("The spam filter was sure enough to turn this mail away. The sender’s server was told."),
    ),
    _rule(
        {R},
        r"rate|too many|limit",
        _l("A sending limit was reached."),
        _l("More mail came at once than is allowed."),
        _l("Wait, and send fewer at a time."),
    ),
    _rule(
        {R},
        r"domain not found|need fully-qualified|invalid|malformed",
        _l("The address cannot be right."),
        _l("The sender or recipient address is not complete, or its domain does not exist."),
    ),
    _rule(
        {R},
        r"access denied",
        _l("Turned away by a rule."),
        _l("A rule of this server does not allow this sender."),
    ),
    _rule(
        {R},
        r"greylist|graylist|grey-list|postgrey",
        _l("Asked to come back later."),
        _l(
            "The sender’s server was new here and was asked to come back in a few minutes (greylisting). "
            "It tries again by itself."
        ),
    ),
    _rule(
        {D, F},
        r"greylist|graylist|grey-list|postgrey",
        _l("Their server said “not now”."),
        _l(
            "Servers that see a sender for the first time often ask to come back later (greylisting). "
            "It is tried again by itself."
        ),
    ),
    _rule(
        {D},
        r"connection refused",
        _l("Their server takes no connection."),
        _l("The receiving server is off or closed at the moment. We try again by ourselves."),
    ),
    _rule(
        {D},
        r"timed out|lost connection|conversation with",
        _l("Their server does not answer."),
        _l("The connection to the receiving server broke or took too long. We try again by ourselves."),
    ),
    _rule(
        {D},
        (
            r"(name service error|host or domain name not found|host not found).*try again|type=(mx|a"
            r"|aaaa): host not found, try again"
        ),
        _l("Their domain cannot be looked up now."),
        _l("The DNS servers of the recipient’s domain do not answer. We try again by ourselves."),
    ),
    _rule(
        {D, F, R},
        r"quota|mailbox (is )?full|over ?quota|insufficient (system )?storage|[45]\.2\.2",
        _l("The mailbox is full."),
        _l("The recipient’s mailbox has no room left."),
        _l("The recipient must delete mail, or its quota must be raised."),
    ),
    _rule(
        {D, F},
        r"unusual rate|too many|rate limit|throttl|4\.7\.28",
        _l("Their server wants fewer mails at a time."),
        _l("The receiving server slows us down because many mails came at once."),
    ),
    _rule(
        {F},
        (
            r"5\.1\.1|user unknown|no such user|does not exist|unknown user|recipient (address )?rejected"
            r"|mailbox unavailable|5\.1\.10"
        ),
        _l("There is no such address there."),
        _l("The receiving server says that this address does not exist."),
        _l("Check the address for a typing mistake."),
    ),
    _rule(
        {F, D},
        r"host or domain name not found|5\.4\.4|domain .* not found|nullmx|5\.1\.10|does not accept mail",
        _l("That domain takes no mail."),
        _l("The domain after the @ does not exist, or has no mail server."),
        _l("Check the domain for a typing mistake."),
    ),
    _rule(
        {F, D},
        r"5\.7\.26|unauthenticated|spf|dkim|dmarc",
        _l("They could not tell that it was you."),
        _l("The receiving server found the mail’s SPF or DKIM proof missing or wrong."),
        _l("Check the SPF and DKIM records of your domain."),
    ),
    _rule(
        {F, D},
        r"spam|blocked|blocklist|blacklist|reputation|policy|5\.7\.\d",
        _l("Their server refuses it by its own rules."),
        _l("The receiving server took this mail, or this server, for unwanted. Its answer below says why."),
    ),
    _rule(
        {F, D},
        r"message (size|too big|too large)|5\.3\.4|size limit",
        _l("It is too big for their server."),
        _l("The mail is larger than the receiving server takes."),
        _l("Send a link instead of the attachment."),
    ),
    _rule(
        {F, D},
        r"loop|too many hops|5\.4\.6",
        _l("It goes round in circles."),
        _l("Two forwarders send the mail to each other."),
        _l("Remove one of the forwarders."),
    ),
    _rule(
        {F, D},
        r"tls|starttls|certificate",
        _l("No encrypted connection was possible."),
        _l("The receiving server’s encryption did not work."),
    ),
    _rule(
        {R},
        r"^4",
        _l("Asked to come back later."),
        _l("The sender’s server was asked to try again later. It keeps the mail until then."),
    ),
]
LOCAL = re.compile(r"dovecot|\Avirtual\Z|\Alocal\Z")


def cause_of(status: int, dsn: str, reply: str) -> str:
    answer = f"{dsn} {reply}" if dsn and not reply.startswith(dsn) else reply
    for number, rule in enumerate(RULES):
        if status in rule.statuses and rule.pattern.search(answer):
            return f"rule-{number}"
    return ""


def is_local(one: Any) -> bool:
    """Delivered, or to be delivered, into a mailbox of this server."""
    return one.agent == "lmtp" or bool(LOCAL.search(one.server))


def explain(entry: Any) -> Outcome:
    one = entry
    if entry.status == Status.DELIVERED:
        return _delivered(one)
    if entry.status == Status.PROGRESS:
        return Outcome(_("On its way."), _("The server has this mail and is working on it."))
    answer = f"{one.dsn} {one.reply}" if one.dsn and not one.reply.startswith(one.dsn) else one.reply
    for rule in RULES:
        if entry.status in rule.statuses and rule.pattern.search(answer):
            return rule.outcome
    return _unknown(entry.status)


def _delivered(one: Any) -> Outcome:
    took = _took(one.delay)
    if is_local(one):
        return Outcome(
            _("In the mailbox%(took)s.") % {"took": took}, _("It was put into the mailbox on this server.")
        )
    return Outcome(
        _("Accepted by their server%(took)s.") % {"took": took},
        _(
            "The receiving server took it and is answerable for it now. What it does with the mail, "
            "such as putting it into a spam folder, cannot be seen from here."
        ),
    )


def _took(seconds: float | None) -> str:
    if seconds is None:
        return ""
    if seconds < 0.1:
        return _(", at once")
    return _(", after %(n)s s") % {"n": f"{seconds:.1f}" if seconds < 10 else f"{seconds:.0f}"}


def _unknown(status: int) -> Outcome:
    if status == Status.DEFERRED:
        return Outcome(
            _("Not yet; tried again by itself."),
            _(
                "Not delivered yet, and not lost: it is tried again by itself. The answer below says "
                "what was in the way."
            ),
        )
    if status == Status.FAILED:
        return Outcome(
            _("Not delivered. The sender was told."),
            _("It could not be delivered. The answer below says why."),
        )
    return Outcome(_("Never accepted."), _("The server did not take this mail. The answer below says why."))
