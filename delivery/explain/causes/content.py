"""What is in the mail. Pure."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from delivery.explain.kinds import TRIED, Cause, Words

CAUSES = (
    Cause(
        "virus-there",
        Words(
            _("Their server found harmful software in it."),
            _("Something in this mail, mostly an attachment, is known to harm computers or looks like it."),
            _("Scan the computer it was written on, and send it without the attachment."),
            "sender",
        ),
        says=("virus", "malware", "infected", "trojan", "heuristics.", "clamav", "malicious"),
    ),
    Cause(
        "attachment-refused",
        Words(
            _("Their server does not take this attachment."),
            _("Programs, locked archives and some office files are not let in there."),
            _("Send a link instead of the attachment."),
            "sender",
        ),
        says=(
            "attachment",
            "banned content",
            "banned file",
            "file type",
            "prohibited file",
            "executable",
            "unsafe content",
        ),
    ),
    Cause(
        "letters-not-taken",
        Words(
            _("Their server cannot take letters beyond ASCII."),
            _("An address or a header has letters such as ü, and the receiving server is too old for them."),
            _("Use an address without such letters."),
            "theirs",
            "fix-address",
        ),
        on=TRIED,
        says=("smtputf8", "8bitmime", "8-bit", "non-ascii", "utf-8"),
    ),
    Cause(
        "malformed-mail",
        Words(
            _("The mail is not written as it should be."),
            _("A header is missing or wrong, or lines end wrongly. Mostly a website’s program is at fault."),
            _("Have whoever wrote the program that sends it mend it."),
            "sender",
        ),
        says=(
            "bare lf",
            "bare newline",
            "bare line feed",
            "rfc #",
            "rfc#",
            "not rfc",
            "missing from",
            "from header",
            "message-id",
            "malformed",
            "header",
            "invalid characters",
            "format restriction",
            "duplicate",
            "lines too long",
            "line too long",
            "line length",
            "mime",
            "date:",
        ),
    ),
    Cause(
        "spam-there",
        Words(
            _("Their filter took it for spam."),
            _("Something in the text, the links or the sender looks like spam to the receiving server."),
            _("Change the text and its links, and check SPF, DKIM and DMARC of the domain."),
            "theirs",
        ),
        says=(
            "spam",
            "unsolicited",
            "junk",
            "bulk mail",
            "phish",
            "content rejected",
            "message content",
            "content filter",
            "rejected by content",
            "message contains",
        ),
    ),
)
