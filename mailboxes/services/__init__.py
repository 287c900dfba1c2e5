"""What can be done with mailboxes. Each service is one transaction: the change and its pushes."""

from mailboxes.services.dkim import dkim_on_live, dkim_seen, dkim_txt, own_key_ensure
from mailboxes.services.domain import (
    domain_deletable,
    mail_domain_create,
    mail_domain_delete,
    mail_domains_push,
    mail_domains_renew,
)
from mailboxes.services.homes import home_on_live, homes_remove
from mailboxes.services.language import own_language_set
from mailboxes.services.lifecycle import mailbox_delete, mailbox_restore, mailboxes_delete
from mailboxes.services.mailbox import mailbox_create, mailbox_set_password, mailbox_set_quota
from mailboxes.services.own import own_password_set
from mailboxes.services.suspension import (
    mailbox_resume,
    mailbox_suspend,
    mailboxes_resume,
    mailboxes_suspend,
)
from mailboxes.services.tallies import tallies_fold
from mailboxes.services.usage import usage_store

__all__ = [
    "dkim_on_live",
    "dkim_seen",
    "dkim_txt",
    "domain_deletable",
    "home_on_live",
    "homes_remove",
    "mail_domain_create",
    "mail_domain_delete",
    "mail_domains_push",
    "mail_domains_renew",
    "mailbox_create",
    "mailbox_delete",
    "mailbox_restore",
    "mailbox_resume",
    "mailbox_set_password",
    "mailbox_set_quota",
    "mailbox_suspend",
    "mailboxes_delete",
    "mailboxes_resume",
    "mailboxes_suspend",
    "own_key_ensure",
    "own_language_set",
    "own_password_set",
    "tallies_fold",
    "usage_store",
]
