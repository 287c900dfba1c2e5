"""GMX, WEB.DE, mail.com and IONOS (1&1), one company. Texts: postmaster.gmx.net/en/error-messages and lines
seen in logs. Pure."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from delivery.explain import links
from delivery.explain.kinds import Cause, Words

CAUSES = (
    Cause(
        "gmx-name",
        Words(
            _("GMX, WEB.DE or IONOS: this server has no proper name."),
            _(
                "The name of this server’s address in DNS (reverse DNS) is missing or looks like "
                "that of a home connection."
            ),
            _("Tell support: the provider of this server has to set its reverse DNS."),
            "ours",
        ),
        says=("bad dns ptr resource record",),
        link=links.GMX,
    ),
    Cause(
        "gmx-spf",
        Words(
            _("GMX, WEB.DE or IONOS: this server is not in the domain’s SPF record."),
            _("The domain’s SPF record lists who may send for it, and this server is not on that list."),
            _("Add this server to the SPF record."),
            "sender",
            "add-spf",
        ),
        says=("reject due to spf policy",),
        link=links.GMX,
    ),
    Cause(
        "gmx-dmarc",
        Words(
            _("GMX, WEB.DE or IONOS: the domain’s own rule forbids this mail."),
            _(
                "The domain in the From line says in DNS (DMARC) that unproven mail in its name is "
                "to be refused, and neither SPF nor DKIM proved this one."
            ),
            _("Have the domain’s mail signed with DKIM."),
            "sender",
            "sign-dkim",
        ),
        says=("reject due to dmarc policy",),
        link=links.GMX,
    ),
    Cause(
        "gmx-blocklist",
        Words(
            _("GMX, WEB.DE or IONOS has blocked this server."),
            _("Their own blocklist holds this server’s address. It says nothing about this one mail."),
            _(
                "The provider of this server has to ask for delisting with the link below; it mostly "
                "takes a day."
            ),
            "ours",
            "ask-delisting",
        ),
        says=("ip address is block listed", "ip address is black listed", "ip address is blacklisted"),
        link=links.GMX,
    ),
    Cause(
        "gmx-header",
        Words(
            _("GMX, WEB.DE or IONOS: the mail is not written as it should be."),
            _("A header is missing, there twice or not readable. Mostly a website’s program is at fault."),
            _("Have whoever wrote the program that sends it mend it."),
            "sender",
        ),
        says=("reject due to header format", "header section violates", "format violation"),
        link=links.GMX,
    ),
    Cause(
        "gmx-policy",
        Words(
            _("GMX, WEB.DE or IONOS refuses it by its rules."),
            _("Their filter took this mail, or what came from this server before, for spam."),
            _("Change the text and its links; if other mail is refused too, ask them with the link below."),
            "theirs",
        ),
        says=(
            "reject due to policy restrictions",
            "reject due to policy violations",
            "reject due to policy reasons",
        ),
        link=links.GMX,
    ),
    Cause(
        "gmx-rate",
        Words(
            _("GMX, WEB.DE or IONOS slows us down."),
            _("Too much mail came from this server in a short time."),
            _("Send newsletters in small portions."),
            "ours",
        ),
        says=("rate limit reached",),
        link=links.GMX,
    ),
    Cause(
        "gmx-away",
        Words(
            _("GMX, WEB.DE or IONOS takes nothing just now."),
            _("Their server closed the connection at once, because it is busy or mistrusts this server."),
            "",
            "theirs",
        ),
        says=("nemesis esmtp",),
        link=links.GMX,
    ),
)
