"""Outlook.com and Microsoft 365 about the recipient and the mail (microsoft.py: about this server). Pure."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from delivery.explain import links
from delivery.explain.kinds import Cause, Words

CAUSES = (
    Cause(
        "microsoft-no-user",
        Words(
            _("There is no such address at Microsoft."),
            _("The company at Microsoft 365 does not know this address."),
            _("Check the address for a typing mistake."),
            "recipient",
            "fix-address",
        ),
        says=(
            "resolver.adr.recip",
            "resolver.adr.exrecip",
            "recipientnotfound",
            "recipient not found by smtp address lookup",
        ),
        link=links.MICROSOFT_ERRORS,
    ),
    Cause(
        "microsoft-access-denied",
        Words(
            _("There is no such address, or it takes no mail from outside."),
            _(
                "Microsoft 365 says “access denied” for addresses that the company has not made. It "
                "is no block of this server."
            ),
            _("Check the address for a typing mistake, or ask the person for another."),
            "recipient",
            "fix-address",
        ),
        says=("recipient address rejected: access denied",),
        at="microsoft",
        link=links.MICROSOFT_ERRORS,
    ),
    Cause(
        "microsoft-no-outlook-user",
        Words(
            _("There is no such address at Outlook.com."),
            _(
                "Outlook.com or Hotmail does not know this address, or it was not used for so long "
                "that it was closed."
            ),
            _("Check the address for a typing mistake, or ask the person for another."),
            "recipient",
            "fix-address",
        ),
        says=("mailbox unavailable",),
        at="microsoft",
        link=links.MICROSOFT_ERRORS,
    ),
    Cause(
        "microsoft-full",
        Words(
            _("This mailbox at Microsoft is full."),
            _("There is no room left in the recipient’s mailbox or OneDrive."),
            _("Tell them another way; they have to make room."),
            "recipient",
        ),
        says=("quotaexceeded", "mailbox full", "storage quota", "quota exceeded"),
        at="microsoft",
        link=links.MICROSOFT_ERRORS,
    ),
    Cause(
        "microsoft-too-big",
        Words(
            _("It is too big for the recipient’s mailbox."),
            _("The company at Microsoft 365 takes only smaller mails."),
            _("Send a link instead of the attachment."),
            "sender",
        ),
        says=("recipsizelimit", "message too large"),
        at="microsoft",
        link=links.MICROSOFT_ERRORS,
    ),
    Cause(
        "microsoft-too-many-for-one",
        Words(
            _("The recipient gets too much mail just now."),
            _("More mails came in an hour than Microsoft lets into one mailbox."),
            _("Send fewer to this address."),
            "recipient",
        ),
        says=(
            "recipient thread limit exceeded",
            "per hour message receive limit",
            "recipient has exceeded their limit",
        ),
        link=links.MICROSOFT_ERRORS,
    ),
    Cause(
        "microsoft-inside-only",
        Words(
            _("The recipient takes mail from colleagues alone."),
            _(
                "This address, often that of a group, is set up at Microsoft 365 to take mail only "
                "from inside the company or from a list of senders."
            ),
            _("Ask the recipient to have mail from outside allowed."),
            "recipient",
        ),
        codes=("7.12", "7.13", "7.124", "7.133-136"),
        link=links.MICROSOFT_ERRORS,
    ),
    Cause(
        "microsoft-anonymous",
        Words(
            _("Microsoft wanted a sign-in."),
            _(
                "The mail went to a Microsoft server that takes it from signed-in people alone. The "
                "domain’s MX record may be wrong."
            ),
            _("Ask the recipient to have their MX record checked."),
            "recipient",
        ),
        codes=("7.57",),
        says=("client was not authenticated", "anonymous mail"),
        link=links.MICROSOFT_ERRORS,
    ),
    Cause(
        "microsoft-rule",
        Words(
            _("A rule of the recipient’s company refused it."),
            _("The company at Microsoft 365 made a rule that this mail falls under."),
            _("Ask the recipient to have the rule changed."),
            "recipient",
        ),
        says=("transport.rules.reject",),
        link=links.MICROSOFT_ERRORS,
    ),
    Cause(
        "microsoft-domain-not-there",
        Words(
            _("The domain is not set up at Microsoft."),
            _(
                "The MX record leads to Microsoft 365, and no company there has this domain, or its "
                "subscription ended."
            ),
            _("Ask the recipient to have their Microsoft 365 or their MX record mended."),
            "recipient",
        ),
        says=("hosted tenant which has no mail-enabled", "tenantattribution", "tenant or domain not found"),
        link=links.MICROSOFT_ERRORS,
    ),
    Cause(
        "microsoft-from",
        Words(
            _("Microsoft: the From line is not in order."),
            _("The mail has no valid address in its From line. Mostly a website’s program is at fault."),
            _("Have whoever wrote the program that sends it mend it."),
            "sender",
        ),
        codes=("7.512",),
        link=links.MICROSOFT_ERRORS,
    ),
    Cause(
        "microsoft-helo",
        Words(
            _("Microsoft: this server introduced itself wrongly."),
            _("The name that this server gave in greeting cannot be right."),
            _("Tell support."),
            "ours",
        ),
        says=("access denied, bad helo",),
        link=links.MICROSOFT_ERRORS,
    ),
    Cause(
        "microsoft-spam",
        Words(
            _("Microsoft took it for spam."),
            _("Something in this mail looks like spam to the recipient’s filter at Microsoft."),
            _("Change the text and its links, and check SPF, DKIM and DMARC of the domain."),
            "theirs",
        ),
        says=("content filter agent", "message rejected as spam", "spam message", "high confidence spam"),
        at="microsoft",
        link=links.MICROSOFT_ERRORS,
    ),
)
