"""Whose values a page of Learn shows: asked of the database, within what the reader may see."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404

from accounts.access import Right, domain_or_404
from accounts.models import Domain
from guides import selectors
from guides.clientconfig import ClientConfig, client_config
from guides.learn.scope import ALL, DOMAIN, OWN, Scope
from guides.learn.values import EXAMPLE
from mailboxes.models import Mailbox
from mailboxes.people import MailboxUser

# As the standards name them (RFC 8314 §7, RFC 6409), for a reader of no domain.
STANDARD = {"submissions": 465, "submission": 587, "imaps": 993, "imap": 143, "pop3s": 995, "pop3": 110}


def for_all(user: Any) -> Scope:
    """With the servers of the reader's first domain; of a reader without any, an example's."""
    rows = Domain.objects.visible_to(user).filter(mail__isnull=False)
    domain = rows.select_related("account__reseller", "mail__node").order_by("pk").first()
    return Scope(kind=ALL, user=user, config=_config(domain, ""))


def for_domain(request: HttpRequest, name: str, local: str = "") -> Scope:
    """``local``: one mailbox of it. Raises Http404 for what is not there or not the reader's, Denied."""
    rows = Domain.objects.select_related("account__reseller", "mail__node", "zone")
    domain = domain_or_404(request, name, Right.SETTINGS, rows)
    mailbox = None
    if local:
        if not hasattr(domain, "mail"):
            raise Http404
        mailbox = get_object_or_404(Mailbox.objects.present(), mail_domain=domain.mail, local=local.lower())
    config = _config(domain if hasattr(domain, "mail") else None, mailbox.address if mailbox else "")
    return Scope(kind=DOMAIN, user=request.user, config=config, domain=domain, mailbox=mailbox)


def for_own(user: MailboxUser) -> Scope:
    domain = user.mail_domain.domain
    return Scope(kind=OWN, user=user, config=_config(domain, user.address), domain=domain, mailbox=user)


def _config(domain: Domain | None, address: str) -> ClientConfig:
    if domain is None:
        return client_config(address, host=f"mail.{EXAMPLE}", ports=STANDARD)
    return selectors.settings_for(address, domain=domain)
