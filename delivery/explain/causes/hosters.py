"""The servers and filters that hosters use. Pure."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from delivery.explain.kinds import Cause, Words

DELIST = _("The provider of this server has to write to them with the link below.")
REWRITE = _("Change the text and its links.")
CAUSES = (
    Cause(
        "rackspace-new-server",
        Words(
            _("Rackspace wants to get to know this server."),
            _("It takes little mail from a server that it has not seen before, and more over time."),
            _("Send less for some days."),
            "ours",
        ),
        says=("new or untrusted ip",),
    ),
    Cause(
        "godaddy-name",
        Words(
            _("GoDaddy: this server has no proper name."),
            _("The name of this server’s address in DNS (reverse DNS) is missing or does not fit."),
            _("Tell support: the provider of this server has to set its reverse DNS."),
            "ours",
        ),
        says=("temporarily rejected. reverse dns",),
    ),
    Cause(
        "godaddy-blocked",
        Words(
            _("GoDaddy has blocked this server."),
            _(
                "GoDaddy’s mail service takes no mail from this server’s address because of spam or "
                "a blocklist."
            ),
            _("The provider of this server has to ask GoDaddy for delisting."),
            "ours",
            "ask-delisting",
        ),
        says=(". ib103", ". ib104", ". ib105", ". ib106", ". ib2", "rbl reject", "bizsmtp imp"),
    ),
    Cause(
        "zoho-refused",
        Words(
            _("Zoho’s customer refused it."),
            _(
                "The company keeps its mail at Zoho, which refused this mail by the company’s rules "
                "or as spam."
            ),
            _("Ask the recipient to allow the sender."),
            "recipient",
        ),
        says=("mail rejected by destination domain",),
    ),
    Cause(
        "qq-refused",
        Words(
            _("QQ refuses this mail."),
            _("The filter of QQ Mail did not like its text or this server."),
            REWRITE,
            "theirs",
        ),
        says=("service.mail.qq.com", "mail content denied"),
    ),
    Cause(
        "exim-junk",
        Words(
            _("Their filter took it for spam."),
            _("The recipient’s hoster scored this mail as spam."),
            REWRITE,
            "theirs",
        ),
        says=(
            "junkmail rejected",
            "high spam score",
            "high probability of spam",
            "scored as spam",
            "spam points",
        ),
    ),
    Cause(
        "exim-sender-check",
        Words(
            _("They asked back, and the sender’s address did not answer."),
            _(
                "Their server checks whether the sender’s address takes mail before it accepts "
                "anything. That check failed."
            ),
            _("Make sure that the sender’s address exists and receives mail."),
            "sender",
            "create-mailbox",
        ),
        says=(
            "sender verify failed",
            "verification failed for @",
            "sender callout",
            "could not complete sender verify",
        ),
    ),
    Cause(
        "cpanel-too-many-failures",
        Words(
            _("Their hoster stopped the domain’s mail for an hour."),
            _(
                "Too much mail of that domain failed in one hour, so its hoster (cPanel) throws more "
                "away or lets it wait."
            ),
            "",
            "theirs",
        ),
        says=("max defers and failures per hour", "max emails per hour"),
    ),
)
