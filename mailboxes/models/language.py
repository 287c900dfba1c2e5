"""How the panel speaks to the user of a mailbox."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from mailboxes.models.core import Mailbox


class MailboxLanguage(models.Model):
    """The language that a mailbox's own user chose, for pages on every device and for the panel's mails to
    the mailbox. No row: none was chosen. Kept out of the history: it says nothing about mail."""

    mailbox = models.OneToOneField(Mailbox, on_delete=models.CASCADE, related_name="language_chosen")
    language = models.CharField(_("language"), max_length=12)

    def __str__(self) -> str:
        return f"{self.mailbox}: {self.language}"
