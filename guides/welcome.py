"""What the welcome mail of a new mailbox says of its servers: made when it is sent."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from accounts.branding.select import panel_url_for
from accounts.models import Domain
from guides.selectors import settings_for
from mailboxes.models import Mailbox


def links(context: dict[str, Any]) -> dict[str, Any] | None:
    """None: the mailbox is gone meanwhile. ``servers`` as in guides.clientconfig."""
    rows = Domain.objects.select_related("account__reseller", "mail__node")
    domain = rows.filter(name=context["domain"], mail__isnull=False).first()
    if domain is None or not Mailbox.objects.present().filter(address=context["address"]).exists():
        return None
    config = settings_for(context["address"], domain=domain)
    return {"servers": config.servers, "url": f"{panel_url_for(domain.account)}{reverse('own')}"}
