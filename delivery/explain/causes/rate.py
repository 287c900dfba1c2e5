"""Too much at a time. Pure."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from delivery.explain.kinds import Cause, Words

SLOW = _("Send newsletters in small portions.")
CAUSES = (
    Cause(
        "recipient-gets-too-much",
        Words(
            _("The recipient gets too much mail just now."),
            _("More mail came for this address than their server lets through in a short time."),
            _("Send fewer to this address."),
            "recipient",
        ),
        says=(
            "received too much email",
            "mailbox received too much",
            "user is receiving",
            "recipient is receiving",
            "too many messages for this recipient",
            "recipient rate",
        ),
    ),
    Cause(
        "too-many-connections",
        Words(
            _("Too many connections at once for their server."),
            _("This server had more mails for it at the same time than it takes."),
            "",
            "ours",
        ),
        says=(
            "too many connections",
            "too many concurrent",
            "too many sessions",
            "concurrent connections",
            "connection limit",
            "too many simultaneous",
            "maximum connections",
            "concurrent sessions",
            "connections from your",
        ),
    ),
    Cause(
        "slowed-down",
        Words(
            _("Their server wants fewer mails at a time."),
            _("The receiving server slows us down because many mails came at once."),
            SLOW,
            "ours",
        ),
        says=(
            "rate limit",
            "rate-limit",
            "ratelimit",
            "throttl",
            "too many messages",
            "too many emails",
            "too many mails",
            "too much mail",
            "too fast",
            "slow down",
            "sending limit",
            "message limit",
            "limit exceeded",
            "exceeded the limit",
            "hourly limit",
            "daily limit",
            "too frequent",
            "too often",
            "excessive",
            "unusual rate",
            "rate exceeded",
            "traffic",
            "volume",
            "too many errors",
            "messages per",
            "mails per",
        ),
    ),
)
