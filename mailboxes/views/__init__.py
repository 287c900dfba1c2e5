"""Pages of mailboxes. What a person may not see is not there: 404, whatever the verb."""

from mailboxes.views.actions import (
    MailboxDelete,
    MailboxPassword,
    MailboxQuota,
    MailboxRestore,
    MailboxResume,
    MailboxSuspend,
)
from mailboxes.views.lists import MailboxBulk, MailboxList, MailboxNew
from mailboxes.views.one import MailboxPage

__all__ = [
    "MailboxBulk",
    "MailboxDelete",
    "MailboxList",
    "MailboxNew",
    "MailboxPage",
    "MailboxPassword",
    "MailboxQuota",
    "MailboxRestore",
    "MailboxResume",
    "MailboxSuspend",
]
