"""The welcome mail: how to connect to a new mailbox, sent to another address of the person whose it is. Never
its password. What servers there are stands in the mail when it is sent (guides gives it:
kinds.give_links)."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.branding.select import brand_of
from accounts.models import Domain
from notices.kinds import Kind
from notices.services import notice_send

# address, domain (its name), account; links: servers (rows), url
KIND = Kind(
    name="welcome",
    label=gettext_lazy("A new mailbox and how to connect it"),
    subject=lambda context: _("Your mailbox %(address)s") % context,
    security=True,
)


def welcome_send(*, mailbox_address: str, domain: Domain, to: str) -> None:
    """In the caller's transaction; it leaves once that is committed."""
    context = {"address": mailbox_address, "domain": domain.name, "account": domain.account.name}
    notice_send(kind=KIND.name, to=to, context=context, brand=brand_of(domain.account))
