"""The mail that hands the settings of a mailbox to somebody."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from guides.handing.selectors import address_of_share, living
from guides.selectors import settings_for
from notices.kinds import Kind


def links(context: dict[str, Any]) -> dict[str, Any] | None:
    """None: the link was ended, or the mailbox is gone, before the mail left."""
    share = living().filter(pk=context["share"]).first()
    url = address_of_share(share) if share is not None else ""
    if share is None or not url:
        return None
    config = settings_for(share.mailbox.address, domain=share.mailbox.mail_domain.domain)
    return {"servers": config.servers, "url": url}


# share (its key), address, note (lines), by, days; links: servers (rows), url
KIND = Kind(
    name="settings_handed",
    label=gettext_lazy("The settings of a mailbox, sent to a person"),
    subject=lambda context: _("How to set up %(address)s") % context,
    security=True,
    links=links,
)
