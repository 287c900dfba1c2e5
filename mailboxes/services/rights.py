"""Whether somebody may do this to these mailboxes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from accounts.access import Right, guard, require
from accounts.models import Domain
from mailboxes.models import Mailbox


def domain_allowed(actor: Any, right: Right, domain: Domain, addresses: Iterable[str] = ()) -> None:
    """Raises Denied without the right, or if one of the addresses is the key of somebody above."""
    if actor is None:
        return
    require(actor, right, account=domain.account, domain=domain)
    guard(actor, list(addresses), domain.account)


def allowed(actor: Any, right: Right, mailboxes: Iterable[Mailbox]) -> None:
    """As ``domain_allowed``: for all of them, or for none."""
    by_domain: dict[int, tuple[Domain, list[str]]] = {}
    for mailbox in mailboxes if actor is not None else ():
        domain = mailbox.mail_domain.domain
        by_domain.setdefault(domain.pk, (domain, []))[1].append(mailbox.address)
    for domain, addresses in by_domain.values():
        domain_allowed(actor, right, domain, addresses)
