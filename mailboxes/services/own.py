"""What the user of a mailbox does to it, signed in with its password."""

from __future__ import annotations

from django.utils.translation import gettext as _

from lib.errors import Refused
from lib.passwords import matches
from mailboxes.people import MailboxUser
from mailboxes.services.mailbox import mailbox_set_password


def own_password_set(*, user: MailboxUser, present: str, password: str) -> MailboxUser:
    """A new password for one's own mailbox. History has the mailbox itself as who did it. Raises Refused at
    present or password."""
    if not matches(user.password_hash, present):
        raise Refused(_("That is not the mailbox’s password until now. Type it again."), "present")
    if present == password:
        raise Refused(_("That is the password it has already. Choose another one."), "password")
    mailbox_set_password(actor=None, mailbox=user, password=password)
    user.refresh_from_db(fields=["password_hash", "password_set_at"])
    return user
