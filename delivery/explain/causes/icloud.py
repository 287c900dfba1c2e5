"""Apple's iCloud Mail. Texts: "Postmaster information for iCloud Mail" and lines seen in logs. Pure."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from delivery.explain import links
from delivery.explain.kinds import Cause, Words

CAUSES = (
    Cause(
        "icloud-policy",
        Words(
            _("iCloud refuses it by its rules."),
            _(
                "Apple’s filter did not like this mail or this server. It does not say more; links, "
                "missing proof of the sender and complaints are common reasons."
            ),
            _(
                "Check SPF, DKIM and DMARC of the domain and the links in the text; then write to "
                "Apple with the link below."
            ),
            "theirs",
        ),
        says=("[cs01]", "[cs02]", "[hm07]", "[hm08]", "message rejected due to local policy"),
        link=links.APPLE,
    ),
    Cause(
        "icloud-spam",
        Words(
            _("iCloud took it for spam."),
            _("Something in the text of this mail looks like spam to Apple’s filter."),
            _("Change the text and its links."),
            "theirs",
        ),
        says=("message content rejected due to spam",),
        link=links.APPLE,
    ),
    Cause(
        "icloud-link-listed",
        Words(
            _("iCloud: a link in it is on a blocklist."),
            _("The mail names a domain that is on Spamhaus’s list of domains of spammers."),
            _("Remove the link, or have the domain taken off the list."),
            "sender",
            "ask-delisting",
        ),
        says=("domain present in the spamhaus dbl",),
        link=links.SPAMHAUS,
    ),
    Cause(
        "icloud-too-much",
        Words(
            _("iCloud takes no more for this address just now."),
            _("Too much mail came for this recipient in a short time."),
            _("Send fewer to this address."),
            "recipient",
        ),
        says=("deferred due to excessive volume",),
        link=links.APPLE,
    ),
    Cause(
        "icloud-inactive",
        Words(
            _("This iCloud address is switched off."),
            _("Its owner switched the address off or no longer has it."),
            _("Ask the person for another address."),
            "recipient",
            "fix-address",
        ),
        says=("inactive email address",),
        link=links.APPLE,
    ),
    Cause(
        "icloud-dmarc",
        Words(
            _("iCloud: the domain’s own rule forbids this mail."),
            _(
                "The domain in the From line says in DNS (DMARC) that unproven mail in its name is "
                "to be refused, and neither SPF nor DKIM proved this one."
            ),
            _("Have the domain’s mail signed with DKIM."),
            "sender",
            "sign-dkim",
        ),
        says=("dmarc policy",),
        at="apple",
        link=links.APPLE,
    ),
)
