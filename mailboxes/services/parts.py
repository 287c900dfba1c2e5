"""What else a mailbox or a domain has on its node, so that it goes, comes back and moves with it.

Each subject (forwarders, app passwords, filters …) registers one Part in ``AppConfig.ready``; what deletes,
restores, renames or moves a mailbox knows none of them by name."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from mailboxes.models import Mailbox, MailDomain
from provision.services import Wanted


class Part(Protocol):
    """``of_mailboxes``: the states that belong to these mailboxes under the addresses that they have now, or
    (``absent``) the wish that each be absent. ``of_domain``: those of the domain itself, mailboxes' not
    included. Both are asked inside the transaction that changes the rows, before a deletion of the rows."""

    def of_mailboxes(self, mailboxes: Sequence[Mailbox], *, absent: bool) -> list[Wanted]: ...

    def of_domain(self, mail_domain: MailDomain, *, absent: bool) -> list[Wanted]: ...


Newcomers = Callable[[Sequence[MailDomain], Sequence[str]], list[Wanted]]
"""What changes when mailboxes come to be at these addresses of these domains, besides what hangs on the
mailboxes themselves: of those that were just made nothing does."""

_parts: list[Part] = []
_newcomers: list[Newcomers] = []


def register(part: Part) -> None:
    if not any(type(known) is type(part) for known in _parts):
        _parts.append(part)


def register_newcomers(asked: Newcomers) -> None:
    if asked not in _newcomers:
        _newcomers.append(asked)


def newcomers_wanted(mail_domains: Sequence[MailDomain], addresses: Sequence[str]) -> list[Wanted]:
    """For mailboxes made by the thousand; ``mailbox_parts`` says the same of one, and more slowly."""
    return [wanted for asked in _newcomers for wanted in asked(mail_domains, addresses)]


def mailbox_parts(mailboxes: Sequence[Mailbox], *, absent: bool) -> list[Wanted]:
    """Of all subjects."""
    if not mailboxes:
        return []
    return [wanted for part in _parts for wanted in part.of_mailboxes(mailboxes, absent=absent)]


def domain_parts(mail_domain: MailDomain, *, absent: bool) -> list[Wanted]:
    return [wanted for part in _parts for wanted in part.of_domain(mail_domain, absent=absent)]
