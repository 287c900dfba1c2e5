"""Refusals that give little reason: the last to be looked for. Pure."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from delivery.explain.kinds import TRIED, Cause, Words

CAUSES = (
    Cause(
        "bad-reputation",
        Words(
            _("Their server mistrusts this one."),
            _(
                "The receiving server or its filter has had bad experience with this server’s "
                "address or domain."
            ),
            _("Tell support if it happens with other recipients too."),
            "ours",
            "ask-delisting",
        ),
        says=("reputation", "untrusted", "suspicious", "poor sender", "bad sender score"),
    ),
    Cause(
        "address-blocked",
        Words(
            _("Their server has blocked this one."),
            _("The receiving server turns away this server’s address by a list of its own."),
            _("Tell support: the provider of this server has to write to them."),
            "ours",
            "ask-delisting",
        ),
        says=(
            "no access for this ip",
            "no access from",
            "client host",
            "your ip",
            "ip address",
            "your host",
            "your server",
            "your network",
            "host rejected",
            "ip blocked",
            "blocked ip",
            "banned",
            "is blocked",
            "has been blocked",
            "ip has been",
            "connection from",
            "ip #",
            "[#] blocked",
        ),
    ),
)
LAST = (
    Cause(
        "refused-by-policy",
        Words(
            _("Their server refuses it by its own rules."),
            _("The receiving server does not take this mail and says only that a rule forbids it."),
            _("Ask the recipient to have the sender allowed."),
            "theirs",
        ),
        says=(
            "policy",
            "policies",
            "administrative",
            "prohibited",
            "not authorized",
            "not permitted",
            "not allowed",
            "security",
            "blocked",
            "violation",
            "restricted",
            "denied",
            "refused",
            "rejected",
            "rejecting",
            "unacceptable",
            "forbidden",
            "disallowed",
        ),
    ),
    Cause(
        "not-understood",
        Words(
            _("Both servers did not understand each other."),
            _("The receiving server stumbled over a command, as servers do that are broken or very old."),
            _("Tell the recipient: their mail administrator has to mend it."),
            "theirs",
        ),
        on=TRIED,
        says=(
            "command not recognized",
            "command unrecognized",
            "unrecognized command",
            "syntax error",
            "command failed",
            "command not implemented",
            "bad sequence",
            "bad command",
            "invalid command",
            "protocol error",
            "not implemented",
            "out of order",
        ),
    ),
)
