"""What stands in DNS about the recipient's or the sender's domain. Pure."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from delivery.explain.kinds import Cause, Words

CHECK = _("Check the domain after the @ for a typing mistake.")
CAUSES = (
    Cause(
        "sender-null-mx",
        Words(
            _("The sender’s domain takes no answers."),
            _(
                "The sender’s domain says in DNS that it receives no mail (null MX), and their "
                "server takes nothing from such senders."
            ),
            _("Send as a domain that receives mail."),
            "sender",
            "open-routing",
        ),
        codes=("7.27",),
        says=("null mx",),
    ),
    Cause(
        "dns-later",
        Words(
            _("Their domain cannot be looked up now."),
            _(
                "The DNS servers of the recipient’s domain do not answer, so nobody can say where "
                "its mail goes."
            ),
            _("If it goes on for a day: tell the recipient another way."),
            "theirs",
            "retry-now",
        ),
        at="postfix",
        says=(
            "host not found, try again",
            "server failure",
            "temporary failure in name resolution",
            "no correct answer",
        ),
    ),
    Cause(
        "null-mx",
        Words(
            _("That domain takes no mail."),
            _("The domain says in DNS that it receives no mail at all (null MX, RFC 7505)."),
            CHECK,
            "recipient",
            "fix-address",
        ),
        says=("does not accept mail (nullmx)", "null mx", "nullmx"),
    ),
    Cause(
        "no-such-domain",
        Words(
            _("That domain does not exist, or has no mail server."),
            _("DNS knows no server that receives mail for the part after the @."),
            CHECK,
            "recipient",
            "fix-address",
        ),
        at="postfix",
        says=(
            "host or domain name not found",
            "host not found",
            "domain not found in dns",
            "no such domain",
            "unknown host",
            "nonexistent domain",
            "domain does not exist",
        ),
    ),
    Cause(
        "mx-without-address",
        Words(
            _("Their domain names a mail server that does not exist."),
            _("The MX record of the recipient’s domain leads to a name without an address."),
            _("Tell the recipient: their DNS has to be mended."),
            "theirs",
        ),
        at="postfix",
        says=(
            "no mx host for",
            "has no valid mail exchanger",
            "unable to look up mail exchanger",
            "as mail exchanger",
        ),
    ),
    Cause(
        "mx-is-number",
        Words(
            _("Their domain’s MX record is wrong."),
            _("An MX record must hold a server’s name, and this one holds a number or nonsense."),
            _("Tell the recipient: their DNS has to be mended."),
            "theirs",
        ),
        at="postfix",
        says=(
            "numeric domain name in resource data",
            "malformed dns server reply",
            "valid hostname",
            "malformed domain",
        ),
    ),
    Cause(
        "sender-domain-unknown",
        Words(
            _("Their server cannot find the sender’s domain."),
            _("It looked up the part after the @ of the sender and found nothing that could take an answer."),
            _("Make sure that the sender’s domain exists and has an MX record."),
            "sender",
        ),
        says=(
            "sender address rejected: domain not found",
            "domain of sender address",
            "sender domain must",
            "sender domain does not",
            "sender domain resolve",
            "envelope sender domain must exist",
            "no a, aaaa, or mx",
            "cannot resolve sender",
            "domain may not exist or dns check failed",
            "sender domain not found",
            "unresolvable sender",
        ),
    ),
)
