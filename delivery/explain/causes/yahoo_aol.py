"""Yahoo and AOL, whose servers are the same. Texts: senders.yahooinc.com/smtp-error-codes and lines seen in
logs. Pure."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from delivery.explain import links
from delivery.explain.kinds import TRIED, Cause, Words

CAUSES = (
    Cause(
        "yahoo-complaints",
        Words(
            _("Yahoo slows us down."),
            _(
                "More mail than usual came to Yahoo or AOL from here, or people there called some of "
                "it spam. It takes less for some hours."
            ),
            _("Send newsletters in small portions, and only to people who asked for them."),
            "ours",
        ),
        says=("temporarily deferred due to", "] messages from #", "temporarily deferred -"),
        link=links.YAHOO,
    ),
    Cause(
        "yahoo-shut-out",
        Words(
            _("Yahoo refuses this server for good."),
            _(
                "Yahoo and AOL take no mail from this server’s address because of spam. Their answer "
                "sounds temporary, but trying again does not help."
            ),
            _("The provider of this server has to write to Yahoo with the link below."),
            "ours",
            "ask-delisting",
        ),
        says=("permanently deferred", "retrying will not succeed"),
        link=links.YAHOO,
    ),
    Cause(
        "yahoo-spamhaus",
        Words(
            _("Yahoo: this server is on Spamhaus’s blocklist."),
            _("Yahoo and AOL take no mail from servers on that list."),
            _("Have the server taken off the list."),
            "ours",
            "ask-delisting",
        ),
        says=("connections will not be accepted from", "[bl21]", "[bl23]"),
        link=links.SPAMHAUS,
    ),
    Cause(
        "yahoo-unproven",
        Words(
            _("Yahoo could not tell that it was you."),
            _(
                "SPF, DKIM or DMARC of the domain in the From line did not pass, and Yahoo takes "
                "nothing unproven from it."
            ),
            _("Set up SPF, DKIM and DMARC for the domain."),
            "sender",
            "sign-dkim",
        ),
        codes=("7.9",),
        at="yahoo",
        link=links.YAHOO,
    ),
    Cause(
        "yahoo-policy",
        Words(
            _("Yahoo refuses this mail by its rules."),
            _("Something in this mail, such as its links or its sender, is not taken by Yahoo."),
            _("Change the text and its links, and check SPF, DKIM and DMARC of the domain."),
            "theirs",
        ),
        says=("not accepted for policy reasons",),
        link=links.YAHOO,
    ),
    Cause(
        "yahoo-no-user",
        Words(
            _("There is no such address at Yahoo."),
            _("Yahoo or AOL does not know this address."),
            _("Check the address for a typing mistake."),
            "recipient",
            "fix-address",
        ),
        says=(
            "requested mail action aborted, mailbox not found",
            "dd this user doesn't have",
            "dd requested mail action aborted",
            "dd sorry, your message to",
        ),
        link=links.YAHOO,
    ),
    Cause(
        "yahoo-disabled",
        Words(
            _("This Yahoo mailbox is closed."),
            _("The address exists and was switched off, mostly because nobody used it."),
            _("Ask the person for another address."),
            "recipient",
            "fix-address",
        ),
        says=("this mailbox is disabled", "(554.30)"),
        link=links.YAHOO,
    ),
    Cause(
        "yahoo-recipient-busy",
        Words(
            _("This Yahoo mailbox gets too much mail just now."),
            _("The recipient receives more mail than Yahoo allows in a short time."),
            "",
            "recipient",
        ),
        says=("user is receiving mail too quickly", "recipient is receiving mail"),
        at="yahoo",
        on=TRIED,
        link=links.YAHOO,
    ),
    Cause(
        "yahoo-resources",
        Words(
            _("Yahoo’s server is busy."), _("It had no room for another connection just now."), "", "theirs"
        ),
        says=(
            "resources temporarily unavailable",
            "resources temporarily not available",
            "internal error processing",
        ),
        at="yahoo",
        link=links.YAHOO,
    ),
)
