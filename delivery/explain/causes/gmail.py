"""Gmail and Google Workspace. Texts: Google's "Gmail SMTP errors and codes"
(support.google.com/a/answer/3726730) and lines seen in logs. Pure."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from delivery.explain import links
from delivery.explain.kinds import Cause, Words

RATE = _("Gmail slows us down.")
CAUSES = (
    Cause(
        "gmail-dmarc",
        Words(
            _("Gmail: the domain’s own rule forbids this mail."),
            _(
                "The domain in the From line says in DNS (DMARC) that unproven mail in its name is "
                "to be refused, and this mail had no SPF or DKIM proof that fits it."
            ),
            _("Have the domain’s mail signed with DKIM."),
            "sender",
            "sign-dkim",
        ),
        says=("due to domain's dmarc policy",),
        link=links.GOOGLE_DMARC,
    ),
    Cause(
        "gmail-spf-hardfail",
        Words(
            _("Gmail: this server is not in the domain’s SPF record."),
            _(
                "The domain’s SPF record lists who may send for it and says that nobody else may. "
                "This server is not on that list."
            ),
            _("Add this server to the SPF record."),
            "sender",
            "add-spf",
        ),
        says=("hard fail policy",),
        at="google",
        link=links.GOOGLE_SENDERS,
    ),
    Cause(
        "gmail-spf-suspicious",
        Words(
            _("Gmail: something in the SPF record looks wrong."),
            _(
                "Gmail found entries in the domain’s SPF record that spammers use, such as one that "
                "allows everybody."
            ),
            _("Check the SPF record and remove what nobody needs."),
            "sender",
            "add-spf",
        ),
        says=("spf record of the sending domain has one or more suspicious",),
        link=links.GOOGLE_SENDERS,
    ),
    Cause(
        "gmail-bulk-spf",
        Words(
            _("Gmail: SPF did not pass."),
            _("Gmail wants those who send much mail to pass SPF, and this mail did not."),
            _("Add this server to the SPF record."),
            "sender",
            "add-spf",
        ),
        codes=("7.27",),
        at="google",
        link=links.GOOGLE_SENDERS,
    ),
    Cause(
        "gmail-bulk-dkim",
        Words(
            _("Gmail: there was no valid DKIM signature."),
            _("Gmail wants those who send much mail to sign it, and this mail had no signature that holds."),
            _("Have the domain’s mail signed with DKIM."),
            "sender",
            "sign-dkim",
        ),
        codes=("7.30",),
        at="google",
        link=links.GOOGLE_SENDERS,
    ),
    Cause(
        "gmail-alignment",
        Words(
            _("Gmail: the proof is for another domain."),
            _("SPF or DKIM passed, but for another domain than the one in the From line."),
            _("Sign with DKIM for the domain that stands in the From line."),
            "sender",
            "sign-dkim",
        ),
        codes=("7.32", "7.40"),
        at="google",
        link=links.GOOGLE_SENDERS,
    ),
    Cause(
        "gmail-ptr",
        Words(
            _("Gmail: this server’s name in DNS is missing or wrong."),
            _(
                "Gmail looks up the name of the sending server’s address (reverse DNS) and found "
                "none that fits."
            ),
            _("Tell support: the provider of this server has to set its reverse DNS."),
            "ours",
        ),
        says=(
            "regarding ptr records",
            "missing a ptr record",
            "have a ptr record",
            "does not match the sending domain",
            "ptr record",
        ),
        at="google",
        link=links.GOOGLE_SENDERS,
    ),
    Cause(
        "gmail-tls",
        Words(
            _("Gmail: the connection was not encrypted."),
            _("Gmail wants mail over an encrypted connection from those who send much."),
            _("Tell support."),
            "ours",
        ),
        codes=("7.29",),
        at="google",
        link=links.GOOGLE_SENDERS,
    ),
    Cause(
        "gmail-unauthenticated",
        Words(
            _("Gmail could not tell that it was you."),
            _("Gmail wants proof of who sent a mail, by SPF or DKIM, and found neither."),
            _("Set up SPF and DKIM for the domain."),
            "sender",
            "add-spf",
        ),
        says=(
            "requires all senders to authenticate",
            "authentication information",
            "because it is unauthenticated",
            "sender is unauthenticated",
            "must pass either spf",
        ),
        at="google",
        link=links.GOOGLE_SENDERS,
    ),
    Cause(
        "gmail-unusual-rate",
        Words(
            RATE,
            _(
                "More mail than usual came to Gmail from here at once, or people there called some "
                "of it spam. Gmail takes less for a while, mostly some hours."
            ),
            _("Send newsletters in small portions, and only to people who asked for them."),
            "ours",
        ),
        says=("an unusual rate of", "unusual amount of"),
        at="google",
        link=links.GOOGLE_SENDERS,
    ),
    Cause(
        "gmail-low-reputation",
        Words(
            _("Gmail mistrusts this server or domain."),
            _(
                "People at Gmail called much of what came from this server or domain spam, so Gmail "
                "lets little of it in."
            ),
            _(
                "Send only what people want, with SPF, DKIM and DMARC in place. Trust comes back "
                "within days or weeks."
            ),
            "ours",
        ),
        says=("very low reputation", "reputation of the sending"),
        at="google",
        link=links.GOOGLE_SENDERS,
    ),
    Cause(
        "gmail-harmful-attachment",
        Words(
            _("Gmail: an attachment or link looks dangerous."),
            _("Gmail takes no programs, no locked archives and nothing that may carry harmful software."),
            _("Remove the attachment and send a link to it instead."),
            "sender",
        ),
        says=("potential security issue", "to review our message content and attachment content guidelines"),
        at="google",
        link=links.GOOGLE_FILES,
    ),
    Cause(
        "gmail-spam",
        Words(
            _("Gmail took it for spam."),
            _("Something in this mail, or in what came from here before, looks like spam to Gmail."),
            _("Change the text and its links, and check SPF, DKIM and DMARC of the domain."),
            "theirs",
        ),
        says=(
            "likely unsolicited mail",
            "is likely suspicious",
            "likely spam",
            "message has been blocked because",
            "blocked this message",
        ),
        at="google",
        link=links.GOOGLE_SENDERS,
    ),
    Cause(
        "gmail-malformed",
        Words(
            _("Gmail: the mail is not written as it should be."),
            _(
                "A header is missing, there twice or not readable, such as From or Message-ID. "
                "Mostly a website’s program is at fault."
            ),
            _("Have whoever wrote the program that sends it mend it."),
            "sender",
        ),
        says=(
            "rfc # compliant",
            "missing a valid address in the from",
            "multiple addresses in from",
            "missing a valid message-id",
        ),
        at="google",
        link=links.GOOGLE_ERRORS,
    ),
)
