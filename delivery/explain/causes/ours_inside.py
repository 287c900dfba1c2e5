"""What goes wrong inside this server after a mail was taken: Dovecot's LMTP and Postfix's own queue. Pure."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from delivery.explain.kinds import TRIED, WAITING, Cause, Words

CAUSES = (
    Cause(
        "mailbox-full-inside",
        Words(
            _("The mailbox is full."),
            _("There is no room left in this mailbox."),
            _("Delete mail, or raise the quota."),
            "recipient",
            "raise-quota",
        ),
        on=TRIED,
        at="dovecot",
        says=("quota exceeded", "mailbox is full"),
        sent=Words(
            _("The recipient’s mailbox is full."),
            _("There is no room left in the mailbox that this was written to."),
            _("Write again when there is room, or tell them another way."),
            "recipient",
        ),
    ),
    Cause(
        "mailbox-store-away",
        Words(
            _("The mailboxes were not within reach."),
            _(
                "The part of this server that keeps the mailboxes did not answer. The mail waits and "
                "goes in when it is back."
            ),
            _("If it goes on for more than some minutes: tell support."),
            "ours",
            "retry-now",
        ),
        at="postfix",
        on=TRIED,
        says=(
            "private/dovecot-lmtp]: connection refused",
            "private/dovecot-lmtp]: no such file",
            "private/dovecot-lmtp]: connection timed out",
            "[private/dovecot-lmtp] while",
        ),
    ),
    Cause(
        "mailbox-gone",
        Words(
            _("The mailbox was removed meanwhile."),
            _("The mail was on its way when its mailbox was removed from this server."),
            _("Make the mailbox again if mail should arrive there."),
            "recipient",
            "create-mailbox",
        ),
        on=TRIED,
        at="dovecot",
        says=("user doesn't exist: @",),
    ),
    Cause(
        "mailbox-trouble",
        Words(
            _("The mailbox could not be written to."),
            _("This server could not put the mail into the mailbox just now. It is kept and tried again."),
            _("If it goes on: tell support."),
            "ours",
            "retry-now",
        ),
        on=TRIED,
        at="dovecot",
        says=(
            "temporary internal failure",
            "temporary internal error",
            "temporary user lookup failure",
            "failed to initialize user",
        ),
    ),
    Cause(
        "mx-points-here",
        Words(
            _("The MX records lead here, and this server does not serve the domain."),
            _("DNS says that this very server receives the domain’s mail, and nobody here has set that up."),
            _("Set email routing of the domain to local, or mend its MX records."),
            "recipient",
            "open-routing",
        ),
        at="postfix",
        on=TRIED,
        says=("name this server first, which is not set up",),
    ),
    Cause(
        "no-local-delivery",
        Words(
            _("There are no mailboxes under this server’s own name."),
            _("The mail was addressed to the name of the server itself, not to a domain."),
            _("Write to an address of the domain."),
            "sender",
            "fix-address",
        ),
        at="postfix",
        on=TRIED,
        says=("no local delivery",),
    ),
    Cause(
        "expansion-too-large",
        Words(
            _("The address leads to too many others."),
            _("Aliases and lists behind this address lead to more recipients than one mail may have."),
            _("Make the list smaller, or split it."),
            "recipient",
            "open-forwarder",
        ),
        at="postfix",
        on=TRIED,
        says=("alias expansion error", "map expansion size"),
    ),
    Cause(
        "queue-trouble",
        Words(
            _("This server’s queue had trouble."),
            _("A part of this mail service did not work for a moment. The mail is kept and tried again."),
            _("If it goes on: tell support."),
            "ours",
            "retry-now",
        ),
        at="postfix",
        on=WAITING,
        says=(
            "mail transport unavailable",
            "deferred transport",
            "unknown mail transport error",
            "queue file write error",
            "tls engine is unavailable",
            "client tls configuration problem",
        ),
    ),
)
