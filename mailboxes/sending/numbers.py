"""The five numbers of a sending limit. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from nodeagent import contract

NUMBERS = ("mails_hour", "mails_day", "rcpts_hour", "rcpts_day", "new_day")
MOST = 1_000_000
Numbers = Mapping[str, int | None]

LABELS: dict[str, str | Promise] = {
    "mails_hour": _("Mails in an hour"),
    "mails_day": _("Mails in a day"),
    "rcpts_hour": _("Recipients in an hour"),
    "rcpts_day": _("Recipients in a day"),
    "new_day": _("New recipients in a day"),
}
# Where nobody decided. A mailbox may write to so many whom it never wrote to before (the node knows that by
# itself, so 100,000 mailboxes need no row); a domain and an account to as many as the levels around them let.
# Everything else is held by the account's mails per hour, which every plan has.
DEFAULTS = {"new_day": contract.Limit.NEW_DAY}
