"""Whether somebody may do this to these mailboxes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext as _

from accounts.access import Right, guard, require
from accounts.models import Domain
from lib.errors import Denied
from mailboxes.models import Mailbox
from mailboxes.people import MailboxUser


def domain_allowed(actor: Any, right: Right, domain: Domain, addresses: Iterable[str] = ()) -> None:
    """Raises Denied without the right, or if one of the addresses is the key of somebody above."""
    if actor is None:
        return
    require(actor, right, account=domain.account, domain=domain)
    guard(actor, list(addresses), domain.account)


def own_or_allowed(actor: Any, right: Right, mailbox: Mailbox) -> None:
    """For what a mailbox's own user may do to it too (people.MailboxUser). Raises Denied."""
    if not isinstance(actor, MailboxUser):
        allowed(actor, right, [mailbox])
    elif actor.pk != mailbox.pk:
        raise Denied(_("This is not your mailbox."))


def person(actor: Any) -> Any:
    """``actor`` as pushes keep it: a User, or None for the panel and for mailbox users."""
    return None if isinstance(actor, MailboxUser) else actor


def allowed(actor: Any, right: Right, mailboxes: Iterable[Mailbox]) -> None:
    """As ``domain_allowed``: for all of them, or for none."""
    by_domain: dict[int, tuple[Domain, list[str]]] = {}
    for mailbox in mailboxes if actor is not None else ():
        domain = mailbox.mail_domain.domain
        by_domain.setdefault(domain.pk, (domain, []))[1].append(mailbox.address)
    for domain, addresses in by_domain.values():
        domain_allowed(actor, right, domain, addresses)
