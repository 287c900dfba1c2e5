"""What an account may still have. Whoever takes from a limit holds accounts.services.account_lock."""

from __future__ import annotations

from django.utils.translation import gettext as _

from accounts.models import Account
from accounts.selectors import who_can_raise
from lib.errors import Refused
from lib.templatetags.ui import mb
from mailboxes.selectors import Room


def count_check(account: Account, room: Room) -> None:
    """Raises Refused unless one more mailbox fits."""
    if room.mailboxes >= room.max_mailboxes:
        text = _(
            "%(account)s may have %(most)d mailboxes and has %(now)d. Delete one, or ask %(who)s for more."
        )
        values = {
            "account": account.name,
            "most": room.max_mailboxes,
            "now": room.mailboxes,
            "who": who_can_raise(account),
        }
        raise Refused(text % values, "local")


def storage_check(account: Account, room: Room, more_mb: int) -> None:
    """Raises Refused unless ``more_mb`` more of storage fit."""
    if more_mb > room.free_mb:
        text = _(
            "%(account)s has %(most)s of storage and has given out %(now)s, so %(free)s is left. "
            "Choose less, or ask %(who)s for more."
        )
        values = {
            "account": account.name,
            "most": mb(room.max_storage_mb),
            "now": mb(room.storage_mb),
            "free": mb(room.free_mb),
            "who": who_can_raise(account),
        }
        raise Refused(text % values, "quota_mb")
