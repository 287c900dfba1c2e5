"""What their server says of itself and says to everybody: looked for late, for many a known answer ends like
that. Pure."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from delivery.explain.kinds import TRIED, Cause, Words

TELL = _("If it goes on for a day: tell the recipient another way.")
CAUSES = (
    Cause(
        "their-server-busy",
        Words(
            _("Their server is busy."),
            _("It takes no more connections or mails for the moment."),
            TELL,
            "theirs",
            "retry-now",
        ),
        on=TRIED,
        says=(
            "too busy",
            "server busy",
            "overloaded",
            "out of connection slots",
            "service not available",
            "service currently unavailable",
            "not accepting network messages",
            "system load",
            "all server ports are busy",
        ),
    ),
    Cause(
        "their-trouble",
        Words(
            _("Their server has trouble of its own."),
            _("Something on the receiving server does not work at the moment. It says so itself."),
            TELL,
            "theirs",
            "retry-now",
        ),
        on=TRIED,
        says=(
            "local error",
            "internal error",
            "internal server error",
            "temporary lookup",
            "lookup failure",
            "configuration error",
            "server configuration",
            "queue file write",
            "temporarily unavailable",
            "temporary failure",
            "temporary error",
            "temporary problem",
            "database",
            "system error",
            "unexpected failure",
            "technical difficulties",
            "unable to check",
            "service unavailable",
        ),
    ),
    Cause(
        "asked-to-try-later",
        Words(
            _("Their server says “not now”."),
            _(
                "It asks to try again later and gives no reason. That is often greylisting, or too "
                "much mail at once."
            ),
            TELL,
            "theirs",
        ),
        on=TRIED,
        says=(
            "try again later",
            "try later",
            "temporarily rejected",
            "temporarily deferred",
            "temporarily reject",
            "please retry later",
            "retry later",
        ),
    ),
    Cause(
        "not-accepting-mail",
        Words(
            _("Their server takes no mail."),
            _("It answers, and says that it receives nothing (RFC 7504)."),
            _("Check the domain for a typing mistake."),
            "recipient",
            "fix-address",
        ),
        on=TRIED,
        says=(
            "does not accept mail",
            "doesn't accept mail",
            "no smtp service here",
            "server does not accept mail",
            "not accepting connections",
        ),
    ),
    Cause(
        "refused-at-greeting",
        Words(
            _("Their server refuses this one at the door."),
            _("It hung up as soon as it saw this server’s address, so its filter mistrusts the address."),
            _("Tell support."),
            "ours",
            "ask-delisting",
        ),
        on=TRIED,
        says=(
            "no smtp service",
            "connection denied",
            "connection rejected",
            "connection not authorized",
            "go away",
            "access not allowed",
        ),
    ),
)
