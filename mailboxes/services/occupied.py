"""Addresses that something else than a mailbox has, for work on many at once (taken.register)."""

from __future__ import annotations

from collections.abc import Collection

from lib.said import gettext as _
from mailboxes.models import Alias, WebsiteSender


def of_aliases(addresses: Collection[str]) -> dict[str, str]:
    """A renamed mailbox's old address is one of these too, while mail to it still comes."""
    rows = Alias.objects.filter(address__in=addresses).values_list("address", flat=True)
    return dict.fromkeys(
        rows, _("This address is a forwarder. Delete that one first, or leave this row out.")
    )


def of_websites(addresses: Collection[str]) -> dict[str, str]:
    rows = WebsiteSender.objects.filter(login__in=addresses).values_list("login", flat=True)
    return dict.fromkeys(rows, _("A website signs in with this name. Choose another address."))
