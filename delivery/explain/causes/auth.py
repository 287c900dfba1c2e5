"""Proof of who sent it, and of which server this is: SPF (RFC 7208), DKIM (RFC 6376), DMARC (RFC 7489), ARC
(RFC 8617), names in DNS, HELO. Codes: RFC 7372, RFC 8616. Pure."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from delivery.explain.kinds import Cause, Words

NAME = _("Tell support: the provider of this server has to set its reverse DNS.")
CAUSES = (
    Cause(
        "unproven-sender",
        Words(
            _("They could not tell that it was you."),
            _(
                "The receiving server wants proof of who sent a mail, by SPF or DKIM, and found none "
                "that holds."
            ),
            _("Set up SPF and DKIM for the domain."),
            "sender",
            "add-spf",
        ),
        codes=("7.26",),
    ),
    Cause(
        "address-has-new-owner",
        Words(
            _("The address belongs to somebody else now."),
            _(
                "The mail was meant for whoever had the address before, and the receiving server "
                "says that it has changed hands."
            ),
            _("Ask the person for another address."),
            "recipient",
            "fix-address",
        ),
        codes=("7.17", "7.18"),
    ),
    Cause(
        "dmarc-refused",
        Words(
            _("The domain’s own rule forbids this mail."),
            _(
                "The domain in the From line says in DNS (DMARC) that unproven mail in its name is "
                "to be refused, and neither SPF nor DKIM proved this one."
            ),
            _("Have the domain’s mail signed with DKIM."),
            "sender",
            "sign-dkim",
        ),
        says=("dmarc",),
    ),
    Cause(
        "spf-broken",
        Words(
            _("The SPF record is broken."),
            _(
                "The domain’s SPF record has a mistake, or needs more look-ups in DNS than the ten "
                "that are allowed."
            ),
            _("Mend the SPF record."),
            "sender",
            "add-spf",
        ),
        says=(
            "spf permerror",
            "spf perm",
            "spf record is invalid",
            "spf: permanent error",
            "too many dns lookups",
        ),
    ),
    Cause(
        "spf-refused",
        Words(
            _("This server is not in the domain’s SPF record."),
            _("The domain’s SPF record lists who may send for it, and this server is not on that list."),
            _("Add this server to the SPF record."),
            "sender",
            "add-spf",
        ),
        says=(
            "spf fail",
            "spf check",
            "spf valid",
            "spf record",
            "spf policy",
            "sender policy framework",
            "openspf",
            "spf:",
            "spf ",
            "(spf)",
            "client host rejected: spf",
            "not permitted to send mail from",
            "is not allowed to send mail from",
            "not authorized to send mail from",
        ),
    ),
    Cause(
        "dkim-refused",
        Words(
            _("There was no DKIM signature that holds."),
            _(
                "The signature under the mail is missing or was damaged on the way, and their server "
                "wants one."
            ),
            _("Have the domain’s mail signed with DKIM."),
            "sender",
            "sign-dkim",
        ),
        says=("dkim",),
    ),
    Cause(
        "arc-refused",
        Words(
            _("The chain of proofs was broken."),
            _("The mail was forwarded, and the proofs that forwarders add (ARC) do not hold."),
            "",
            "theirs",
        ),
        says=("arc validation", "arc chain", "arc failed"),
    ),
    Cause(
        "name-missing",
        Words(
            _("This server has no proper name in DNS."),
            _(
                "The receiving server wants the name of this server’s address (reverse DNS) to exist "
                "and to fit."
            ),
            NAME,
            "ours",
        ),
        says=(
            "reverse dns",
            "reverse hostname",
            "find your hostname",
            "rdns",
            "ptr record",
            "ptr-record",
            "no ptr",
            "dns ptr",
            "valid ptr",
            "dynamic ip",
            "generic dns",
            "reverse lookup",
            "fcrdns",
            "resolve your address",
            "unresolvable relay host",
            "name lookup failed",
        ),
    ),
    Cause(
        "greeting-refused",
        Words(
            _("Their server does not like how this one introduces itself."),
            _(
                "The name that this server gives in greeting (HELO) does not exist or does not fit "
                "for their server."
            ),
            _("Tell support."),
            "ours",
        ),
        says=("helo", "ehlo"),
    ),
    Cause(
        "their-sign-in",
        Words(
            _("Their server wants a sign-in."),
            _(
                "The mail went to a server that takes it from signed-in people alone. The domain’s "
                "MX record is probably wrong."
            ),
            _("Tell the recipient: their DNS has to be mended."),
            "theirs",
        ),
        says=(
            "authentication required",
            "authentication is required",
            "smtp auth",
            "smtp authentication",
            "must authenticate",
            "please authenticate",
            "requires authentication",
            "sender not authenticated",
            "not authenticated",
        ),
    ),
    Cause(
        "sender-refused",
        Words(
            _("Their server does not take this sender."),
            _("It refuses the sender’s address or domain by a rule of its own."),
            _("Ask the recipient to have the sender allowed."),
            "theirs",
        ),
        says=(
            "sender address rejected",
            "sender rejected",
            "sender denied",
            "sender not allowed",
            "invalid sender",
            "bad sender",
            "sender domain",
            "envelope sender",
            "mail from domain",
            "from address",
            "return path",
            "sender is not",
            "sender refused",
            "unknown sender",
            "sender unknown",
        ),
    ),
)
