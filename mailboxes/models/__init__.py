"""Mail of a domain: where it lives, its mailboxes, what belongs to them. A module a subject."""

from mailboxes.models.access import AppPassword, Identity, WebsiteSender
from mailboxes.models.addresses import Alias, Consent, Forwarding, RoleContact
from mailboxes.models.autoresponder import Autoresponder
from mailboxes.models.bulk import BulkImport, BulkMade, BulkPart, BulkRow
from mailboxes.models.compromise import Compromise
from mailboxes.models.core import (
    GRACE,
    DkimKey,
    Mailbox,
    MailboxQuerySet,
    MailDomain,
    Routing,
    TallyPart,
)
from mailboxes.models.filters import DomainFilter, Filter, MailboxFilter, Match
from mailboxes.models.jobs import Archive, ArchivePart, Job
from mailboxes.models.language import MailboxLanguage
from mailboxes.models.losses import MailboxLoss
from mailboxes.models.moving import FormerAddress
from mailboxes.models.sending import SendingLimit
from mailboxes.models.spam import DomainListEntry, DomainSpam, MailboxListEntry, MailboxSpam
from mailboxes.models.storage import CleanUp, DomainStorageDay, StorageDay, StorageWarning

__all__ = [
    "GRACE",
    "Alias",
    "AppPassword",
    "Archive",
    "ArchivePart",
    "Autoresponder",
    "BulkImport",
    "BulkMade",
    "BulkPart",
    "BulkRow",
    "CleanUp",
    "Compromise",
    "Consent",
    "DkimKey",
    "DomainFilter",
    "DomainListEntry",
    "DomainSpam",
    "DomainStorageDay",
    "Filter",
    "FormerAddress",
    "Forwarding",
    "Identity",
    "Job",
    "MailDomain",
    "Mailbox",
    "MailboxFilter",
    "MailboxLanguage",
    "MailboxListEntry",
    "MailboxLoss",
    "MailboxQuerySet",
    "MailboxSpam",
    "Match",
    "RoleContact",
    "Routing",
    "SendingLimit",
    "StorageDay",
    "StorageWarning",
    "TallyPart",
    "WebsiteSender",
]
