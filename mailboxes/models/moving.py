"""Addresses that mailboxes had before."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from mailboxes.models.core import Mailbox


class FormerAddress(models.Model):
    """``address``: what ``mailbox`` was called until ``until``. By these people.MailboxUser.since tells apart
    whose deliveries an address had when."""

    mailbox = models.ForeignKey(Mailbox, on_delete=models.CASCADE, related_name="former_addresses")
    address = models.CharField(_("address"), max_length=254, db_collation="C")
    until = models.DateTimeField(_("until"), auto_now_add=True)

    class Meta:
        indexes = [
            models.Index(fields=["mailbox", "-until"], name="former_of_mailbox"),
            models.Index(fields=["address", "until"], name="former_address"),
        ]

    def __str__(self) -> str:
        return self.address
