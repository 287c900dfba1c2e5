"""What this server says to its own people who hand in mail. Each text of deploy/postfix/stopped.cf,
nodeagent/policy, nodeagent/senders and deploy/rspamd is here. Pure."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from delivery.explain.kinds import REFUSED, Cause, Words

LIMIT = _("More was to be sent in an hour or a day than is allowed. The answer below says when it goes on.")
CAUSES = (
    Cause(
        "limit-one-mail",
        Words(
            _("Too many recipients in one mail."),
            _(
                "This one mail has more recipients than may be written to in an hour or a day, so it "
                "can never pass as it is."
            ),
            _("Send it to fewer people at a time, or raise the limit."),
            "sender",
            "raise-limit",
        ),
        on=REFUSED,
        says=("so send it to fewer at a time",),
    ),
    Cause(
        "limit-website",
        Words(
            _("The website sender’s limit was reached."),
            LIMIT,
            _("See whether the website sends more than it should; then raise the limit of its sender."),
            "sender",
            "raise-limit",
        ),
        on=REFUSED,
        says=("for the website sender;",),
    ),
    Cause(
        "limit-mailbox",
        Words(
            _("The mailbox’s own sending limit was reached."),
            LIMIT,
            _(
                "The mail program keeps the mail: send it later, or raise the limit on the mailbox’s "
                "page “Sending”."
            ),
            "sender",
            "raise-limit",
        ),
        on=REFUSED,
        says=("for the mailbox;",),
    ),
    Cause(
        "limit-domain",
        Words(
            _("The domain’s sending limit was reached."),
            LIMIT,
            _(
                "The mail program keeps the mail: send it later, or raise the limit on the domain’s "
                "page “Sending limits”."
            ),
            "sender",
            "raise-limit",
        ),
        on=REFUSED,
        says=("for the domain;",),
    ),
    Cause(
        "limit-account",
        Words(
            _("A sending limit was reached: that of the whole account."),
            LIMIT,
            _("The mail program keeps the mail: send it later. Who sold you the plan can raise it."),
            "sender",
            "raise-limit",
        ),
        on=REFUSED,
        says=("for the account;",),
    ),
    Cause(
        "sending-suspended",
        Words(
            _("Sending is suspended."),
            _("Somebody who looks after this domain suspended sending. Signing in works, sending does not."),
            _("Resume sending, or ask who suspended it."),
            "sender",
            "resume",
        ),
        on=REFUSED,
        says=("rejected: sending is suspended",),
    ),
    Cause(
        "smtp-switched-off",
        Words(
            _("Sending by mail programs is switched off."),
            _("This mailbox may not send by a mail program (SMTP). Reading mail still works."),
            _("Switch SMTP on among the mailbox’s protocols."),
            "sender",
            "resume",
        ),
        on=REFUSED,
        says=("(smtp) is switched off for this mailbox",),
    ),
    Cause(
        "sending-on-hold",
        Words(
            _("Sending is on hold for this mailbox."),
            _("Sending was stopped, mostly because it looked as if somebody else was using the mailbox."),
            _("Change its password, then let sending go on."),
            "sender",
            "resume",
        ),
        on=REFUSED,
        says=("rejected: sending is on hold",),
    ),
    Cause(
        "sign-in-suspended",
        Words(
            _("This mailbox is suspended."),
            _("The mailbox was suspended while a mail program was still signed in, so it can send no more."),
            _("Resume the mailbox, or ask who suspended it."),
            "sender",
            "resume",
        ),
        on=REFUSED,
        says=("name rejected: this mailbox is suspended",),
    ),
    Cause(
        "password-changed",
        Words(
            _("The password of this session holds no longer."),
            _(
                "The password was changed while the mail program was signed in. It has to sign in "
                "again with the new one."
            ),
            _("Enter the new password in the mail program."),
            "sender",
        ),
        on=REFUSED,
        says=("the password of this session holds no longer",),
    ),
    Cause(
        "sender-not-owned",
        Words(
            _("Signed in as somebody else."),
            _(
                "The mail program signed in with one address and tried to send as another that is "
                "not its own."
            ),
            _(
                "Set the sender in the mail program to the address that it signs in with, or allow "
                "this one as an identity."
            ),
            "sender",
            "open-identities",
        ),
        on=REFUSED,
        says=("not owned by user",),
    ),
    Cause(
        "sender-not-signed-in",
        Words(
            _("Sender not signed in."),
            _("Somebody used an address of ours as sender without signing in."),
            _("If it was your own program: switch on authentication for outgoing mail."),
            "sender",
        ),
        on=REFUSED,
        says=("sender address rejected: not logged in",),
    ),
    Cause(
        "author-not-yours",
        Words(
            _("The author is not the one who signed in."),
            _(
                "The From line, which people read, named an address that this login may not write "
                "as. It was stopped so that nobody here can pretend to be somebody else."
            ),
            _(
                "Set the sender in the mail program to an address of this mailbox, or allow it as an "
                "identity."
            ),
            "sender",
            "open-identities",
        ),
        on=REFUSED,
        says=(" may not send as @ which is in the", "may not send as the address in it"),
    ),
    Cause(
        "author-twice",
        Words(
            _("The mail has more than one From."),
            _("A mail has exactly one From line. With several, programs would show different authors."),
            _("Have whoever wrote the program that sends it mend it."),
            "sender",
        ),
        on=REFUSED,
        says=("more than one from", "too many from headers"),
    ),
    Cause(
        "author-unclear",
        Words(
            _("The author cannot be read."),
            _(
                "The From line of this mail is written so that programs read it differently, or it "
                "names no address at all."
            ),
            _("Write the sender as: Name <address>."),
            "sender",
        ),
        on=REFUSED,
        says=("of this mail cannot be read", "of this mail names no address"),
    ),
    Cause(
        "author-not-checked",
        Words(
            _("The sender could not be checked just now."),
            _("A part of this mail service had no answer in time. The mail program keeps the mail."),
            _("Send it again in a minute."),
            "ours",
        ),
        on=REFUSED,
        says=("the sender cannot be checked at the moment",),
    ),
    Cause(
        "no-sender-given",
        Words(
            _("Sent without a sender."),
            _("Only mail servers send without a sender, for their notices. A mail program must name one."),
            _("Set the sender in the mail program."),
            "sender",
        ),
        on=REFUSED,
        says=("sender address rejected: access denied",),
        sent=None,
    ),
)
