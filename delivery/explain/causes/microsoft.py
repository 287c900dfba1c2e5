"""Outlook.com, Hotmail, and companies at Microsoft 365. Texts: Microsoft's "Non-delivery reports in Exchange
Online", postmaster.live.com, and lines seen in logs. Pure."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from delivery.explain import links
from delivery.explain.kinds import Cause, Words

CAUSES = (
    Cause(
        "microsoft-blocklist",
        Words(
            _("Outlook.com has blocked this server."),
            _(
                "Microsoft’s own blocklist for Outlook.com and Hotmail holds this server’s address "
                "or its neighbours. It says nothing about this one mail."
            ),
            _("Ask Microsoft to take the server off the list; the provider of this server has to do it."),
            "ours",
            "ask-delisting",
        ),
        says=(
            "network is on our block list",
            "are being sent weren't sent",
            "weren't sent. please contact your internet service provider",
        ),
        link=links.MICROSOFT_SUPPORT,
    ),
    Cause(
        "microsoft-bulk-sender",
        Words(
            _("Outlook.com: SPF, DKIM or DMARC is not in order."),
            _(
                "Since 2025 Outlook.com refuses mail of domains that send much unless SPF and DKIM "
                "pass and a DMARC record fits. The answer below says which one failed."
            ),
            _("Set up SPF, DKIM and DMARC for the domain."),
            "sender",
            "set-dmarc",
        ),
        codes=("7.515",),
        link=links.MICROSOFT_BULK,
    ),
    Cause(
        "microsoft-dmarc",
        Words(
            _("Microsoft: the domain’s own rule forbids this mail."),
            _(
                "The domain in the From line says in DNS (DMARC) that unproven mail in its name is "
                "to be refused, and neither SPF nor DKIM proved this one."
            ),
            _("Have the domain’s mail signed with DKIM."),
            "sender",
            "sign-dkim",
        ),
        codes=("7.509",),
        link=links.MICROSOFT_ERRORS,
    ),
    Cause(
        "microsoft-spf",
        Words(
            _("Microsoft: this server is not in the domain’s SPF record."),
            _(
                "The company at Microsoft checks SPF, and the record of the sender’s domain does not "
                "name this server."
            ),
            _("Add this server to the SPF record."),
            "sender",
            "add-spf",
        ),
        codes=("7.23",),
        at="microsoft",
        link=links.MICROSOFT_ERRORS,
    ),
    Cause(
        "microsoft-ipv6-proof",
        Words(
            _("Microsoft: over IPv6 it wants SPF or DKIM."),
            _("Over the newer internet protocol (IPv6), Microsoft takes only mail that SPF or DKIM proves."),
            _("Set up SPF and DKIM for the domain."),
            "sender",
            "add-spf",
        ),
        says=("must pass either spf or dkim validation",),
        link=links.MICROSOFT_ERRORS,
    ),
    Cause(
        "microsoft-ipv6-name",
        Words(
            _("Microsoft: this server has no name in DNS."),
            _("Over IPv6, Microsoft takes mail only from servers whose address has a name (reverse DNS)."),
            _("Tell support: the provider of this server has to set its reverse DNS."),
            "ours",
        ),
        says=("sending ipv6 address",),
        codes=("7.25",),
        link=links.MICROSOFT_ERRORS,
    ),
    Cause(
        "microsoft-own-list",
        Words(
            _("The recipient’s company has blocked this server."),
            _("Somebody at the company put this server’s address on a list of their own at Microsoft 365."),
            _("Ask the recipient to have it taken off."),
            "recipient",
        ),
        says=("customer block list",),
        link=links.MICROSOFT_ERRORS,
    ),
    Cause(
        "microsoft-recipient-rejects",
        Words(
            _("The recipient’s company refuses this server."),
            _("The company at Microsoft 365 set up that mail from this server or country is refused."),
            _("Ask the recipient to have it allowed."),
            "recipient",
        ),
        codes=("7.507",),
        link=links.MICROSOFT_ERRORS,
    ),
    Cause(
        "microsoft-banned-address",
        Words(
            _("Microsoft 365 has banned this server’s address."),
            _(
                "Microsoft saw spam from this address, or from who had it before, and refuses all "
                "mail from it."
            ),
            _("Ask for delisting with the link below; it mostly takes up to two days."),
            "ours",
            "ask-delisting",
        ),
        says=("banned sending ip",),
        link=links.MICROSOFT_DELIST,
    ),
    Cause(
        "microsoft-banned-sender",
        Words(
            _("Microsoft has banned the sender."),
            _("Microsoft saw spam from this sender or server and refuses it."),
            _("Ask for delisting with the link below."),
            "ours",
            "ask-delisting",
        ),
        says=("banned sender", "spam abuse detected"),
        codes=("7.501-503", "7.511"),
        link=links.MICROSOFT_DELIST,
    ),
    Cause(
        "microsoft-throttled",
        Words(
            _("Microsoft slows this server down."),
            _(
                "Microsoft does not know this server well yet, or mistrusts it, and takes only a "
                "little mail at a time."
            ),
            _("Send less for some days. If it stays so, ask Microsoft with the link below."),
            "ours",
            "ask-delisting",
        ),
        says=("rate limited due to ip reputation",),
        link=links.MICROSOFT_SUPPORT,
    ),
    Cause(
        "microsoft-under-watch",
        Words(
            _("Microsoft looks at this server first."),
            _(
                "Microsoft noticed something unusual about this server and lets nothing in until it "
                "has looked. Mostly it ends by itself."
            ),
            _("Send less for some hours."),
            "ours",
        ),
        says=("access denied, please try again later",),
        link=links.MICROSOFT_ERRORS,
    ),
    Cause(
        "microsoft-busy",
        Words(
            _("Microsoft’s server is busy."),
            _("It takes no more mail from here for the moment."),
            "",
            "theirs",
        ),
        says=(
            "server busy. please try again later",
            "agent busy, please try again",
            "temporary server error. please try again later",
            "concurrent connections per",
        ),
        at="microsoft",
        link=links.MICROSOFT_ERRORS,
    ),
    Cause(
        "microsoft-relay-address",
        Words(
            _("Microsoft: sent from an address range that may not."),
            _("Mail came by an address or a customer of Microsoft 365 that is shut out because of spam."),
            _("Ask for delisting with the link below."),
            "ours",
            "ask-delisting",
        ),
        codes=("7.700-749",),
        says=("not accepted from this ip", "exceeded threshold"),
        link=links.MICROSOFT_DELIST,
    ),
    Cause(
        "microsoft-unregistered-domain",
        Words(
            _("Microsoft: the domain is not registered with the sender’s company there."),
            _(
                "It was sent by way of Microsoft 365 in the name of a domain that the company has "
                "not set up there."
            ),
            _("Add the domain in the company’s Microsoft 365."),
            "sender",
        ),
        codes=("7.750",),
        link=links.MICROSOFT_ERRORS,
    ),
)
