"""Servers that ask strangers to come back (RFC 6647). Pure."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from delivery.explain.kinds import Cause, Words

WHAT = _(
    "Many servers ask one that they see for the first time to come back in a few minutes "
    "(greylisting). Spammers mostly do not; this server does, by itself."
)
CAUSES = (
    Cause(
        "greylisted",
        Words(_("Their server asks to come back in a few minutes."), WHAT, "", "nobody"),
        says=(
            "greylist",
            "graylist",
            "grey-list",
            "grey list",
            "gray list",
            "postgrey",
            "sqlgrey",
            "deferred for policy reasons",
            "you are being",
        ),
    ),
    Cause(
        "asked-to-wait",
        Words(_("Their server says how long to wait."), WHAT, "", "nobody"),
        says=(
            "please try again in",
            "try again in #",
            "retry in",
            "come back in",
            "please retry after",
            "try again after",
        ),
    ),
)
