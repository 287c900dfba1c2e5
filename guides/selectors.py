"""What the guides read: whose settings, on which host."""

from __future__ import annotations

from django.contrib.auth.models import AnonymousUser
from django.http import Http404
from django.shortcuts import get_object_or_404

from accounts.models import Domain, User
from guides.clientconfig import ClientConfig, client_config
from mailboxes.models import Mailbox

Viewer = User | AnonymousUser
PICK = 25


def domain_with_node(*, user: Viewer, name: str) -> Domain:
    """The domain with ``mail.node`` at hand. Raises Http404 for others' domains and for one without mail
    here."""
    domains = Domain.objects.visible_to(user).select_related("mail__node")
    domain: Domain = get_object_or_404(domains, name=name)
    if not hasattr(domain, "mail"):
        raise Http404
    return domain


def mailbox(*, domain: Domain, local: str) -> Mailbox:
    """A mailbox of a domain that the caller may see. Raises Http404 when there is none by that name."""
    found: Mailbox = get_object_or_404(Mailbox.objects.present(), mail_domain=domain.mail, local=local)
    return found


def mailboxes_to_pick(*, domain: Domain, query: str, after: str) -> tuple[list[Mailbox], str]:
    """Up to PICK mailboxes whose name starts with or contains ``query``, after the name ``after``, and where
    to go on."""
    found = Mailbox.objects.present().filter(mail_domain=domain.mail, local__gt=after).order_by("address")
    if query:
        found = found.filter(local__contains=query.lower())
    page = list(found.only("local", "address")[: PICK + 1])
    more = page[PICK - 1].local if len(page) > PICK else ""
    return page[:PICK], more


def settings_for(address: str, *, domain: Domain) -> ClientConfig:
    node = domain.mail.node
    return client_config(address, host=node.host, ports=node.ports)
