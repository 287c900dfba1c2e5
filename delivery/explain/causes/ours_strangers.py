"""What this server says to other servers because of what they are or how they talk. Pure."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from delivery.explain import links
from delivery.explain.kinds import REFUSED, Cause, Words

CAUSES = (
    Cause(
        "bare-newline",
        Words(
            _("Broken line ends: possibly an attack."),
            _(
                "The sending program ended lines in a forbidden way, with which one mail can be "
                "hidden inside another. Such mail is not taken."
            ),
            _("The sender’s provider has to mend its server."),
            "sender",
        ),
        on=REFUSED,
        says=("bare newline received", "bare <lf> received"),
    ),
    Cause(
        "talked-too-soon",
        Words(
            _("The other side did not wait its turn."),
            _(
                "It sent commands before it was asked, as programs of spammers do, or as an attack. "
                "Proper mail servers wait."
            ),
            "",
            "sender",
        ),
        on=REFUSED,
        says=(
            "improper use of smtp command pipelining",
            "protocol synchronization",
            "i can break rules, too",
        ),
    ),
    Cause(
        "sender-domain-unknown-here",
        Words(
            _("The sender’s domain does not exist."),
            _(
                "The domain after the @ of the sender is not in DNS, so nobody could answer, and it "
                "is probably made up."
            ),
            _("If you know the sender: tell them to mend their domain."),
            "sender",
        ),
        on=REFUSED,
        says=(
            "sender address rejected: domain not found",
            "sender address rejected: unverified",
            "sender address rejected: domain @ does not accept",
            "does not accept mail (nullmx)",
        ),
    ),
    Cause(
        "client-without-name",
        Words(
            _("The sending server has no name."),
            _(
                "The address of the server that wanted to hand this in has no proper name in DNS "
                "(reverse DNS), as every mail server must."
            ),
            _("The sender’s provider has to set its reverse DNS."),
            "sender",
        ),
        on=REFUSED,
        says=("cannot find your reverse hostname", "cannot find your hostname"),
    ),
    Cause(
        "helo-refused",
        Words(
            _("The sending server introduced itself wrongly."),
            _(
                "Mail servers greet each other with their names. This one gave a name that does not "
                "exist or cannot be right."
            ),
            _("The sender’s provider has to mend its server’s name."),
            "sender",
        ),
        on=REFUSED,
        says=("helo command rejected", "need fully-qualified hostname"),
    ),
    Cause(
        "blocklisted-sender",
        Words(
            _("The sender’s server is on a blocklist."),
            _("The server that wanted to hand this in is listed as a source of spam, so it was turned away."),
            _("If you know the sender: their provider has to get off the list."),
            "sender",
        ),
        on=REFUSED,
        says=("blocked using",),
        link=links.SPAMHAUS,
    ),
    Cause(
        "greylisted-here",
        Words(
            _("Asked to come back in a few minutes."),
            _(
                "The sender’s server was new here. Proper servers come back by themselves, most "
                "spammers do not (greylisting)."
            ),
            "",
            "nobody",
        ),
        on=REFUSED,
        says=("greylist", "try again later (policy)"),
    ),
    Cause(
        "spam-refused",
        Words(
            _("Taken for spam. Never accepted."),
            _("The spam filter was sure enough to turn this mail away. The sender’s server was told."),
            _("If it was no spam: allow the sender in the spam settings."),
            "sender",
            "unblock-sender",
        ),
        on=REFUSED,
        says=("spam message rejected", "rejected as spam", "gtube pattern"),
    ),
    Cause(
        "virus-refused",
        Words(
            _("It carried harmful software."),
            _(
                "Something in this mail is known to harm computers. It was not accepted, and nothing "
                "of it reached the mailbox."
            ),
            "",
            "sender",
        ),
        on=REFUSED,
        says=("virus", "malware", "infected"),
    ),
    Cause(
        "starttls-required-here",
        Words(
            _("The other side did not encrypt."),
            _(
                "This server was told to take the mail over an encrypted connection only, and the "
                "other side did not start one."
            ),
            _("In a mail program: switch on encryption (SSL/TLS)."),
            "sender",
        ),
        on=REFUSED,
        says=("must issue a starttls command first", "encryption required"),
    ),
)
