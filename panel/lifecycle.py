"""What spans the apps: a domain is an owner's name, a zone and a place for its mail, and comes and goes as
one."""

from __future__ import annotations

from django.db import transaction

from accounts import services as accounts
from accounts.models import Account, Domain, User
from dnszone import services as dnszone
from mailboxes import services as mailboxes
from provision import selectors as nodes


@transaction.atomic
def domain_create(*, actor: User, account: Account, name: str) -> Domain:
    """Take ``name`` (as typed) into ``account`` with its zone and its mail; all of it or nothing.

    Raises Refused with field ``name`` for a name that cannot be taken, or without a field for a limit.
    """
    domain = accounts.domain_add(actor=actor, account=account, name=name)
    node = nodes.mail_node()
    dnszone.zone_create(actor=actor, domain=domain, mail_node=node)
    mailboxes.mail_domain_create(actor=actor, domain=domain, node=node)
    return domain


@transaction.atomic
def domain_delete(*, actor: User, domain: Domain) -> None:
    """Take the domain away from the nodes and the panel: mailboxes, signing keys, records, then the name
    itself."""
    if hasattr(domain, "mail"):
        mailboxes.mail_domain_delete(actor=actor, mail_domain=domain.mail)
    if hasattr(domain, "zone"):
        dnszone.zone_delete(actor=actor, zone=domain.zone)
    accounts.domain_remove(actor=actor, domain=domain)
