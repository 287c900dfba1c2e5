"""Blocklists and spam filters that many servers use. Texts as these products write them. Pure."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from delivery.explain import links
from delivery.explain.kinds import Cause, Words

DELIST = _("Find out why with the link below, mend that, then have the server taken off the list.")
ADMIN = _("Ask the recipient to have their mail administrator allow the sender.")
CAUSES = (
    Cause(
        "proofpoint-blocked",
        Words(
            _("Proofpoint has blocked this server."),
            _(
                "Proofpoint filters mail for Apple and many companies, and mistrusts this server’s "
                "address at the moment."
            ),
            DELIST,
            "ours",
            "ask-delisting",
        ),
        says=("ipcheck.proofpoint.com", "support.proofpoint.com", "blocked by pdr", "dnsbl-lookup.cgi"),
        link=links.PROOFPOINT,
    ),
    Cause(
        "proofpoint-policy",
        Words(
            _("A rule of the recipient’s company refused it."),
            _("The company filters with Proofpoint and made a rule that this mail falls under."),
            ADMIN,
            "recipient",
        ),
        says=("local policy violation", "email rejected per security policy"),
        link=links.PROOFPOINT,
    ),
    Cause(
        "mimecast-spoof",
        Words(
            _("Mimecast: it looks as if it came from inside the company."),
            _(
                "The mail names the recipient’s own company as sender and came from elsewhere, which "
                "the company does not allow."
            ),
            ADMIN,
            "recipient",
        ),
        says=("anti-spoofing policy",),
        link=links.MIMECAST,
    ),
    Cause(
        "mimecast-later",
        Words(
            _("Mimecast asks to come back later."),
            _(
                "The company filters with Mimecast, which asks servers it does not know to come back "
                "in some minutes (greylisting)."
            ),
            "",
            "nobody",
        ),
        says=("internal resource temporarily unavailable", "internal resources are temporarily unavailable"),
        link=links.MIMECAST,
    ),
    Cause(
        "mimecast-blocked",
        Words(
            _("Mimecast refused it."),
            _(
                "The company filters with Mimecast, which blocked the sender, the server or "
                "something in the mail."
            ),
            ADMIN,
            "recipient",
        ),
        says=("mimecast", "administrative prohibition", "envelope blocked", "rejected by header based"),
        link=links.MIMECAST,
    ),
    Cause(
        "symantec",
        Words(
            _("Symantec’s filter refused it."),
            _(
                "The recipient’s company filters with Symantec (MessageLabs), which mistrusts this "
                "server or this mail."
            ),
            DELIST,
            "theirs",
            "ask-delisting",
        ),
        says=("messagelabs", "symantec", "symanteccloud", "brightmail"),
        link=links.SYMANTEC,
    ),
    Cause(
        "fortimail",
        Words(
            _("Fortinet’s filter refused it."),
            _(
                "The recipient’s company filters with Fortinet, which took this mail or a link in it "
                "for spam."
            ),
            ADMIN,
            "theirs",
        ),
        says=("fortiguard", "fortimail", "fortinet"),
    ),
    Cause(
        "rspamd-spam",
        Words(
            _("Their filter took it for spam."),
            _("The recipient’s server scored this mail as spam (rspamd)."),
            _("Change the text and its links, and check SPF, DKIM and DMARC of the domain."),
            "theirs",
        ),
        says=("spam message rejected", "gtube pattern", "reject by rspamd"),
    ),
    Cause(
        "spamassassin-spam",
        Words(
            _("Their filter took it for spam."),
            _("The recipient’s server scored this mail as spam (SpamAssassin)."),
            _("Change the text and its links, and check SPF, DKIM and DMARC of the domain."),
            "theirs",
        ),
        says=("spamassassin", "blocked by spam", "message scored", "spam score"),
    ),
    Cause(
        "hornetsecurity",
        Words(
            _("Hornetsecurity’s filter refused it."),
            _("The recipient’s company filters with Hornetsecurity, which took this mail for spam."),
            ADMIN,
            "theirs",
        ),
        says=("antispameurope", "hornetsecurity"),
    ),
)
