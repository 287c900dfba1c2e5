"""Gmail about the recipient and the size of a mail (gmail.py: about the sender). Pure."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from delivery.explain import links
from delivery.explain.kinds import Cause, Words

RATE = _("Gmail slows us down.")
CAUSES = (
    Cause(
        "gmail-recipient-too-busy",
        Words(
            _("This Gmail mailbox gets too much mail just now."),
            _("The recipient receives more mail than Gmail allows in a short time."),
            "",
            "recipient",
        ),
        says=(
            "receiving email too quickly",
            "receiving mail too quickly",
            "receiving email at a rate",
            "receiving mail at a rate",
            "receivingrate",
        ),
        at="google",
        link=links.GOOGLE_ERRORS,
    ),
    Cause(
        "gmail-inactive",
        Words(
            _("This Gmail mailbox is full and no longer used."),
            _("The recipient’s Google storage is full and nobody has used the account for long."),
            _("Ask the person for another address."),
            "recipient",
            "fix-address",
        ),
        says=("out of storage space and inactive", "overquotaperm"),
        link=links.GOOGLE_FULL,
    ),
    Cause(
        "gmail-full",
        Words(
            _("This Gmail mailbox is full."),
            _("The recipient’s Google storage is full."),
            _("Tell them another way; they have to delete something or buy space."),
            "recipient",
        ),
        says=("out of storage space", "account that you tried to reach is over quota", "overquotatemp"),
        link=links.GOOGLE_FULL,
    ),
    Cause(
        "gmail-no-such-user",
        Words(
            _("There is no such address at Gmail."),
            _("Gmail, or the company that keeps its mail there, does not know this address."),
            _("Check the address for a typing mistake."),
            "recipient",
            "fix-address",
        ),
        says=("nosuchuser", "email account that you tried to reach does not exist"),
        link=links.GOOGLE_ERRORS,
    ),
    Cause(
        "gmail-disabled",
        Words(
            _("This Gmail account is disabled."),
            _("The account exists and was switched off, by Google or by its owner’s company."),
            _("Ask the person for another address."),
            "recipient",
            "fix-address",
        ),
        says=(
            "account that you tried to reach is disabled",
            "account that you tried to reach is inactive",
            "disableduser",
        ),
        link=links.GOOGLE_ERRORS,
    ),
    Cause(
        "gmail-too-big",
        Words(
            _("It is too big for Gmail."),
            _("Gmail takes mails of up to 50 MB, with attachments as they travel (a third larger)."),
            _("Send a link instead of the attachment."),
            "sender",
        ),
        says=("google's message size limits", "google's message size limit", "exceeds google's"),
        link=links.GOOGLE_ERRORS,
    ),
    Cause(
        "gmail-customer-rule",
        Words(
            _("A rule of the recipient’s company refused it."),
            _("The company keeps its mail at Google and made a rule that this mail falls under."),
            _("Ask the recipient to have the rule changed."),
            "recipient",
        ),
        says=("- gcdp", "violates @ email policy", "email policy. - gcdp"),
        at="google",
        link=links.GOOGLE_ERRORS,
    ),
    Cause(
        "gmail-not-direct",
        Words(
            _("Gmail takes no mail from this address."),
            _(
                "Gmail believes that this server’s address belongs to a home connection or a cloud "
                "that may not send mail."
            ),
            _("Tell support."),
            "ours",
            "ask-delisting",
        ),
        says=("not authorized to send email directly to our servers",),
        link=links.GOOGLE_ERRORS,
    ),
    Cause(
        "gmail-try-later",
        Words(
            _("Gmail asks to try later."),
            _("Gmail was busy or wanted to look at this server first."),
            "",
            "theirs",
        ),
        says=(
            "try again later, closing connection",
            "temporary system problem",
            "server busy",
            "connection expired",
        ),
        at="google",
        link=links.GOOGLE_ERRORS,
    ),
)
