"""What this server says to everybody, its own people and strangers, about form and pace; LATE: what says
little, of its own troubles and rules. Pure."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from delivery.explain.kinds import REFUSED, Cause, Words

LIMIT = _("More was to be sent in an hour or a day than is allowed. The answer below says when it goes on.")
CAUSES = (
    Cause(
        "address-incomplete",
        Words(
            _("The address is not complete."),
            _("A sender or recipient has no proper domain after the @."),
            _("Check the addresses for typing mistakes."),
            "sender",
            "fix-address",
        ),
        on=REFUSED,
        says=("need fully-qualified address",),
    ),
    Cause(
        "address-malformed",
        Words(
            _("The address cannot be read."),
            _("A sender or recipient is not written as an address must be."),
            _("Check the addresses for typing mistakes."),
            "sender",
            "fix-address",
        ),
        on=REFUSED,
        says=(
            "bad sender address syntax",
            "bad recipient address syntax",
            "syntax: mail from",
            "syntax: rcpt to",
        ),
    ),
    Cause(
        "too-big-here",
        Words(
            _("The mail is too big."),
            _("It is larger than this server takes. Attachments grow by a third on their way."),
            _("Send a link instead of the attachment."),
            "sender",
        ),
        on=REFUSED,
        says=("message size exceeds", "message file too big", "exceeds message size limit"),
    ),
    Cause(
        "too-many-recipients-here",
        Words(
            _("Too many recipients at once."),
            _(
                "The mail names more recipients than this server takes in one go. A proper mail "
                "server hands in the others with the next go."
            ),
            _("In a mail program: send it to fewer people at a time."),
            "sender",
        ),
        on=REFUSED,
        says=("error: too many recipients",),
    ),
    Cause(
        "smtputf8-not-announced",
        Words(
            _("An address with letters beyond ASCII."),
            _(
                "The other side used letters such as ü in an address without announcing it, so it "
                "cannot be passed on."
            ),
            _("Use an address without such letters."),
            "sender",
        ),
        on=REFUSED,
        says=("must declare smtputf8",),
    ),
    Cause(
        "too-fast-here",
        Words(
            _("Too much at once from one place."),
            _(
                "One server connected, signed in or sent more often than this server allows in a "
                "minute. It may go on shortly."
            ),
            "",
            "sender",
        ),
        on=REFUSED,
        says=(
            "too many connections",
            "too much mail",
            "too many new tls sessions",
            "too many auth commands",
            "too many errors",
            "too many recipients from",
        ),
    ),
    Cause(
        "two-recipients-of-a-notice",
        Words(
            _("A notice to many people is no notice."),
            _(
                "Mail without a sender is a notice of a mail server and goes to one person. This one "
                "named several, as spam does."
            ),
            "",
            "sender",
        ),
        on=REFUSED,
        says=("multi-recipient bounce",),
    ),
)
LATE = (
    Cause(
        "filter-away",
        Words(
            _("The filter was away for a moment."),
            _(
                "A part of this mail service that has to look at the mail did not answer. Nothing is "
                "lost: who wanted to hand it in keeps it."
            ),
            _("In a mail program: send it again in a minute."),
            "ours",
        ),
        on=REFUSED,
        says=("service unavailable - try again later", "milter"),
    ),
    Cause(
        "our-trouble",
        Words(
            _("This server had trouble of its own."),
            _(
                "Something in this mail service did not work for a moment. Nothing is lost: who "
                "wanted to hand it in keeps it."
            ),
            _("If it goes on for more than some minutes: tell support."),
            "ours",
        ),
        on=REFUSED,
        says=(
            "temporary lookup error",
            "server configuration",
            "queue file write error",
            "server local error",
            "temporary internal error",
            "mail system error",
            "service unavailable",
        ),
    ),
    Cause(
        "recipient-refused-by-rule",
        Words(_("Turned away by a rule."), _("A rule of this server does not take this mail."), "", "ours"),
        on=REFUSED,
        says=(
            "recipient address rejected: access denied",
            "client host rejected: access denied",
            "sasl login name rejected",
            "command rejected",
            "access denied",
            "policy",
        ),
    ),
)
