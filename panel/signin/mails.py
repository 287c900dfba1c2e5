"""Mails about a person's own address, through the panel's outbox; their links are made when they are sent."""

from __future__ import annotations

from typing import Any

from allauth.account.models import EmailAddress, EmailConfirmationHMAC
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.branding.select import panel_url_for
from notices import kinds


def confirm_links(context: dict[str, Any]) -> dict[str, Any] | None:
    """Dies when it is used, and with the wish for this address."""
    address = EmailAddress.objects.filter(pk=context["email_address"], verified=False).first()
    if address is None:
        return None
    path = reverse("account_confirm_email", args=[EmailConfirmationHMAC(address).key])
    return {"url": f"{panel_url_for(address.user)}{path}"}


# email_address: its key; links: url
CONFIRM = kinds.Kind(
    name="confirm_address",
    label=gettext_lazy("A new address is to be confirmed"),
    subject=lambda context: _("Is this your address?"),
    security=True,
    links=confirm_links,
)
# before, now: addresses
CHANGED = kinds.Kind(
    name="address_changed",
    label=gettext_lazy("The e-mail address was changed"),
    subject=lambda context: _("The address that you sign in with was changed"),
    security=True,
)
